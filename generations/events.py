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
SELECT %(user)s, %(generation)s, kind, data, clock_timestamp()
FROM unnest(%(kinds)s::varchar[], %(data)s::jsonb[]) WITH ORDINALITY told (kind, data, number) ORDER BY number
RETURNING id
"""

Told = tuple[str, int, str]  # its kind, how many images there are, and the generation's status


def record(generation: Generation, *told: Told) -> list[Event]:
    """Write events, in this order, in the caller's transaction, and publish them after the commit."""
    written = [
        Event(
            user_id=generation.user_id,
            generation=generation,
            kind=kind,
            data=describe(generation, ready=ready, status=status),
        )
        for kind, ready, status in told
    ]
    given: dict[str, Any] = {
        "user": generation.user_id,
        "generation": generation.pk,
        "kinds": [event.kind for event in written],
        "data": [json.dumps(event.data) for event in written],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, given)
        for event, [pk] in zip(written, cursor.fetchall(), strict=True):
            event.pk = pk
    announce(*written)
    return written


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
