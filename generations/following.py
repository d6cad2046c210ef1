"""Events as they come, for whoever waits for them in this process: one Redis subscription for them all."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from uuid import UUID

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from generations.bus import CHANNEL

logger = logging.getLogger(__name__)

SUBSCRIBE_SECONDS = 2
BACKLOG = 100
MISSED = '{"kind": "missed"}'  # Redis was away, or too much came: what happened meanwhile has to be looked for


def hand(queue: asyncio.Queue[str], message: str) -> None:
    """Add a message to what waits for a follower; who is that far behind is to look instead."""
    if queue.qsize() < BACKLOG:
        queue.put_nowait(message)
    elif not queue.full():
        queue.put_nowait(MISSED)


class Bus:
    """This process's one subscription to everybody's events, handed on to the streams that wait for them."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()
        self._lost = False

    async def follow(self, followed: int | UUID) -> asyncio.Queue[str]:
        """A queue of a person's messages, or of one generation's, from now on; give it to ``leave`` in the end.

        Without Redis nothing comes, and nobody waits for it longer than ``SUBSCRIBE_SECONDS``.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(BACKLOG + 1)
        self._followers[str(followed)].add(queue)
        if self._listener is None or self._listener.done():
            self._subscribed = asyncio.Event()
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await self._subscribed.wait()
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self.leave(followed, queue)
            raise
        return queue

    def leave(self, followed: int | UUID, queue: asyncio.Queue[str]) -> None:
        """Stop following."""
        name = str(followed)
        self._followers[name].discard(queue)
        if not self._followers[name]:
            del self._followers[name]

    def tell(self, followed: int | UUID | str, message: str) -> None:
        """Hand a message to those who follow a person or a generation here."""
        for queue in self._followers.get(str(followed), ()):
            hand(queue, message)

    async def _listen(self) -> None:
        while self._followers:
            try:
                await self._pass_on()
            except (RedisError, OSError) as error:
                self._subscribed.clear()
                self._lost = True
                logger.warning("no live events until Redis answers: %s", error)
                await asyncio.sleep(1)

    async def _pass_on(self) -> None:
        async with Redis.from_url(settings.REDIS_URL, health_check_interval=10) as redis, redis.pubsub() as pubsub:
            await pubsub.psubscribe(CHANNEL.format(user="*", generation="*"))
            while self._followers:
                message = await pubsub.get_message(timeout=5)
                if message and message["type"] == "psubscribe":
                    self._begin()
                elif message:
                    for followed in message["channel"].decode().split(":")[1:]:
                        self.tell(followed, message["data"].decode())
            self._subscribed.clear()  # before what closes gives somebody new a turn

    def _begin(self) -> None:
        self._subscribed.set()
        if self._lost:
            self._lost = False
            for followed in list(self._followers):
                self.tell(followed, MISSED)


bus = Bus()
