"""Every movement of somebody's credits as CSV, a line at a time: an account of years is never whole in memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from accounts.models import Entry, Wallet

BATCH = 1000
COLUMNS = ["when", "kind", "amount", "left_to_spend", "in_wallet", "held", "generation", "reason"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What the writer writes to: it answers what it was given."""

    def write(self, text: str) -> str:
        return text


def lines(wallet: Wallet) -> Iterator[str]:
    """The head, then the entries, newest first. Times are UTC's."""
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for entry in wallet.entries.select_related("hold").order_by("-version_after").iterator(BATCH):
        yield writer.writerow(_row(entry))


def _row(entry: Entry) -> list[object]:
    return [
        entry.created.isoformat(timespec="seconds"),
        entry.kind,
        entry.amount,
        entry.spendable_after,
        entry.posted_after,
        entry.held_after,
        entry.hold.generation if entry.hold else "",
        _harmless(entry.reason),
    ]


def _harmless(text: str) -> str:
    """Text that a spreadsheet takes for text, whoever wrote it."""
    return f"'{text}" if text.startswith(FORMULA) else text
