"""Celery's shells. A message is only a hint: the database knows what is to be done, and repeating any is harmless."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from celery import shared_task
from django.conf import settings

from accounts import redis
from generations import (
    balances,
    endpoints,
    fulfilment,
    heartbeat,
    retirement,
    sweeping,
    telling,
    upstream,
    verification,
    webhooks,
)
from generations.callers import Callers

# Messages wait in one of so many lines, by whose they are: receivers that do not answer hold up their own line alone.
LANES, LANE_WIDTH = 8, 4


@shared_task
def advance(generation: str) -> None:
    """Take the steps of one generation that can be taken now."""
    heartbeat.beat()
    _advance(UUID(generation))


@shared_task
def sweep() -> None:
    """Hint at every generation and every message that is due and that no worker has."""
    heartbeat.beat()
    sweeping.sweep(hint)
    sweeping.sweep_deliveries(webhooks.hint)


@shared_task
def tell(delivery: str, user: int) -> None:
    """Have one message sent to a person's receiver."""
    messengers.take(f"webhooks {user % LANES}", UUID(delivery))


@shared_task
def forget_deliveries() -> None:
    """Remove what receivers were told long ago."""
    endpoints.forget()


@shared_task
def verify() -> None:
    """Check the books and log what breaks them."""
    verification.report()


@shared_task
def look_back() -> None:
    """Ask what became of requests that were given up."""
    upstream.look_back()


@shared_task
def look_for_retired_models() -> None:
    """Hold our routes against the vendors' own lists."""
    retirement.look()


@shared_task
def ask_balances() -> None:
    """Ask the vendors what is left in our accounts."""
    balances.ask()


@shared_task
def cancel_upstream(generation: str) -> None:
    """Ask the vendors to stop what was cancelled."""
    upstream.cancel(UUID(generation))


def hint(generation: UUID) -> None:
    """Ask any worker to look at a generation now, if Redis answers; the sweeper asks again if none does."""
    redis.attempt(lambda: advance.apply_async((str(generation),), retry=False))


def hint_cancel(generation: UUID) -> None:
    """Ask any worker to stop the vendor's work on a cancelled generation."""
    redis.attempt(lambda: cancel_upstream.apply_async((str(generation),), retry=False))


def _tell(delivery: UUID) -> None:
    telling.tell(delivery, messengers.away)


def _advance(generation: UUID, *, calling: bool = False) -> None:
    if wait := fulfilment.advance(generation, callers=callers, calling=calling):
        watch.due_in(wait)


watch = sweeping.Watch(hint)
callers = Callers(
    partial(_advance, calling=True), limit=settings.WORKER_CALLS, desks=settings.CELERY_WORKER_CONCURRENCY
)
messengers = Callers(_tell, limit=LANE_WIDTH, desks=2)
