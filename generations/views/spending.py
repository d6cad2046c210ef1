"""``/account/credits``: the balance, what it went on by month, and every movement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import Entry, Wallet
from generations.models import Generation, Image
from generations.views.access import PageRequest, signed_in

PAGE = 25
MONTHS = 12
TALLEST = 120  # px of the chart's highest bar
Kind = Entry.Kind

# A generation is one row, at its hold: captures and releases stand inside it.
OWN_ROW = ~Q(kind__in=[Kind.CAPTURE, Kind.RELEASE])


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


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def spending(request: PageRequest) -> HttpResponse:
    """The page; ``?before=`` continues the entries."""
    wallet = request.user.wallet
    before = _version(request.GET.get("before", ""))
    entries, following = _entries(wallet, before)
    rows = _rows(wallet, entries, before)
    context = {"wallet": wallet, "rows": rows, "next": following, "before": before}
    if request.htmx:
        return render(request, "account/_entries.html", context)
    bars = _bars(wallet)
    context |= {"bars": bars, "spent": sum(bar.credits for bar in bars), "months": MONTHS}
    return render(request, "account/credits.html", context)


def _version(cursor: str) -> int | None:
    try:
        return int(cursor) if cursor else None
    except ValueError as error:
        raise BadRequest("before") from error


def _entries(wallet: Wallet, before: int | None) -> tuple[list[Entry], int | None]:
    own = wallet.entries.filter(OWN_ROW).select_related("hold", "actor").order_by("-version_after")
    if before is not None:
        own = own.filter(version_after__lt=before)
    found = list(own[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].version_after if len(found) > PAGE else None


def _rows(wallet: Wallet, entries: list[Entry], before: int | None) -> list[Row]:
    """Each with what was left to spend after it, as if every generation had been settled at once."""
    holds = {entry.hold_id: entry.hold.generation for entry in entries if entry.hold}
    inside = _inside(holds)
    generations = Generation.objects.select_related("prompt", "model").in_bulk(holds.values())
    images = _first_images(holds.values())
    left = wallet.spendable - (_net_since(wallet, before) if before is not None else 0)
    rows = []
    for entry in entries:
        own = inside[entry.hold_id] if entry.kind == Kind.HOLD else []
        net, name = _net(entry), holds.get(entry.hold_id)
        known = (generations.get(name), images.get(name)) if name else (None, None)
        rows.append(Row(entry, net, left, own, *known))
        left -= net
    return rows


def _net(entry: Entry) -> int:
    if entry.kind == Kind.HOLD and entry.hold:
        return entry.hold.released - entry.amount
    return entry.amount


def _net_since(wallet: Wallet, version: int) -> int:
    """The nets of all rows from this one on."""
    newer = wallet.entries.filter(OWN_ROW, version_after__gte=version).values_list("kind")
    sums = newer.annotate(Sum("amount"), Sum("hold__released", default=0))
    return sum(released - amount if kind == Kind.HOLD else amount for kind, amount, released in sums)


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
    months = _months(timezone.localdate())
    start = timezone.make_aware(dt.datetime.combine(months[0], dt.time.min))
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


def _months(today: dt.date) -> list[dt.date]:
    number = today.year * 12 + today.month - 1
    return [dt.date(index // 12, index % 12 + 1, 1) for index in range(number - MONTHS + 1, number + 1)]
