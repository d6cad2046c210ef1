"""Server-sent events of a person, or of one generation until it ends: a socket each, no thread and no connection."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Max
from django.http import HttpRequest, StreamingHttpResponse
from rest_framework.request import Request

from accounts.standing import Caller, still_in
from generations import events, seats
from generations.following import MISSED, bus, hand
from generations.models import Event
from generations.seats import Seat
from generations.webhooks import ENDS

logger = logging.getLogger(__name__)

CONTENT_TYPE = "text/event-stream"
KEEP_ALIVE_SECONDS = 15
LOOK_SECONDS = 20
REPLAYED = 200
LONGEST_ID = 19  # digits of a bigint
MOST = 20
SCOPE = "generations:read"
LEAVE = ""

Message = dict[str, Any]
SILENCE: Message = {}
Queue = asyncio.Queue[str]


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens to what: one generation from its beginning, or all of a person's from now on; or after an event."""

    caller: Caller
    generation: UUID | None = None
    after: int | None = None
    name: str = field(default_factory=lambda: uuid4().hex)

    @property
    def seat(self) -> Seat:
        """Where this stream is counted."""
        return Seat(self.caller.user, self.name)


@dataclass(slots=True, eq=False)
class Hearing:
    """What one listener is told: everything after one event, each once, from a queue."""

    listener: Listener
    queue: Queue
    begin: int
    told: deque[int] = field(default_factory=lambda: deque(maxlen=REPLAYED))

    def overlooked(self, happened: Iterable[tuple[int, UUID]]) -> list[int]:
        """Those of the person's events, each with its generation, that should have been told here and were not."""
        after = self.told[0] if len(self.told) == REPLAYED else self.begin
        generation = self.listener.generation
        return [
            event for event, of in happened if event > after and generation in (None, of) and event not in self.told
        ]


class Audience:
    """This process's listeners, who are looked after every ``LOOK_SECONDS``.

    Whoever would not be let in any more is shown out, and whoever was not told what happened is told: messages are lost
    when Redis does not answer who sends them.
    """

    def __init__(self) -> None:
        self._listening: dict[Queue, Hearing] = {}
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def count(self, user: int) -> int:
        """How many streams a person has here."""
        return sum(hearing.listener.caller.user == user for hearing in list(self._listening.values()))

    @contextmanager
    def seat(self, hearing: Hearing) -> Iterator[None]:
        """While somebody listens; ``LEAVE`` in their queue is the end of it."""
        queue = hearing.queue
        self._listening[queue] = hearing
        if self._closed:
            _show_out(queue)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            yield
        finally:
            del self._listening[queue]

    def close(self) -> None:
        """This process is to end: whoever listens goes, and finds another process to go on with."""
        self._closed = True
        for queue in self._listening:
            _show_out(queue)

    async def _look(self) -> None:
        marks = deque[int](maxlen=2)  # the newest event, now and a look ago: what is on its way may be passed by
        while self._listening:
            try:
                marks.append(await sync_to_async(_newest)())
                await asyncio.sleep(LOOK_SECONDS)
                await self._look_after(marks[0])
            except (DatabaseError, InterfaceError) as error:
                logger.warning("nobody looks after the streams until the database answers: %s", error)
                await asyncio.sleep(LOOK_SECONDS)

    async def _look_after(self, since: int) -> None:
        hearings = list(self._listening.values())
        welcome = await sync_to_async(_welcome)([hearing.listener for hearing in hearings])
        happened = await sync_to_async(_happened)({hearing.listener.caller.user for hearing in hearings}, since)
        for hearing in hearings:
            if hearing.listener.caller not in welcome:
                _show_out(hearing.queue)
            elif overlooked := hearing.overlooked(happened[hearing.listener.caller.user]):
                for message in await sync_to_async(_messages_of)(overlooked):
                    hand(hearing.queue, json.dumps(message))


def _show_out(queue: Queue) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(LEAVE)


audience = Audience()


def response(listener: Listener) -> StreamingHttpResponse:
    """The stream, as it is answered."""
    answer = StreamingHttpResponse(stream(listener), content_type=CONTENT_TYPE)
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


