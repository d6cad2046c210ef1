"""Waiting for a generation to end without holding a thread, as the vendors' synchronous addresses do."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections

from generations.following import Bus, bus
from generations.models import Generation

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1


class Waiters:
    """This process's requests that wait for generations: their events wake them, or one look a second for them all."""

    def __init__(self, events: Bus) -> None:
        self._events = events
        self._waiting: Counter[UUID] = Counter()
        self._looking: asyncio.Task[None] | None = None

    async def until_finished(self, generation: UUID, seconds: float) -> bool:
        """Wait at most so long; whether it has ended by then."""
        queue = await self._events.follow(generation)
        self._waiting[generation] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                while json.loads(await queue.get()).get("status", Generation.Status.QUEUED) in Generation.UNFINISHED:
                    pass
        except TimeoutError:
            return False
        finally:
            self._waiting -= Counter([generation])
            self._events.leave(generation, queue)
        return True

    async def _look(self) -> None:
        while self._waiting:
            for generation, status in await sync_to_async(_finished)(list(self._waiting)):
                self._events.tell(generation, json.dumps({"status": status}))
            await asyncio.sleep(LOOK_SECONDS)


def _finished(generations: list[UUID]) -> list[tuple[UUID, str]]:
    """Those that have ended, and how; none while the database is away."""
    ended = Generation.objects.filter(pk__in=generations).exclude(status__in=Generation.UNFINISHED)
    try:
        return list(ended.values_list("pk", "status"))
    except (OperationalError, InterfaceError) as error:
        close_old_connections()
        logger.warning("nobody can tell which generations have ended: %s", error)
        return []


waiters = Waiters(bus)
