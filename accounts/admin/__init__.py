"""What admins see and do of people: balances, the ledger, codes and keys."""

from __future__ import annotations

from accounts.admin import keys, money, people, vouchers
from accounts.admin.reading import ReadOnlyAdmin

__all__ = ["ReadOnlyAdmin", "keys", "money", "people", "vouchers"]