def last_event_id(request: HttpRequest | Request) -> int | None:
    """The event that the client saw last; None where it names none, or what no event has."""
    seen = request.headers.get("Last-Event-ID", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= LONGEST_ID else None


async def stream(listener: Listener) -> AsyncIterator[str]:
    """Events as they happen, after those that were missed; that of one generation ends with it, by ``done``."""
    followed = listener.generation or listener.caller.user
    queue = await bus.follow(followed)
    try:
        hearing = Hearing(listener, queue, begin=await sync_to_async(_start)(listener))
        with audience.seat(hearing):
            await sync_to_async(seats.keep)([listener.seat])
            yield "event: hello\ndata: {}\n\n"
            async for message in _messages(hearing):
                yield _frame(message)
                if listener.generation and message.get("kind") in ENDS:
                    yield "event: done\ndata: {}\n\n"
                    return
    finally:
        bus.leave(followed, queue)
        await sync_to_async(seats.leave)(listener.seat)


async def _messages(hearing: Hearing) -> AsyncIterator[Message]:
    """Each event once, as it comes or as it is found; ``SILENCE`` when none came for long."""
    listener, last, known = hearing.listener, hearing.begin, hearing.told
    news: Message | None = json.loads(MISSED)
    while news is not None:
        found = [news]
        if "id" not in news:
            resumed = not listener.generation and (listener.after is not None or bool(known))
            found = await sync_to_async(_since)(listener, last, resumed=resumed) if news or listener.generation else []
        told = [message for message in found if message["id"] not in known]
        for message in told:
            yield message
            known.append(message["id"])
            last = max(last, message["id"])
        if news == SILENCE and not told:
            yield SILENCE
        news = await _next(hearing.queue)


async def _next(queue: Queue) -> Message | None:
    """The next message; ``SILENCE`` when none came for long; None when the listener is to leave."""
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):  # wait_for of Python 3.11 forgets a cancellation now and then
            text = await queue.get()
    except TimeoutError:
        return SILENCE
    message: Message | None = json.loads(text) if text != LEAVE else None
    return message


def _start(listener: Listener) -> int:
    """After which event the listener hears everything."""
    if listener.after is not None:
        return listener.after
    if listener.generation:
        return 0
    try:
        return Event.objects.filter(user=listener.caller.user).aggregate(newest=Max("pk"))["newest"] or 0
    finally:
        connection.close()


def _newest() -> int:
    try:
        return Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    finally:
        connection.close()


def _happened(users: Collection[int], since: int) -> defaultdict[int, list[tuple[int, UUID]]]:
    """Each person's events after one, with their generations."""
    found = defaultdict[int, list[tuple[int, UUID]]](list)
    try:
        recent = Event.objects.filter(user__in=users, pk__gt=since)
        for user, event, generation in recent.values_list("user_id", "pk", "generation_id"):
            found[user].append((event, generation))
        return found
    finally:
        connection.close()


def _messages_of(chosen: Collection[int]) -> list[Message]:
    try:
        return [events.message(event) for event in Event.objects.filter(pk__in=chosen).order_by("pk")]
    finally:
        connection.close()


def _since(listener: Listener, last: int, *, resumed: bool) -> list[Message]:
    """What happened after an event, oldest first; the connection is given back, because a stream waits for hours."""
    try:
        own = Event.objects.filter(user=listener.caller.user)
        if listener.generation:  # whose events are recorded one after the other
            own = own.filter(generation=listener.generation)
        found = Event.objects.after(last, user=listener.caller.user) if resumed else own.filter(pk__gt=last)
        return [events.message(event) for event in reversed(found.order_by("-pk")[:REPLAYED])]
    finally:
        connection.close()


def has_room(listener: Listener) -> bool:
    """Whether the person has fewer than ``MOST`` streams, in all processes; if so, this is one of them from now on."""
    return audience.count(listener.caller.user) < MOST and seats.take(listener.seat, MOST)


def _welcome(listening: list[Listener]) -> set[Caller]:
    seats.keep(listener.seat for listener in listening)
    try:
        return still_in({listener.caller for listener in listening}, SCOPE)
    finally:
        connection.close()


def _frame(message: Message) -> str:
    if message == SILENCE:
        return ": still here\n\n"
    told = {name: value for name, value in message.items() if name != "id"}
    return f"id: {message['id']}\nevent: generation\ndata: {json.dumps(told)}\n\n"
