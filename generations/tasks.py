"""Celery's shells. A message is only a hint: the database knows what is to be done, and repeating any is harmless."""

from __future__ import annotations

import os
from contextlib import nullcontext
from uuid import UUID

from celery import shared_task
from django.conf import settings

from accounts import redis
from generations import (
    balances,
    endpoints,
    erasing,
    fulfilment,
    heartbeat,
    retirement,
    sweeping,
    telling,
    upstream,
    verification,
    webhooks,
)
from generations.callers import Callers, Noted
from generations.turns import PICTURES, STEPS, Turns
from generations.work import Station

# Messages wait in one of so many lines, by whose they are: receivers that do not answer hold up their own line alone.
LANES, LANE_WIDTH = 8, 4
PICTURES_AT_ONCE = (os.cpu_count() or 1) + 1  # one is fetched while each core decodes another


@shared_task
def advance() -> None:
    """Take the short steps that are due, in turn, until there are none or other tasks have waited for long enough."""
    if shift.work():
        wake()


@shared_task
def sweep() -> None:
    """Have everything looked at that is due and that no worker has."""
    heartbeat.beat()
    look_around()
    sweeping.sweep_deliveries(webhooks.hint)


@shared_task
def tell(delivery: str, user: int) -> None:
    """Have one message sent to a person's receiver."""
    line = f"webhooks {user % LANES}"
    untold.add(line, UUID(delivery))
    messengers.call(line)


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
def erase() -> None:
    """Delete what has been in the trash for long enough, and remove the bytes of what is deleted."""
    erasing.empty_trash()
    erasing.erase()


@shared_task
def cancel_upstream(generation: str) -> None:
    """Ask the vendors to stop what was cancelled."""
    upstream.cancel(UUID(generation))


def wake(workers: int = 1) -> None:
    """Have so many workers look at what is due now, if Redis answers; the sweeper asks again if none does."""
    for _ in range(workers):
        redis.attempt(lambda: advance.apply_async(retry=False))


def ask_to_sweep() -> None:
    """Have a worker sweep now, if Redis answers."""
    redis.attempt(lambda: sweep.apply_async(retry=False))


def hint_cancel(generation: UUID) -> None:
    """Ask any worker to stop the vendor's work on a cancelled generation."""
    redis.attempt(lambda: cancel_upstream.apply_async((str(generation),), retry=False))


def look_around() -> None:
    """Have what is due looked at: long things by this process, the short steps by any worker."""
    for line, number in turns.waiting().items():
        if line == STEPS:
            wake(min(number, shift.free))
        else:
            for _ in range(min(number, settings.WORKER_CALLS)):
                _call(line)


def _call(line: str) -> None:
    (artists if line == PICTURES else callers).call(line)


def _short(generation: UUID) -> None:
    heartbeat.beat()
    _advance(generation, Station(turns, _call))


def _long(line: str, generation: UUID) -> None:
    _advance(generation, Station(turns, _call, line, nullcontext if line == PICTURES else callers.away))


def _advance(generation: UUID, station: Station) -> None:
    if wait := fulfilment.advance(generation, station=station):
        watch.due_in(wait)


def _tell(_line: str, delivery: UUID) -> None:
    telling.tell(delivery, messengers.away)


turns, untold = Turns(), Noted()
shift = sweeping.Shift(turns, _short, hands=settings.CELERY_WORKER_CONCURRENCY)
watch = sweeping.Watch(look_around)
artists = Callers(turns.next, _long, limit=PICTURES_AT_ONCE, desks=PICTURES_AT_ONCE)
callers = Callers(turns.next, _long, limit=settings.WORKER_CALLS, desks=settings.CELERY_WORKER_CONCURRENCY)
messengers = Callers(untold.next, _tell, limit=LANE_WIDTH, desks=2)
