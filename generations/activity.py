"""What people asked for in the last 24 hours, and what waits now: hour by hour, in two statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from generations import gallery

HOURS = 24
# Ids are time-ordered: the last day is the end of the primary key. What ended now may have begun a day ago, no earlier.
BY_HOUR = """
WITH hour AS (
    SELECT date_trunc('hour', now()) - make_interval(hours => n) AS begins FROM generate_series(0, %(hours)s - 1) AS n
), recent AS (
    SELECT date_trunc('hour', created) AS submitted, date_trunc('hour', finished) AS ended, status
    FROM generations_generation WHERE id >= %(since)s
), submitted AS (
    SELECT submitted AS begins, count(*) AS number FROM recent GROUP BY 1
), ended AS (
    SELECT ended AS begins, count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled
    FROM recent WHERE ended IS NOT NULL GROUP BY 1
)
SELECT begins, COALESCE(submitted.number, 0), COALESCE(completed, 0), COALESCE(failed, 0), COALESCE(cancelled, 0)
FROM hour LEFT JOIN submitted USING (begins) LEFT JOIN ended USING (begins) ORDER BY begins
"""

WAITING = """
SELECT count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'running'),
       count(*) FILTER (WHERE next_step_at <= now() AND (lease_until IS NULL OR lease_until < now())),
       extract(epoch FROM max(now() - next_step_at)
               FILTER (WHERE next_step_at <= now() AND (lease_until IS NULL OR lease_until < now())))::float
FROM generations_generation WHERE status IN ('queued', 'running')
"""


@dataclass(frozen=True, slots=True)
class Hour:
    """What came in and what ended in an hour."""

    begins: dt.datetime
    submitted: int
    completed: int
    failed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Unfinished generations: those of which a step is due and that no worker has, and since when, in seconds."""

    queued: int
    running: int
    due: int
    oldest: float | None


def by_hour() -> list[Hour]:
    """The last 24 hours, the present one last."""
    since = gallery.first_id(timezone.now() - dt.timedelta(hours=2 * HOURS))
    return [Hour(*row) for row in _ask(BY_HOUR, {"hours": HOURS, "since": since})]


def waiting() -> Waiting:
    """Now."""
    [row] = _ask(WAITING, {})
    return Waiting(*row)


def _ask(query: str, given: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return list(cursor.fetchall())
