"""``/account/credits``: the balance, what it went on by month, and every movement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import BadRequest
from django.db.models import BigIntegerField, Func, IntegerField, Q, Sum, Value
from django.db.models.functions import TruncMonth
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import statement
from accounts.models import Entry, Wallet
from accounts.statement import Part
from generations.models import Generation, Image
from generations.views import filters
from generations.views.access import PageRequest, signed_in
from generations.views.filters import Choice

PAGE = 25
MONTHS = 12
TALLEST = 120  # px of the chart's highest bar
Kind = Entry.Kind

# A generation is one row, at its hold: captures and releases stand inside it.
OWN_ROW = ~Q(kind__in=[Kind.CAPTURE, Kind.RELEASE])
KINDS = {
    "held": gettext_lazy("Held"),
    "spent": gettext_lazy("Spent"),
    "returned": gettext_lazy("Returned"),
    **{kind: Kind(kind).label for kind in statement.KINDS if kind in Kind.values},
}


@dataclass(frozen=True, slots=True)
class Row:
    """A generation's hold with what became of it, or one movement that stands for itself."""

    entry: Entry
    net: int
    left: int
    movements: list[Entry]
    generation: Generation | None = None
    image: Image | None = None

    @property
    def made(self) -> int:
        """How many images were paid for."""
        return sum(movement.kind == Kind.CAPTURE for movement in self.movements)

    @property
    def partial(self) -> bool:
        """Whether some of the images are missing, still or for good."""
        return self.generation is not None and self.made < self.generation.count

    @property
    def open(self) -> bool:
        """Whether credits are still held for it."""
        return self.entry.kind == Kind.HOLD and self.entry.hold is not None and self.entry.hold.rest > 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A month of the chart."""

    month: dt.date
    credits: int
    height: int
    now: bool


class Narrowed:
    """What the address asks for of the entries, and the links that ask for more or less."""

    def __init__(self, request: PageRequest) -> None:
        try:
            self.part = Part.read(request.GET)
        except ValueError as error:
            raise BadRequest("part") from error
        self._wallet = request.user.wallet

    def __bool__(self) -> bool:
        return self.part != statement.EVERYTHING

    @property
    def kind(self) -> str:
        """The kind that is asked for."""
        return capfirst(str(KINDS[self.part.kind])) if self.part.kind else _("All kinds")

    @property
    def month(self) -> str:
        """The month that is asked for."""
        return _month_name(self.part.month) if self.part.month else _("All months")

    @property
    def kinds(self) -> list[Choice]:
        """Every kind there may be."""
        labels = {"": _("All kinds")} | {name: capfirst(str(label)) for name, label in KINDS.items()}
        return [self._choice(label, replace(self.part, kind=name)) for name, label in labels.items()]

    @cached_property
    def months(self) -> list[Choice]:
        """Every month since the first entry, the latest first."""
        first = self._wallet.entries.order_by("version_after").values_list("created", flat=True).first()
        today = timezone.localdate()
        since = timezone.localdate(first) if first else today
        months = reversed(_months(today, 12 * (today.year - since.year) + today.month - since.month + 1))
        everything = self._choice(_("All months"), replace(self.part, month=None))
        return [everything, *(self._choice(_month_name(month), replace(self.part, month=month)) for month in months)]

    @property
    def csv(self) -> str:
        """Where the same entries are had for a spreadsheet."""
        return filters.address("credits_csv", self.part.query)

    @staticmethod
    def held() -> str:
        """Where what is being made is asked for."""
        return filters.address("credits", Part(kind="held").query)

    def following(self, before: int | None) -> str:
        """Where the entries before this one are; nothing before none."""
        return filters.address("credits", {**self.part.query, "before": str(before)}) if before else ""

    def _choice(self, label: str, part: Part) -> Choice:
        return Choice(label, filters.address("credits", part.query), part == self.part)


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def spending(request: PageRequest) -> HttpResponse:
    """The page; ``?before=`` continues the entries."""
    wallet, narrowed = request.user.wallet, Narrowed(request)
    before = _version(request.GET.get("before", ""))
    entries, following = _entries(wallet, narrowed.part, before)
    rows = _rows(wallet, entries)
    context = {"wallet": wallet, "rows": rows, "next": narrowed.following(following), "narrowed": narrowed}
    if request.htmx:
        return render(request, "account/_entries.html", context)
    bars = _bars(wallet)
    context |= {
        "bars": bars,
        "spent": sum(bar.credits for bar in bars),
        "months": MONTHS,
        "holding": Generation.objects.of(request.user).unfinished().count(),
    }
    return render(request, "account/credits.html", context)


def _version(cursor: str) -> int | None:
    try:
        return int(cursor) if cursor else None
    except ValueError as error:
        raise BadRequest("before") from error


def _month_name(month: dt.date) -> str:
    return formats.date_format(month, "F Y")


def _entries(wallet: Wallet, part: Part, before: int | None) -> tuple[list[Entry], int | None]:
    own = part.entries(wallet).filter(OWN_ROW).select_related("actor")
    if before is not None:
        own = own.filter(version_after__lt=before)
    found = list(own[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].version_after if len(found) > PAGE else None


def _rows(wallet: Wallet, entries: list[Entry]) -> list[Row]:
    """Each with what was left to spend after it, as if every generation had been settled at once."""
    holds = {entry.hold_id: entry.hold.generation for entry in entries if entry.hold}
    inside = _inside(holds)
    generations = Generation.objects.select_related("prompt", "model").in_bulk(holds.values())
    images = _first_images(holds.values())
    left = _left(wallet, [entry.version_after for entry in entries])
    rows = []
    for entry in entries:
        own = inside[entry.hold_id] if entry.kind == Kind.HOLD else []
        net, name = _net(entry), holds.get(entry.hold_id)
        known = (generations.get(name), images.get(name)) if name else (None, None)
        rows.append(Row(entry, net, left[entry.version_after], own, *known))
    return rows


def _net(entry: Entry) -> int:
    if entry.kind == Kind.HOLD and entry.hold:
        return entry.hold.released - entry.amount
    return entry.amount


def _left(wallet: Wallet, versions: list[int]) -> dict[int, int]:
    """What was left after each of these rows, the newest first: all that is newer is added up between them at once."""
    if not versions:
        return {}
    between = Func(
        "version_after",
        Value([version + 1 for version in reversed(versions)], output_field=ArrayField(BigIntegerField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    newer = wallet.entries.filter(OWN_ROW, version_after__gte=versions[-1])
    nets: defaultdict[int, int] = defaultdict(int)
    sums = newer.annotate(bucket=between).values_list("bucket", "kind")
    for bucket, kind, amount, released in sums.annotate(Sum("amount"), Sum("hold__released", default=0)):
        nets[bucket] += released - amount if kind == Kind.HOLD else amount
    newer_than, left = 0, {}
    for number, version in enumerate(versions):
        newer_than += nets[len(versions) - number]
        left[version] = wallet.spendable - newer_than
    return left


def _inside(holds: Iterable[int | None]) -> defaultdict[int | None, list[Entry]]:
    inside: defaultdict[int | None, list[Entry]] = defaultdict(list)
    own = Entry.objects.filter(hold__in=list(holds), kind__in=[Kind.HOLD, Kind.CAPTURE, Kind.RELEASE])
    for entry in own.order_by("version_after"):
        inside[entry.hold_id].append(entry)
    return inside


def _first_images(generations: Iterable[uuid.UUID]) -> dict[uuid.UUID, Image]:
    found = Image.objects.kept().filter(generation__in=list(generations))
    first = found.order_by("generation_id", "position").distinct("generation_id")
    return {image.generation_id: image for image in first}


def _bars(wallet: Wallet) -> list[Bar]:
    """Credits spent in each of the last twelve months, this one included."""
    months = _months(timezone.localdate(), MONTHS)
    start = statement.midnight(months[0])
    recent = wallet.entries.filter(kind__in=[Kind.CAPTURE, Kind.REFUND], created__gte=start)
    by_month = recent.annotate(month=TruncMonth("created")).values_list("month", "kind").annotate(total=Sum("amount"))
    spent: defaultdict[dt.date, int] = defaultdict(int)
    for month, kind, total in by_month:
        spent[timezone.localdate(month)] += total if kind == Kind.CAPTURE else -total
    most = max([*spent.values(), 1])
    return [
        Bar(month, spent.get(month, 0), round(TALLEST * spent.get(month, 0) / most), month == months[-1])
        for month in months
    ]


def _months(today: dt.date, count: int) -> list[dt.date]:
    number = today.year * 12 + today.month - 1
    return [dt.date(index // 12, index % 12 + 1, 1) for index in range(number - count + 1, number + 1)]
