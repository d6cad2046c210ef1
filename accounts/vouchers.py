"""Codes that are worth credits. Only their digests are stored: whoever reads the database cannot redeem one."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Now

from accounts import ledger
from accounts.models import Entry, User, Voucher

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that is taken for a digit
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
SIGNS, GROUP = 16, 4
SHOWN = 4
USABLE = (Q(expires=None) | Q(expires__gt=Now())) & Q(used__lt=F("uses"))
LONGEST = 40  # with whatever people type between the groups


class NotRedeemable(Exception):
    """The code gives nothing; ``code`` is what our API calls the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes made together, each for ``amount`` credits to ``uses`` people, who redeem ``per_person`` at most."""

    batch: str
    amount: int
    number: int = 1
    uses: int = 1
    per_person: int | None = None
    expires: dt.datetime | None = None


def issue(wanted: Batch, actor: User) -> list[str]:
    """Make the codes; nobody can show them again."""
    codes = [_draw() for _ in range(wanted.number)]
    Voucher.objects.bulk_create(
        Voucher(
            batch=wanted.batch,
            prefix=code[:SHOWN],
            digest=_digest(code),
            amount=wanted.amount,
            uses=wanted.uses,
            per_person=wanted.per_person,
            expires=wanted.expires,
            actor=actor,
        )
        for code in codes
    )
    return codes


def redeem(user: User, code: str) -> Entry:
    """Give the person what the code is worth, once per person; raises ``NotRedeemable``."""
    digest = _digest(code)
    usable = Voucher.objects.filter(USABLE, digest=digest)
    try:
        with transaction.atomic():
            if not usable.update(used=F("used") + 1):
                raise NotRedeemable(_reason(user, digest))
            voucher = Voucher.objects.get(digest=digest)
            entry = ledger.redeem(user, voucher)
            _stay_within(voucher, entry)
            return entry
    except IntegrityError as error:
        if ledger.violated(error) == "entry_once":
            raise NotRedeemable("code_redeemed") from error
        raise


def expire(voucher: Voucher) -> bool:
    """Let nobody redeem it any more; False when that was so already."""
    usable = Voucher.objects.filter(Q(expires=None) | Q(expires__gt=Now()), pk=voucher.pk)
    return bool(usable.update(expires=Now()))


def left(batch: str) -> QuerySet[Voucher]:
    """The codes of a batch that somebody may redeem yet."""
    return Voucher.objects.filter(USABLE, batch=batch)


def withdraw(batch: str) -> int:
    """Let nobody redeem any code of a batch any more; how many could have been."""
    return left(batch).update(expires=Now())


def batches() -> QuerySet[Any, Any]:
    """What became of the codes of each batch that was ever made, the latest first."""
    return (
        Voucher.objects.values("batch")
        .annotate(
            codes=Count("pk"),
            may=Sum("uses"),
            redeemed=Sum("used"),
            given=Sum(F("used") * F("amount")),
            left=Count("pk", filter=USABLE),
            per_person=Min("per_person"),
            expires=Max("expires"),
            made=Max("created"),
        )
        .order_by("-made")
    )


def _stay_within(voucher: Voucher, entry: Entry) -> None:
    """Keep a person to a batch's limit. The entry has locked the wallet, so that others of theirs wait."""
    if voucher.per_person is None:
        return
    redeemed = Voucher.objects.filter(pk__in=ledger.redeemed(entry.wallet), batch=voucher.batch)
    if redeemed.count() > voucher.per_person:
        raise NotRedeemable("code_limit")


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
