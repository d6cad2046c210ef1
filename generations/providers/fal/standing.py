"""How a request stands, in one statement: a waiting Python client asks ten times a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.keys import Beside
from accounts.models import User
from generations.models import Generation
from generations.providers.fal.wire import LONGEST_QUEUE

# Beyond the limit nobody counts. The partial index ``generation_due`` holds all that waits.
WAITING = f"""(
SELECT count(*) FROM (
    SELECT 1 FROM generations_generation o WHERE o.status = 'queued' {{before}} LIMIT {LONGEST_QUEUE}
) AS line
)"""  # noqa: S608 - nothing but a number
LINES = """(
SELECT coalesce(json_agg(json_build_array(line.at, line.kind, line.data) ORDER BY line.at, line.place), '[]') FROM (
    SELECT e.created AS at, e.id AS place, e.kind, e.data FROM generations_event e WHERE e.generation_id = g.id
    UNION ALL
    SELECT a.created, a.number, 'attempt', jsonb_build_object('number', a.number, 'provider', a.provider)
    FROM generations_attempt a WHERE a.generation_id = g.id
) AS line
)"""
STANDING = f"""(
SELECT json_build_object(
    'generation', json_build_object(
        'id', g.id, 'status', g.status, 'error_code', g.error_code, 'error_detail', g.error_detail
    ),
    'seconds', extract(epoch FROM g.finished - g.started),
    'before', CASE g.status WHEN 'queued' THEN {WAITING.format(before="AND o.id < g.id")} ELSE 0 END,
    'lines', {{lines}}
)
FROM generations_generation g WHERE g.id = %s AND g.user_id = {{user}}
)"""  # noqa: S608 - nothing but what is written above
LINE = Beside(WAITING.format(before=""))


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, and when, as PostgreSQL writes it."""

    at: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A generation with as much as its state needs: how many wait before it, what happened, how long it took."""

    generation: Generation
    before: int
    seconds: float | None
    lines: list[Line] | None


def beside(pk: UUID, *, lines: bool) -> Beside:
    """To be read with an API key: how this generation stands, if it is the key's person's."""
    return Beside(_statement("u.id", lines=lines), (pk,))


def standing(user: User, pk: UUID, *, lines: bool) -> Standing | None:
    """How a person's own generation stands; None when they have no such one."""
    return found(_value(_statement("%s", lines=lines), pk, user.pk))


def found(value: Mapping[str, Any] | None) -> Standing | None:
    """What the statement found; None when there is no such generation."""
    if value is None:
        return None
    known = value["generation"]
    lines = value["lines"]
    return Standing(
        Generation(**{**known, "id": UUID(known["id"])}),
        value["before"],
        value["seconds"],
        None if lines is None else [Line(*line) for line in lines],
    )


def waiting() -> int:
    """How many generations wait for a worker, counted up to ``LONGEST_QUEUE``."""
    count: int = _value(LINE.sql)
    return count


def _statement(user: str, *, lines: bool) -> str:
    return STANDING.format(lines=LINES if lines else "NULL", user=user)


def _value(sql: str, *values: UUID | int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql}", values)
        return cursor.fetchone()[0]
