"""How a generation ends: once, with the rest of its hold given back in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts import ledger
from generations import events, webhooks
from generations.models import Attempt, Generation

# By hand, as every generation ends.
END = """
UPDATE generations_generation
SET status = %(status)s, finished = statement_timestamp(), error_code = %(code)s, error_detail = %(detail)s,
    lease_token = NULL, lease_until = NULL
WHERE id = %(generation)s AND status IN ('queued', 'running')
  AND (lease_token = %(lease_token)s OR %(lease_token)s::uuid IS NULL)
"""


def settle(
    generation: Generation,
    status: Generation.Status,
    *,
    lease_token: uuid.UUID | None = None,
    code: str = "",
    detail: str = "",
    deliver: Callable[[], int] | None = None,
) -> bool:
    """End an unfinished generation; False when it had ended already, or when ``lease_token`` no longer holds it.

    ``deliver`` records the last of its images and closes the attempt that brought them, once it is certain that nobody
    else ends it; it answers how many images there are.
    """
    ending = {"status": str(status), "code": code, "detail": detail[:500], "lease_token": lease_token}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(END, {**ending, "generation": generation.pk})
            if not cursor.rowcount:
                return False
        ready = deliver() if deliver else _close_attempts(generation)
        if ready < generation.count:  # else all of the hold is captured
            ledger.release_rest(generation.pk)
        events.record(generation, status, ready=ready, status=status)
        webhooks.announce(generation, status)
    generation.status = status
    return True


def _close_attempts(generation: Generation) -> int:
    """Nothing more is expected of any; how many images there are."""
    still_open = generation.attempts.filter(state__in=Attempt.OPEN)
    still_open.update(state=Attempt.State.ABANDONED, finished=Now())
    return generation.images.count()
