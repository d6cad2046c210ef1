"""Server-sent events: one stream per browser tab or program."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from accounts.models import User
from generations import events
from generations.following import bus
from generations.models import Event

KEEP_ALIVE_SECONDS = 15
REPLAYED = 200
LONGEST_ID = 19  # digits of a bigint


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
