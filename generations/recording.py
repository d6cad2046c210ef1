"""What a submit leaves behind besides the hold: the prompt, the generation and its first event, in one statement."""

from __future__ import annotations

import json
from functools import cache

from django.db import connection

from generations import events
from generations.models import Event, Generation, Model, Prompt
from generations.models.catalogue import VERSION
from generations.models.prompt import digest_of
from generations.rows import Row

STATEMENT = """
WITH model AS (
    SELECT 1 FROM generations_model WHERE id = %(model)s AND ({version}) = %(version)s
), prompt AS (
    INSERT INTO generations_prompt (user_id, text, negative, digest, created, last_used)
    SELECT %(user_id)s, %(text)s, %(negative)s, %(digest)s, now(), now() FROM model
    ON CONFLICT (user_id, digest) DO UPDATE SET last_used = now(), hidden = false
    RETURNING id
), generation AS (
    INSERT INTO generations_generation ({columns}, prompt_id, next_step_at)
    SELECT {values}, prompt.id, now() FROM prompt
    RETURNING id, user_id, prompt_id, next_step_at
), event AS (
    INSERT INTO generations_event (user_id, generation_id, kind, data, created)
    SELECT user_id, id, 'queued', %(data)s::jsonb, now() FROM generation
    RETURNING id
)
SELECT prompt_id, next_step_at, event.id FROM generation, event
"""
ROW = Row(Generation, but={"prompt", "next_step_at"})


class ModelChanged(Exception):
    """The model, or a route to it, is no longer what it was when the order was checked. Nothing was written."""


def record(generation: Generation, prompt: Prompt, model: Model) -> None:
    """Write a new generation in the caller's transaction; followers are told after the commit.

    ``model`` comes from ``remembered``; raises ``ModelChanged`` when somebody has changed it since.
    """
    data = events.describe(generation, ready=0, status=generation.status)
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(),
            {
                **ROW.of(generation),
                "model": model.pk,
                "version": model.version,
                "text": prompt.text,
                "negative": prompt.negative,
                "digest": digest_of(prompt.text, prompt.negative),
                "data": json.dumps(data),
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise ModelChanged
    prompt.pk, generation.next_step_at, event = row
    generation.prompt = prompt
    generation._state.adding = False  # noqa: SLF001
    events.announce(Event(pk=event, user_id=generation.user_id, generation=generation, kind="queued", data=data))


@cache
def _statement() -> str:
    return STATEMENT.format(version=VERSION, columns=ROW.columns, values=ROW.values)
