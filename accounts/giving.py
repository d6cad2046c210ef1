"""Admins give credits and take them away: of some people at once, all or none, and once however often it is tried."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from accounts import acts, ledger
from accounts.languages import pgettext_noop
from accounts.models import Entry, User


class Gift(NamedTuple):
    """So many credits for a person; fewer than none are taken away. The same ``key`` moves them once."""

    user: User
    amount: int
    reason: str
    key: str


class NotPossible(Exception):
    """Nobody was given anything, because of this person; the error says how much there is."""

    def __init__(self, gift: Gift, error: ledger.NotEnoughCredits) -> None:
        super().__init__(f"{gift.user.pk}: {error}")
        self.gift = gift
        self.available = error.available


class DoneBefore(Exception):
    """Nobody was given anything: with this ``key`` the person was given something else before."""

    def __init__(self, gift: Gift, entry: Entry) -> None:
        super().__init__(f"{gift.user.pk}: {entry.amount}")
        self.gift = gift
        self.entry = entry


def give(gifts: Collection[Gift], actor: User) -> list[Entry]:
    """Give them all, or raise ``NotPossible`` or ``DoneBefore``.

    Credits that are given are grants, those taken away adjustments.
    """
    with transaction.atomic():
        # In one order, whoever gives: so that no two wait for each other's wallets in a circle.
        entries = [_give(gift, actor) for gift in sorted(gifts, key=lambda gift: gift.user.pk)]
        acts.record_entries(pgettext_noop("act", "give credits"), entries)
    return entries


def _give(gift: Gift, actor: User) -> Entry:
    entry = _moved(gift, actor)
    if (entry.amount, entry.reason) != (gift.amount, gift.reason):
        raise DoneBefore(gift, entry)
    return entry


def _moved(gift: Gift, actor: User) -> Entry:
    if gift.amount > 0:
        return ledger.grant(gift.user, gift.amount, key=gift.key, reason=gift.reason, actor=actor)
    try:
        return ledger.adjust(gift.user, gift.amount, key=gift.key, reason=gift.reason, actor=actor)
    except ledger.NotEnoughCredits as error:
        raise NotPossible(gift, error) from error
