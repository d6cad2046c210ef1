"""The only writer of money.

Inserting an ``Entry`` is the one act that moves credits: a database trigger applies it to the wallet and the hold and
writes the after-values, constraints refuse what would overdraw, and guards refuse everything else. Each movement has a
derived key, unique per wallet, so that repeating any call here moves nothing twice.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import ApiKey, Entry, Hold, KeySpend, User, Voucher, Wallet

BUDGET = "key_budget_"  # what the constraints on a key's spending are called, before the period

# The hold and its entry in one statement: every submit ends with it, while it has the wallet locked.
HOLD = """
WITH held AS (
    INSERT INTO accounts_hold (wallet_id, generation, amount, captured, released, key_id, counted_on)
    VALUES (%s, %s, %s, 0, 0, %s, %s) RETURNING id, wallet_id, amount
)
INSERT INTO accounts_entry (wallet_id, hold_id, kind, amount, key, reason)
SELECT wallet_id, id, 'hold', amount, %s, '' FROM held RETURNING hold_id
"""

CAPTURE = """
INSERT INTO accounts_entry (wallet_id, hold_id, kind, amount, key, reason)
SELECT wallet_id, id, 'capture', %s, %s, '' FROM accounts_hold WHERE generation = %s
"""


class NotEnoughCredits(Exception):
    """The wallet cannot afford what was asked."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available


class BudgetExceeded(NotEnoughCredits):
    """What was asked is more than ``left`` of the key's ``budget`` for a day, a month or in all."""

    SENTENCES = {
        "day": "This costs {needed} credits and {left} are left of the key's budget of {budget} for today.",
        "month": "This costs {needed} credits and {left} are left of the key's budget of {budget} for this month.",
        "total": "This costs {needed} credits and {left} are left of the key's budget of {budget}.",
    }

    def __init__(self, needed: int, period: str, budget: int, left: int) -> None:
        super().__init__(needed, left)
        self.period = period
        self.budget = budget
        self.left = left

    def __str__(self) -> str:
        return self.SENTENCES[self.period].format(needed=self.needed, left=self.left, budget=self.budget)


def grant(user: User, amount: int, *, key: str, reason: str, actor: User | None = None) -> Entry:
    """Give ``amount`` > 0 credits. A second grant with the same key returns the first."""
    wallet = Wallet.objects.get(user=user)
    return _once(Entry(wallet=wallet, kind=Entry.Kind.GRANT, amount=amount, key=key, reason=reason, actor=actor))


def adjust(user: User, amount: int, *, key: str, reason: str, actor: User) -> Entry:
    """Correct a balance by a positive or negative amount; below zero raises ``NotEnoughCredits``."""
    wallet = Wallet.objects.get(user=user)
    return _once(Entry(wallet=wallet, kind=Entry.Kind.ADJUSTMENT, amount=amount, key=key, reason=reason, actor=actor))


def redeem(user: User, voucher: Voucher) -> Entry:
    """Give what a voucher is worth, inside the transaction that counts its use.

    A second time for one person raises an ``IntegrityError`` of ``entry_once``.
    """
    wallet, key = Wallet.objects.get(user=user), redeem_key(voucher)
    entry = Entry(wallet=wallet, kind=Entry.Kind.REDEEM, amount=voucher.amount, key=key, reason=voucher.batch)
    entry.save(force_insert=True)
    entry.refresh_from_db()
    return entry


def redeem_key(voucher: Voucher) -> str:
    """By which the ledger knows that a person has redeemed it."""
    return f"redeem:{voucher.pk}"


def redeemed(wallet: Wallet) -> list[int]:
    """The ids of the vouchers that its person has redeemed."""
    keys = wallet.entries.filter(kind=Entry.Kind.REDEEM).values_list("key", flat=True)
    return [int(key.removeprefix("redeem:")) for key in keys]


def refund(generation: UUID, position: int, amount: int, *, reason: str, actor: User | None = None) -> Entry:
    """Give back what was captured for one image."""
    hold = Hold.objects.select_related("wallet").get(generation=generation)
    key = refund_key(generation, position)
    given = Entry(
        wallet=hold.wallet, hold=hold, kind=Entry.Kind.REFUND, amount=amount, key=key, reason=reason, actor=actor
    )
    return _once(given)


def refund_key(generation: UUID, position: int) -> str:
    """By which the ledger knows that an image was refunded."""
    return f"gen:{generation}:refund:{position}"


def hold(wallet: Wallet, generation: UUID, amount: int, key: ApiKey | None = None) -> Hold:
    """Set ``amount`` > 0 credits aside, inside the caller's transaction, which a refusal leaves unusable.

    They count against the budgets of the key, if it has any. Raises an ``IntegrityError`` when the wallet cannot afford
    it or a budget would be exceeded; ``refusal`` says so.
    """
    counted = (key.pk, timezone.now().date()) if key and key.budgets else (None, None)
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [wallet.pk, generation, amount, *counted, f"gen:{generation}:hold"])
        [pk] = cursor.fetchone()
    return Hold(pk=pk, wallet=wallet, generation=generation, amount=amount)


def capture(generation: UUID, position: int, amount: int) -> None:
    """Settle one delivered image, inside the transaction that records the image; raises ``Hold.DoesNotExist``."""
    with connection.cursor() as cursor:
        cursor.execute(CAPTURE, [amount, f"gen:{generation}:img:{position}", generation])
        if not cursor.rowcount:
            raise Hold.DoesNotExist(f"Nothing is held for {generation}.")


def release_rest(generation: UUID) -> int:
    """Give back what is left of a hold, inside the transaction that ends the generation; the amount given back."""
    hold = Hold.objects.get(generation=generation)
    if hold.rest:
        key = f"gen:{generation}:rest"
        Entry.objects.create(wallet_id=hold.wallet_id, hold=hold, kind=Entry.Kind.RELEASE, amount=hold.rest, key=key)
    return hold.rest


def refusal(error: IntegrityError, wallet: Wallet, amount: int, key: ApiKey | None = None) -> NotEnoughCredits | None:
    """Why a hold was refused: for want of credits or of budget; None when it was for neither."""
    constraint = violated(error)
    if constraint == "wallet_spendable":
        return NotEnoughCredits(amount, Wallet.objects.get(pk=wallet.pk).spendable)
    if key and constraint.startswith(BUDGET):
        return _budget_exceeded(key, constraint.removeprefix(BUDGET), amount)
    return None


def violated(error: IntegrityError) -> str:
    """The name of the constraint that an ``IntegrityError`` speaks of, or nothing."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def _budget_exceeded(key: ApiKey, period: str, amount: int) -> BudgetExceeded:
    budget = key.budgets.get(period, 0)
    spent = KeySpend.objects.get(key=key).within(period, timezone.now().date())
    return BudgetExceeded(amount, period, budget, max(0, budget - spent))


def _once(entry: Entry) -> Entry:
    """Insert a movement, or answer the one that was made with its key before."""
    wallet = entry.wallet
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if earlier := Entry.objects.filter(wallet=wallet, key=entry.key).first():
            return earlier
        if violated(error) in {"wallet_spendable", "wallet_posted_not_negative"}:
            wallet.refresh_from_db()
            raise NotEnoughCredits(-entry.amount, wallet.spendable) from error
        raise
    return entry
