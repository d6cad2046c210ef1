"""The whole ledger of some days as CSV: read from the database as it is sent, so that its length costs no memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from accounts import tables
from accounts.models import Entry

COLUMNS = (
    *("entry", "when", "person", "kind", "amount", "posted_after", "held_after", "version_after"),
    *("generation", "key", "reason", "by"),
)


def lines(first: dt.datetime, end: dt.datetime) -> Iterator[str]:
    """The head, then the entries, oldest first. People are their numbers, which outlast their addresses."""
    entries = Entry.objects.filter(created__gte=first, created__lt=end).select_related("wallet", "hold").order_by("id")
    return tables.lines(COLUMNS, map(_row, entries.iterator(tables.BATCH)))


def _row(entry: Entry) -> list[object]:
    return [
        entry.pk,
        entry.created.isoformat(),
        entry.wallet.user_id,
        entry.kind,
        entry.amount,
        entry.posted_after,
        entry.held_after,
        entry.version_after,
        entry.hold.generation if entry.hold else "",
        entry.key,
        entry.reason,
        entry.actor_id or "",
    ]
