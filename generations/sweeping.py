"""The safety net under Celery: what is due is found in the database and hinted at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db import connection

BATCH = 500
HINT_AGAIN_AFTER = dt.timedelta(seconds=10)

# One statement claims the right to hint, so that any number of sweepers may run and a backlog is not hinted at twice.
MARK = """
UPDATE generations_generation SET hinted_at = statement_timestamp()
WHERE id IN (
    SELECT id FROM generations_generation
    WHERE status IN ('queued', 'running') AND next_step_at <= statement_timestamp()
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
      AND (hinted_at IS NULL OR hinted_at < statement_timestamp() - make_interval(secs => %s))
    ORDER BY next_step_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def sweep(hint: Callable[[UUID], object]) -> int:
    """Hint at every generation that is due, that nobody has, and that was not hinted at lately; how many."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [HINT_AGAIN_AFTER.total_seconds(), BATCH])
        due = [row[0] for row in cursor.fetchall()]
    for generation in due:
        hint(generation)
    return len(due)
