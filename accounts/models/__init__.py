"""People, their wallets and API keys. Money moves only through ``accounts.ledger``."""

from __future__ import annotations

from accounts.models.acts import Act
from accounts.models.allowances import Allotment, MonthlyAllowance
from accounts.models.keys import ApiKey, KeySpend
from accounts.models.money import MAX_GRANT, Entry, Hold, Voucher, Wallet
from accounts.models.user import User, UserManager

__all__ = [
    "MAX_GRANT",
    "Act",
    "Allotment",
    "ApiKey",
    "Entry",
    "Hold",
    "KeySpend",
    "MonthlyAllowance",
    "User",
    "UserManager",
    "Voucher",
    "Wallet",
]
