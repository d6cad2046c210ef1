"""Codes that are worth credits. Only their digests are stored: whoever reads the database cannot redeem one."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import ledger
from accounts.models import Entry, User, Voucher

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that is taken for a digit
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
SIGNS, GROUP = 16, 4
SHOWN = 4
LONGEST = 40  # with whatever people type between the groups


class NotRedeemable(Exception):
    """The code gives nothing; ``code`` is what our API calls the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def issue(batch: str, amount: int, number: int, uses: int, expires: dt.datetime | None, actor: User) -> list[str]:
    """Make so many codes, each for ``amount`` credits to ``uses`` people; nobody can show them again."""
    codes = [_draw() for _ in range(number)]
    Voucher.objects.bulk_create(
        Voucher(
            batch=batch,
            prefix=code[:SHOWN],
            digest=_digest(code),
            amount=amount,
            uses=uses,
            expires=expires,
            actor=actor,
        )
        for code in codes
    )
    return codes


def redeem(user: User, code: str) -> Entry:
    """Give the person what the code is worth, once per person; raises ``NotRedeemable``."""
    digest = _digest(code)
    usable = Voucher.objects.filter(Q(expires=None) | Q(expires__gt=Now()), digest=digest, used__lt=F("uses"))
    try:
        with transaction.atomic():
            if not usable.update(used=F("used") + 1):
                raise NotRedeemable(_reason(user, digest))
            return ledger.redeem(user, Voucher.objects.get(digest=digest))
    except IntegrityError as error:
        if ledger.violated(error) == "entry_once":
            raise NotRedeemable("code_redeemed") from error
        raise


def expire(voucher: Voucher) -> bool:
    """Let nobody redeem it any more; False when that was so already."""
    usable = Voucher.objects.filter(Q(expires=None) | Q(expires__gt=Now()), pk=voucher.pk)
    return bool(usable.update(expires=Now()))


def _reason(user: User, digest: str) -> str:
    voucher = Voucher.objects.filter(digest=digest).first()
    if voucher is None:
        return "code_unknown"
    if user.wallet.entries.filter(key=ledger.redeem_key(voucher)).exists():
        return "code_redeemed"
    return "code_used_up" if voucher.used >= voucher.uses else "code_expired"


def _draw() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(SIGNS))
    return "-".join(signs[start : start + GROUP] for start in range(0, SIGNS, GROUP))


def _digest(code: str) -> str:
    return hashlib.sha256(code.upper().translate(MISREAD).encode()).hexdigest()
