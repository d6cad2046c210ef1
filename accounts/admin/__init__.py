"""What admins see and do of people: balances, the ledger, codes and keys."""

from __future__ import annotations

from accounts.admin import (
    acts,
    allowances,
    giving,
    keys,
    money,
    people,
    second_look,
    visits,
    vouchers,
    ways_in,
)
from accounts.admin.reading import ReadOnlyAdmin

__all__ = [
    "ReadOnlyAdmin",
    "acts",
    "allowances",
    "giving",
    "keys",
    "money",
    "people",
    "second_look",
    "visits",
    "vouchers",
    "ways_in",
]
