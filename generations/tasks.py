"""Celery's shells. A message is only a hint: the database knows what is to be done, and repeating any is harmless."""

from __future__ import annotations

import os
from contextlib import nullcontext
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import allowances, redis
from generations import (
    balances,
    endpoints,
    erasing,
    exports,
    fulfilment,
    heartbeat,
    late,
    retirement,
    sweeping,
    telling,
    upstream,
    verification,
    webhooks,
)
from generations.callers import Callers, Noted
from generations.housekeeping import missing, retention, walking
from generations.leases import Lease
from generations.turns import PICTURES, STEPS, Turns
from generations.work import Station

# Messages wait in one of so many lines, by whose they are: receivers that do not answer hold up their own line alone.
LANES, LANE_WIDTH = 8, 4
WOKEN, WOKEN_SECONDS = "steps:woken", 30  # should the message be lost, the sweeper finds what is due
FINISH = "generations.leaving.finish"  # by name, as it stands above: to leave is to cancel what is being made
PICTURES_AT_ONCE = (os.cpu_count() or 1) + 2  # one is fetched and one is stored while each core decodes another


@shared_task
def advance() -> None:
    """Have this process take what is due."""
    heard()
    call(STEPS)


@shared_task
def sweep() -> None:
    """Have everything looked at that is due and that no worker has."""
    heartbeat.beat()
    look_around()
    sweeping.sweep_deliveries(webhooks.hint)
    if exports.waiting():
        archivists.call(exports.LINE)


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
def expire_exports() -> None:
    """Remove archives that nobody fetches any more."""
    exports.expire()


@shared_task
def verify() -> None:
    """Check the books and log what breaks them."""
    verification.report()


@shared_task
def give_allowances() -> None:
    """Give this month's to whoever has not had them."""
    allowances.give()


@shared_task
def look_back() -> None:
    """Get the pictures that admins want after all, and ask what became of requests that were given up."""
    late.seek()
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
    """Delete what has been in the trash for long enough, and remove the bytes of what is deleted or left over."""
    erasing.empty_trash()
    erasing.erase()
    erasing.clear_spool(timezone.now())


@shared_task
def delete_accounts() -> None:
    """Delete the accounts of those who left and did not come back in time."""
    import_string(FINISH)()


@shared_task
def retain() -> None:
    """Warn of what is older than the studio keeps it, and put away what was warned of long enough ago."""
    retention.retain()


@shared_task
def begin_storage_sweep() -> None:
    """Begin a walk through the storage, unless one is under way."""
    walking.begin()


@shared_task
def sweep_storage() -> None:
    """Go on with the walk through the storage, and look for what was found missing."""
    walking.go_on()
    missing.seek()


@shared_task
def cancel_upstream(generation: str) -> None:
    """Ask the vendors to stop what was cancelled."""
    upstream.cancel(UUID(generation))


def wake() -> None:
    """Have a worker look at what is due now, if Redis answers; the sweeper asks again if none does.

    One that was asked and has not begun yet will see this, too.
    """
    if redis.attempt(lambda: redis.client().set(WOKEN, 1, nx=True, ex=WOKEN_SECONDS)):
        redis.attempt(lambda: advance.apply_async(retry=False))


def heard() -> None:
    """A worker begins to look: whoever submits from here on may be too late to be seen by it."""
    redis.attempt(lambda: redis.client().delete(WOKEN))


def ask_to_sweep() -> None:
    """Have a worker sweep now, if Redis answers."""
    redis.attempt(lambda: sweep.apply_async(retry=False))


def hint_cancel(generation: UUID) -> None:
    """Ask any worker to stop the vendor's work on a cancelled generation."""
    redis.attempt(lambda: cancel_upstream.apply_async((str(generation),), retry=False))


def look_around() -> None:
    """Have this process take what is due, as far as it has threads for it."""
    sweeping.look_around(turns, call)


def call(line: str, number: int = 1) -> None:
    """So many wait in this line: have them taken by its threads."""
    crew = {STEPS: steps, PICTURES: artists}.get(line, callers)
    for _ in range(min(number, crew.limit)):
        crew.call(line)


def _take(line: str, lease: Lease) -> None:
    heartbeat.beat()
    away = nullcontext if line in {STEPS, PICTURES} else callers.away
    if wait := fulfilment.go_on(lease, station=Station(turns, call, line, away)):
        watch.due_in(wait)


def _tell(_line: str, delivery: UUID) -> None:
    telling.tell(delivery, messengers.away)


def _export(_line: str, export: UUID) -> None:
    exports.make(export, lambda: archivists.closed)


turns, untold = Turns(dealt=call), Noted()
watch = sweeping.Watch(look_around)
steps = Callers(turns.next, _take, turns.lay_down, limit=settings.WORKER_THREADS, desks=settings.WORKER_THREADS)
artists = Callers(turns.next, _take, turns.lay_down, limit=PICTURES_AT_ONCE, desks=PICTURES_AT_ONCE)
callers = Callers(turns.next, _take, turns.lay_down, limit=settings.WORKER_CALLS, desks=settings.WORKER_THREADS)
messengers = Callers(untold.next, _tell, limit=LANE_WIDTH, desks=2)
archivists = Callers(exports.next_in, _export, limit=1, desks=1)
