"""The steps of a generation, one at a time, as a worker takes them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.db.models.functions import Now

from accounts.models import User, Wallet
from generations import fulfilment
from generations.leases import Lease, claim_all
from generations.models import Generation
from generations.providers import registry
from generations.providers.base import Provider
from generations.work import Station, Wait
from tests.fakes import FakeProvider


def claim(generation: uuid.UUID) -> Lease | None:
    """The lease of a generation that is due and that nobody has; None otherwise."""
    return next(iter(claim_all("SELECT %(generation)s::uuid AS id, 1 AS turn", generation=generation)), None)


def take_steps(
    generation: uuid.UUID,
    providers: Callable[[str], Provider] = registry.provider,
    station: Station | None = None,
) -> Wait:
    """Take the steps of this one that can be taken now, as a worker does whose turn it is, if nobody else has it."""
    lease = claim(generation)
    return fulfilment.go_on(lease, providers, station) if lease else None


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
    take_steps(generation.pk, provider)
    generation.refresh_from_db()
    return generation
