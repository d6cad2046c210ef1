"""What an operator has to know of providers and storage as soon as they open the admin: five statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import figures
from generations.admin import overview, words
from generations.figures import NOTHING, Figures
from generations.models import ProviderAccount, Route, StorageSweep, StoredFile
from generations.providers import registry

Circuit = ProviderAccount.Circuit
SILENT_AFTER = dt.timedelta(minutes=35)  # balances are asked for every ten


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and the page on which something can be done about it."""

    level: Literal["error", "warning"]
    text: str
    url: str


def notices() -> list[Notice]:
    """Of configured providers, of routes that are switched on and of the storage; the urgent ones first."""
    configured = sorted(registry.enabled())
    accounts = list(ProviderAccount.objects.current().filter(name__in=configured))
    told = figures.by_provider(configured, figures.DAY)
    found = [*_of_accounts(accounts, told), *_of_routes(configured), *_of_the_storage()]
    return sorted(found, key=lambda notice: notice.level)


def _of_accounts(accounts: list[ProviderAccount], told: Mapping[str, Figures]) -> Iterator[Notice]:
    for account in accounts:
        url = reverse("admin:generations_provideraccount_change", args=[account.name])
        lately = told.get(account.name, NOTHING)
        if account.enabled and account.circuit in {Circuit.OPEN, Circuit.HALF_OPEN}:
            found = overview.health(account)
            yield Notice("error", f"{account.name}: {found.word}, {found.detail}. {found.reason}".strip(), url)
        if lately.at_risk > account.loss_budget_usd:
            said = {"name": account.name, "usd": words.usd(lately.at_risk), "n": f"{lately.unknown:,}"}
            text = _("%(name)s: %(n)s answers were lost in 24 hours, with %(usd)s at risk: more than the loss budget.")
            yield Notice("error", text % said, url)
        yield from _of_the_balance(account, lately, url)


def _of_the_balance(account: ProviderAccount, lately: Figures, url: str) -> Iterator[Notice]:
    if account.balance is None or account.balance_at is None:
        return
    said = {
        "name": account.name,
        "left": words.money(account.balance, account.balance_unit),
        "ago": words.ago(account.balance_at),
    }
    if account.balance <= 0:
        yield Notice("error", _("%(name)s: the balance is used up (%(left)s, %(ago)s).") % said, url)
    elif account.balance < _enough(account, lately):
        yield Notice("warning", _("%(name)s: the balance is low (%(left)s, %(ago)s).") % said, url)
    if account.balance_at < timezone.now() - SILENT_AFTER:
        text = _("%(name)s has not told its balance since %(ago)s, though it is asked every ten minutes.")
        yield Notice("warning", text % (said | {"ago": words.clock(account.balance_at)}), url)


def _enough(account: ProviderAccount, lately: Figures) -> Decimal:
    """What the operator calls so; else, where it can be told, what another day like the last would cost."""
    if account.warn_below is not None:
        return account.warn_below
    return lately.spend if account.balance_unit == "USD" else Decimal(0)


def _of_routes(configured: list[str]) -> Iterator[Notice]:
    doubtful = Route.objects.filter(Q(gone_since__isnull=False) | Q(unlisted_since__isnull=False))
    for route in doubtful.filter(enabled=True, provider__in=configured).select_related("model"):
        url = reverse("admin:generations_route_change", args=[route.pk])
        said = {"name": route.provider, "id": route.provider_model or "–", "model": route.model}
        if route.gone_since:
            since = said | {"since": words.clock(route.gone_since)}
            yield Notice(
                "error",
                _("%(name)s no longer has %(id)s (%(model)s): the route is closed since %(since)s.") % since,
                url,
            )
        elif route.unlisted_since:
            text = _("%(name)s does not list %(id)s (%(model)s) any more; requests still go there.")
            yield Notice("warning", text % said, url)


def _of_the_storage() -> Iterator[Notice]:
    gone = StoredFile.objects.filter(missing_since__isnull=False).count()
    if gone:
        url = reverse("admin:generations_storedfile_changelist") + "?missing_since__isempty=0"
        text = ngettext("%(n)s picture is gone from the storage.", "%(n)s pictures are gone from the storage.", gone)
        yield Notice("error", text % {"n": f"{gone:,}"}, url)
    last = StorageSweep.objects.order_by("-pk").first()
    if last and last.stopped:
        url = reverse("admin:generations_storagesweep_change", args=[last.pk])
        yield Notice("error", _("The sweep of the storage was given up: %(why)s") % {"why": last.stopped}, url)
