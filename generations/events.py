"""What happened: recorded with the change itself, published once that is committed, followed by streams."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.db import connection, transaction

from generations import bus
from generations.models import Event, Generation

# By hand, as every generation leaves four.
INSERT = """
INSERT INTO generations_event (user_id, generation_id, kind, data, created)
VALUES (%s, %s, %s, %s::jsonb, %s) RETURNING id
"""


def record(generation: Generation, kind: str, *, ready: int, status: str) -> Event:
    """Write an event in the caller's transaction and publish it after the commit."""
    data = describe(generation, ready=ready, status=status)
    event = Event(user_id=generation.user_id, generation=generation, kind=kind, data=data)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [event.user_id, generation.pk, kind, json.dumps(data), event.created])
        [event.pk] = cursor.fetchone()
    announce(event)
    return event


def describe(generation: Generation, *, ready: int, status: str) -> dict[str, Any]:
    """What an event says of its generation."""
    return {"status": status, "ready": ready, "count": generation.count}


def announce(*events: Event) -> None:
    """Publish events that were written in this transaction, once it is committed."""
    if events:
        transaction.on_commit(partial(bus.publish, [(event.user_id, message(event)) for event in events]))


def message(event: Event) -> dict[str, Any]:
    """An event as followers read it."""
    return {"id": event.pk, "generation": str(event.generation_id), "kind": event.kind, **event.data}
