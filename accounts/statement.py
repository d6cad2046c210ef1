"""The movements of somebody's credits, all or a part of them; as CSV a line at a time, never whole in memory."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import tables
from accounts.models import Entry, Wallet

COLUMNS = ["when", "kind", "amount", "left_to_spend", "in_wallet", "held", "generation", "reason"]
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")

Kind = Entry.Kind
_RESOLVED = F("hold__captured") + F("hold__released")
_OF_A_HOLD = Q(kind__in=[Kind.HOLD, Kind.CAPTURE, Kind.RELEASE])
# What became of a hold makes three kinds of it, each with all its movements.
KINDS = {
    "held": _OF_A_HOLD & Q(hold__amount__gt=_RESOLVED),
    "spent": _OF_A_HOLD & Q(hold__amount=_RESOLVED, hold__captured__gt=0),
    "returned": _OF_A_HOLD & Q(hold__amount=_RESOLVED, hold__captured=0),
    **{kind.value: Q(kind=kind) for kind in Kind if kind not in {Kind.HOLD, Kind.CAPTURE, Kind.RELEASE}},
}


@dataclass(frozen=True, slots=True)
class Part:
    """Of one kind, of one month, of both, or everything."""

    kind: str = ""
    month: dt.date | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """As an address names it; raises ``ValueError`` for what is none."""
        kind, month = given.get("kind", ""), given.get("month", "")
        found = MONTH.fullmatch(month)
        if (kind and kind not in KINDS) or (month and not found):
            raise ValueError(kind or month)
        return cls(kind, dt.date(int(found[1]), int(found[2]), 1) if found else None)

    @property
    def query(self) -> dict[str, str]:
        """How an address names it."""
        return {"kind": self.kind, "month": f"{self.month:%Y-%m}" if self.month else ""}

    def entries(self, wallet: Wallet) -> QuerySet[Entry]:
        """Its movements, newest first."""
        found = wallet.entries.select_related("hold").order_by("-version_after")
        if self.kind:
            found = found.filter(KINDS[self.kind])
        if self.month:
            begins, ends = midnight(self.month), midnight(_next(self.month))
            found = found.filter(created__gte=begins, created__lt=ends)
        return found


EVERYTHING = Part()


def lines(wallet: Wallet, part: Part = EVERYTHING) -> Iterator[str]:
    """The head, then the entries, newest first. Times are UTC's."""
    return tables.lines(COLUMNS, map(_row, part.entries(wallet).iterator(tables.BATCH)))


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins, where the reader is."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _row(entry: Entry) -> list[object]:
    return [
        entry.created.isoformat(timespec="seconds"),
        entry.kind,
        entry.amount,
        entry.spendable_after,
        entry.posted_after,
        entry.held_after,
        entry.hold.generation if entry.hold else "",
        entry.reason,
    ]


def _next(month: dt.date) -> dt.date:
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
