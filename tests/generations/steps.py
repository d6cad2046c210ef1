"""The steps of a generation, one at a time, as a worker takes them."""

from __future__ import annotations

import datetime as dt

from django.db.models.functions import Now

from accounts.models import User, Wallet
from generations import fulfilment
from generations.models import Generation
from tests.fakes import FakeProvider


def balance(user: User) -> tuple[int, int]:
    """What somebody has, and how much of it is held."""
    wallet = Wallet.objects.get(user=user)
    return wallet.posted, wallet.held


def due_again(generation: Generation) -> None:
    """As if the waiting were over."""
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))


def lease_over(generation: Generation) -> None:
    """As if the worker that had it were dead for long enough."""
    Generation.objects.filter(pk=generation.pk).update(lease_until=Now() - dt.timedelta(seconds=1))


def advance(generation: Generation, provider: FakeProvider) -> Generation:
    """One step, now."""
    due_again(generation)
    fulfilment.advance(generation.pk, provider)
    generation.refresh_from_db()
    return generation
