"""How the providers and their routes are and did, for the admin's pages: a few statements for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations import figures
from generations.admin import testing, words
from generations.admin.words import NOTHING
from generations.figures import DAY, HOUR, WEEK, Figures
from generations.models import ProviderAccount, Route
from generations.models.provider import lost_today
from generations.providers import registry

Tone = Literal["good", "waiting", "bad", "off"]
Circuit = ProviderAccount.Circuit

SPANS = {
    "1h": (HOUR, gettext_lazy("1 hour")),
    "24h": (DAY, gettext_lazy("24 hours")),
    "7d": (WEEK, gettext_lazy("7 days")),
}
USUAL_SPAN = "24h"

MEANINGS = {
    gettext_lazy("Requests"): gettext_lazy("Sent to the provider, and how many of them have ended by now."),
    gettext_lazy("Success"): gettext_lazy("Of those that ended: delivered with at least one picture."),
    gettext_lazy("Filtered"): gettext_lazy("Of those that ended: refused for their content."),
    gettext_lazy("Partial"): gettext_lazy("Of those that ended: delivered with fewer pictures than were asked for."),
    gettext_lazy("Latency"): gettext_lazy(
        "From sent to ready pictures: half of them took less than the first figure, 95 % less than the other."
    ),
    gettext_lazy("Spend"): gettext_lazy(
        "What the pictures cost us. Estimated is what the route's cost says where the vendor says nothing."
    ),
    gettext_lazy("Unknown"): gettext_lazy("Their answer was lost: they may have been made, and paid for."),
    gettext_lazy("Late"): gettext_lazy("Made after we had given up. Nobody is charged for them; we may be."),
    gettext_lazy("In flight"): gettext_lazy("At the provider now, of the most that may be."),
    gettext_lazy("Balance"): gettext_lazy("What is left in our account, as the vendor last said."),
}


@dataclass(frozen=True, slots=True)
class Health:
    """Whether requests go to a provider, in words."""

    tone: Tone
    word: str
    detail: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its name and a note."""

    label: str
    text: str
    note: str = ""
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A provider with its figures."""

    account: ProviderAccount
    health: Health
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route with its figures."""

    route: Route
    health: Health
    cells: list[Cell]

    @property
    def button(self) -> str:
        """What tests it."""
        return testing.button(self.route)


def rows(span: str, names: Iterable[str] | None = None) -> list[Row]:
    """Of each of these providers, or of all that the environment configures."""
    found = registry.enabled() if names is None else names
    accounts = list(ProviderAccount.objects.current().filter(name__in=found))
    known = [account.name for account in accounts]
    told, lost = figures.by_provider(known, SPANS[span][0]), lost_today(known)
    return [_row(account, told.get(account.name, figures.NOTHING), lost) for account in accounts]


def route_rows(provider: str, span: str) -> list[RouteRow]:
    """Of each of a provider's routes."""
    told = figures.by_route(provider, SPANS[span][0])
    routes = Route.objects.filter(provider=provider).select_related("model").order_by("model__position", "priority")
    return [RouteRow(route, standing(route), _cells(told.get(route.pk, figures.NOTHING))) for route in routes]


def health(account: ProviderAccount) -> Health:
    """Whether requests go there; when not, until when and why."""
    reason = account.last_error if account.failures or account.circuit != Circuit.CLOSED else ""
    if not account.enabled:
        return Health("off", _("Switched off"), _("Nothing new is sent there."), reason)
    again = _("tried again %(ago)s, at %(clock)s") % _moment(account.resume_at) if account.resume_at else ""
    match account.circuit:
        case Circuit.PAUSED:
            return Health("waiting", _("Paused by the vendor"), again, reason)
        case Circuit.OPEN:
            return Health("bad", _("Circuit open"), again, reason)
        case Circuit.HALF_OPEN:
            return Health("waiting", _("Circuit half open"), _probe(account), reason)
    failed = ""
    if account.failures:
        failed = ngettext("%(n)s failure", "%(n)s failures in a row", account.failures) % {"n": account.failures}
    return Health("waiting" if failed else "good", _("In service"), failed, reason)


