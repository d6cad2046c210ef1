"""The admin's first page: figures to run a studio by, for whom they are, in as many statements whatever happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from generations import activity, earnings
from generations.activity import Hour
from generations.admin import overview, words
from generations.admin.overview import Cell, Row
from generations.models import Delivery, Endpoint, LedgerCheck, Report

NEWEST = 5
WIDTH, HEIGHT, GAP = 20, 60, 4  # of a bar, in the drawing's own units
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """An hour: where it stands and how tall its parts are, ``lower`` at the bottom and ``upper`` on top of it."""

    x: int
    lower: float
    upper: float
    title: str

    @property
    def lower_y(self) -> float:
        """Where the lower part begins."""
        return round(HEIGHT - self.lower, 1)

    @property
    def upper_y(self) -> float:
        """And the upper one."""
        return round(HEIGHT - self.lower - self.upper, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, of which each says its figures when it is pointed at; ``label`` says them all in a sentence."""

    label: str
    bars: list[Bar]

    @property
    def width(self) -> int:
        """Of the drawing."""
        return len(self.bars) * (WIDTH + GAP)


@dataclass(frozen=True, slots=True)
class Block:
    """Figures under a heading, and the page that has more of them."""

    title: str
    url: str
    cells: list[Cell]
    chart: Chart | None = None
    providers: list[Row] = field(default_factory=list)
    people: list[User] = field(default_factory=list)


def blocks(user: User) -> list[Block]:
    """Those that this admin may see."""
    return [block() for permission, block in BLOCKS if user.has_perm(permission)]


def _generations() -> Block:
    hours, waits = activity.by_hour(), activity.waiting()
    submitted, completed, failed, cancelled = (
        sum(getattr(hour, name) for hour in hours) for name in ("submitted", "completed", "failed", "cancelled")
    )
    ended = completed + failed
    oldest = words.seconds(waits.oldest) if waits.oldest is not None else ""
    cells = [
        Cell(_("Submitted"), f"{submitted:,}", _("in 24 hours")),
        Cell(_("Completed"), f"{completed:,}", words.percent(completed / ended if ended else None)),
        Cell(_("Failed"), f"{failed:,}", tone="bad" if failed * 10 > ended else None),
        Cell(_("Cancelled"), f"{cancelled:,}"),
        Cell(_("Queued"), f"{waits.queued:,}"),
        Cell(_("Running"), f"{waits.running:,}"),
        Cell(_("Due now"), f"{waits.due:,}", _("for %(oldest)s") % {"oldest": oldest} if oldest else ""),
    ]
    said = _("Generations of the last 24 hours: %(submitted)s submitted, %(failed)s failed.")
    chart = Chart(said % {"submitted": submitted, "failed": failed}, _bars(hours))
    return Block(_("Generations"), reverse("admin:generations_generation_changelist"), cells, chart)


def _bars(hours: Sequence[Hour]) -> list[Bar]:
    most = max([1, *(max(hour.submitted, hour.completed + hour.failed) for hour in hours)])
    unit = HEIGHT / most
    said = _("%(clock)s: %(submitted)s submitted, %(completed)s completed, %(failed)s failed")
    return [
        Bar(
            number * (WIDTH + GAP),
            round(hour.completed * unit, 1),
            round(hour.failed * unit, 1),
            said
            % {
                "clock": f"{timezone.localtime(hour.begins):%H:%M}",
                "submitted": hour.submitted,
                "completed": hour.completed,
                "failed": hour.failed,
            },
        )
        for number, hour in enumerate(hours)
    ]


def _money() -> Block:
    now = timezone.now()
    found, last = earnings.report(now - DAY, now), LedgerCheck.objects.first()
    issued = found.issued.get("grant", 0) + found.issued.get("redeem", 0)
    sound = last is not None and not last.broken
    checked = Cell(_("Ledger"), words.NOTHING, _("never checked"), "bad")
    if last is not None:
        checked = Cell(
            _("Ledger"), _("sound") if sound else _("broken"), words.ago(last.created), None if sound else "bad"
        )
    cells = [
        Cell(_("Earned"), words.credits_of(found.total.credits), _("in 24 hours")),
        Cell(_("Worth"), words.usd(found.total.worth)),
        Cell(_("Spend"), words.usd(found.total.cost), _("to vendors")),
        Cell(_("Margin"), words.usd(found.total.margin), words.percent(found.total.share)),
        Cell(_("Issued"), words.credits_of(issued), _("in 24 hours")),
        Cell(_("Outstanding"), f"{found.posted:,}", _("credits that people have")),
        Cell(_("Held"), f"{found.held:,}"),
        checked,
    ]
    return Block(_("Credits"), reverse("admin:credit_report"), cells)


def _providers() -> Block:
    url = reverse("admin:generations_provideraccount_changelist")
    return Block(_("Providers"), url, [], providers=overview.rows(overview.USUAL_SPAN))


def _people() -> Block:
    told = User.objects.aggregate(
        all=Count("pk"),
        new=Count("pk", filter=Q(created__gt=timezone.now() - DAY)),
        out=Count("pk", filter=Q(is_active=False)),
    )
    cells = [
        Cell(_("People"), f"{told['all']:,}"),
        Cell(_("New"), f"{told['new']:,}", _("in 24 hours")),
        Cell(_("Not let in"), f"{told['out']:,}"),
    ]
    newest = list(User.objects.select_related("wallet").order_by("-pk")[:NEWEST])
    return Block(_("People"), reverse("admin:accounts_user_changelist"), cells, people=newest)


def _reports() -> Block:
    open_ones = Report.objects.filter(resolved_at=None).count()
    cells = [Cell(_("Open"), f"{open_ones:,}", tone="bad" if open_ones else None)]
    return Block(_("Reports"), f"{reverse('admin:generations_report_changelist')}?resolved_at__isempty=1", cells)


def _webhooks() -> Block:
    states = Delivery.State
    told = Delivery.objects.filter(Q(state=states.PENDING) | Q(finished__gt=timezone.now() - DAY)).aggregate(
        failed=Count("pk", filter=Q(state=states.FAILED)), waiting=Count("pk", filter=Q(state=states.PENDING))
    )
    disabled = Endpoint.objects.exclude(disabled="").count()
    cells = [
        Cell(_("Failed"), f"{told['failed']:,}", _("in 24 hours"), "bad" if told["failed"] else None),
        Cell(_("Waiting"), f"{told['waiting']:,}"),
        Cell(_("Receivers off"), f"{disabled:,}"),
    ]
    return Block(_("Webhooks"), f"{reverse('admin:generations_delivery_changelist')}?state__exact=failed", cells)


BLOCKS: list[tuple[str, Callable[[], Block]]] = [
    ("generations.view_generation", _generations),
    ("generations.view_provideraccount", _providers),
    ("accounts.view_entry", _money),
    ("accounts.view_user", _people),
    ("generations.view_report", _reports),
    ("generations.view_delivery", _webhooks),
]
