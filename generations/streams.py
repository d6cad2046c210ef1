"""Server-sent events: one stream per browser tab or program, one Redis subscription per web process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET
from redis.asyncio import Redis
from redis.exceptions import RedisError

from accounts.models import User
from generations import events
from generations.bus import CHANNEL
from generations.models import Event

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
SUBSCRIBE_SECONDS = 2
REPLAYED = 200
BACKLOG = 100
LONGEST_ID = 19  # digits of a bigint


class Bus:
    """This process's one subscription to everybody's events, handed on to the streams that wait for them."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()

    async def follow(self, user: int) -> asyncio.Queue[str]:
        """A queue of this person's messages from now on; give it to ``leave`` in the end.

        Without Redis nothing comes, and nobody waits for it longer than ``SUBSCRIBE_SECONDS``.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(BACKLOG)
        self._followers[CHANNEL.format(user=user)].add(queue)
        if self._listener is None or self._listener.done():
            self._subscribed.clear()
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        try:
            await asyncio.wait_for(self._subscribed.wait(), SUBSCRIBE_SECONDS)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self.leave(user, queue)
            raise
        return queue

    def leave(self, user: int, queue: asyncio.Queue[str]) -> None:
        """Stop following."""
        channel = CHANNEL.format(user=user)
        self._followers[channel].discard(queue)
        if not self._followers[channel]:
            del self._followers[channel]

    async def _listen(self) -> None:
        while self._followers:
            try:
                await self._pass_on()
            except (RedisError, OSError) as error:
                self._subscribed.clear()
                logger.warning("no live events until Redis answers: %s", error)
                await asyncio.sleep(1)

    async def _pass_on(self) -> None:
        async with Redis.from_url(settings.REDIS_URL, health_check_interval=10) as redis, redis.pubsub() as pubsub:
            await pubsub.psubscribe(CHANNEL.format(user="*"))
            while self._followers:
                message = await pubsub.get_message(timeout=5)
                if message and message["type"] == "psubscribe":
                    self._subscribed.set()
                elif message:
                    self._deliver(message["channel"].decode(), message["data"].decode())

    def _deliver(self, channel: str, data: str) -> None:
        for queue in self._followers.get(channel, ()):
            if not queue.full():  # a reader that far behind reads the state again when it reconnects
                queue.put_nowait(data)


bus = Bus()


@require_GET
async def event_stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The signed-in person's events; ``Last-Event-ID`` resumes after the last one that was seen."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse(status=401)
    seen = request.headers.get("Last-Event-ID", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= LONGEST_ID else None
    response = StreamingHttpResponse(_stream(user.pk, after), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _stream(user: int, after: int | None) -> AsyncIterator[str]:
    queue = await bus.follow(user)
    try:
        missed = await sync_to_async(_since)(user, after)
        yield "event: hello\ndata: {}\n\n"
        for message in missed:
            yield _frame(message)
        while True:
            try:
                yield _frame(json.loads(await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)))
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        bus.leave(user, queue)


def _since(user: int, after: int | None) -> list[dict[str, Any]]:
    """What happened after an event, oldest first; the connection is given back, because a stream waits for hours."""
    try:
        if after is None:
            return []
        newest = Event.objects.filter(user=user, pk__gt=after).order_by("-pk")[:REPLAYED]
        return [events.message(event) for event in reversed(newest)]
    finally:
        connection.close()


def _frame(message: dict[str, Any]) -> str:
    number = message.pop("id")
    return f"id: {number}\nevent: generation\ndata: {json.dumps(message)}\n\n"