def standing(route: Route) -> Health:
    """Whether requests take this route, as far as the route itself goes."""
    if route.provider not in registry.enabled():
        return Health("off", _("Not configured"), _("The environment has no key for %(p)s.") % {"p": route.provider})
    if route.gone_since:
        since = _("since %(ago)s") % {"ago": words.clock(route.gone_since)}
        return Health("bad", _("Gone at the vendor"), since, route.gone_detail)
    if not route.enabled:
        return Health("off", _("Switched off"))
    if route.unlisted_since:
        since = _("since %(ago)s") % {"ago": words.clock(route.unlisted_since)}
        return Health("waiting", _("Not in the vendor's list"), since)
    return Health("good", _("Open"), _("as a stand-in") if route.stand_in else "")


def _row(account: ProviderAccount, told: Figures, lost: Mapping[str, Decimal]) -> Row:
    left = account.loss_budget_usd - lost.get(account.name, Decimal(0))
    drawn_on = bool(told.unknown) or account.unknown_policy == ProviderAccount.Policy.RETRY
    cells = [*_cells(told, account, left if drawn_on else None), _balance(account)]
    return Row(account, health(account), cells)


def _cells(told: Figures, account: ProviderAccount | None = None, left: Decimal | None = None) -> list[Cell]:
    limit = account.max_in_flight if account else None
    requests, success, filtered, partial, latency, spend, unknown, late, flying, _rest = map(str, MEANINGS)
    return [
        Cell(requests, f"{told.requests:,}" if told.requests else NOTHING, _ended(told)),
        Cell(success, words.percent(told.rate(told.succeeded))),
        Cell(filtered, words.percent(told.rate(told.filtered))),
        Cell(partial, words.percent(told.rate(told.partial))),
        Cell(latency, _latency(told), "p50 · p95" if told.median is not None else ""),
        Cell(spend, words.usd(told.spend) if told.spend else NOTHING, _estimated(told)),
        _unknown(unknown, told, left),
        _counted(late, told.late, _("%(usd)s lost") % {"usd": words.usd(told.lost)}, "waiting"),
        Cell(flying, f"{told.in_flight:,}", _("of %(n)s") % {"n": limit} if limit else ""),
    ]


def _ended(told: Figures) -> str:
    return _("%(n)s ended") % {"n": f"{told.ended:,}"} if told.ended != told.requests else ""


def _latency(told: Figures) -> str:
    return f"{words.seconds(told.median)} · {words.seconds(told.slow)}" if told.median is not None else NOTHING


def _estimated(told: Figures) -> str:
    if not told.estimated:
        return ""
    if told.estimated == told.spend:
        return _("estimated")
    return _("%(usd)s estimated") % {"usd": words.usd(told.estimated)}


def _unknown(label: str, told: Figures, left: Decimal | None) -> Cell:
    notes = [_("%(usd)s at risk") % {"usd": words.usd(told.at_risk)}] if told.unknown else []
    if left is not None:
        notes.append(_("%(usd)s of the loss budget left") % {"usd": words.usd(max(left, Decimal(0)))})
    spent = left is not None and left <= 0 and bool(told.unknown)
    return Cell(label, f"{told.unknown:,}" if told.unknown else NOTHING, ", ".join(notes), "bad" if spent else None)


def _counted(label: str, number: int, note: str, tone: Tone) -> Cell:
    return Cell(label, f"{number:,}", note, tone) if number else Cell(label, NOTHING)


def _balance(account: ProviderAccount) -> Cell:
    label = str(list(MEANINGS)[-1])
    if account.balance is None or account.balance_at is None:
        return Cell(label, NOTHING)
    tone: Tone | None = "bad" if account.balance <= 0 else None
    return Cell(label, words.money(account.balance, account.balance_unit), words.ago(account.balance_at), tone)


def _probe(account: ProviderAccount) -> str:
    if account.probe_until and account.probe_until > timezone.now():
        return _("one request is trying it now")
    return _("the next request tries it")


def _moment(moment: dt.datetime) -> dict[str, str]:
    return {"ago": words.ago(moment), "clock": words.clock(moment)}
