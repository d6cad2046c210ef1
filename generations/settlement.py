"""How a generation ends: once, with the rest of its hold given back in the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts import ledger
from generations import events, webhooks
from generations.models import Attempt, Generation

# By hand, as every generation ends: it, the attempt that brought its images, and whether anybody else is to be told.
END = f"""
WITH ended AS (
    UPDATE generations_generation
    SET status = %(status)s, finished = statement_timestamp(), error_code = %(code)s, error_detail = %(detail)s,
        lease_token = NULL, lease_until = NULL
    WHERE id = %(generation)s AND status IN ('queued', 'running')
      AND (lease_token = %(lease_token)s OR %(lease_token)s::uuid IS NULL)
    RETURNING id
), delivered AS (
    UPDATE generations_attempt a
    SET state = 'delivered', finished = statement_timestamp(), faults = %(faults)s::varchar[]
    FROM ended WHERE a.id = %(attempt)s::bigint AND a.state = ANY (%(open)s)
    RETURNING a.id
)
SELECT EXISTS (SELECT FROM delivered), {webhooks.HAS_ANY} FROM ended
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Brought:
    """What an attempt came to: how many ``images`` there are of its generation, and what was wrong with pictures.

    ``record`` writes the last of the images, if that is not there yet.
    """

    attempt: Attempt
    images: int
    faults: list[str]
    record: Callable[[], object] | None = None


def settle(
    generation: Generation,
    status: Generation.Status,
    *,
    lease_token: uuid.UUID | None = None,
    code: str = "",
    detail: str = "",
    brought: Brought | None = None,
) -> bool:
    """End an unfinished generation; False when it had ended already, or when ``lease_token`` no longer holds it.

    The attempt that ``brought`` its images is closed with it, and the last of them recorded, once it is certain that
    nobody else ends it; False when somebody has closed that attempt. Without one, whatever is open is abandoned.
    """
    with transaction.atomic():
        ended = _ended(generation, lease_token, brought, status=str(status), code=code, detail=detail[:500])
        if ended is None:
            return False
        delivered, others = ended
        if brought and not delivered:
            transaction.set_rollback(True)
            return False
        ready, told = _closed(generation, brought)
        if ready < generation.count:  # else all of the hold is captured
            ledger.release_rest(generation.pk)
        events.record(generation, *told, (str(status), ready, str(status)))
        webhooks.announce_end(generation, status, others=others)
    generation.status = status
    return True


def _ended(
    generation: Generation, lease_token: uuid.UUID | None, brought: Brought | None, **ending: str
) -> tuple[bool, bool] | None:
    """Whether the attempt was closed, and whether receivers may want to hear; nothing when it was not ended."""
    given: dict[str, Any] = {
        **ending,
        "generation": generation.pk,
        "user": generation.user_id,
        "lease_token": lease_token,
        "attempt": brought.attempt.pk if brought else None,
        "faults": brought.faults if brought else None,
        "open": [str(state) for state in Attempt.OPEN],
    }
    with connection.cursor() as cursor:
        cursor.execute(END, given)
        found: tuple[bool, bool] | None = cursor.fetchone()
    return found


def _closed(generation: Generation, brought: Brought | None) -> tuple[int, list[events.Told]]:
    """How many images there are, and what is to be told of the last. Nothing more is expected of any attempt."""
    if brought is None:
        still_open = generation.attempts.filter(state__in=Attempt.OPEN)
        still_open.update(state=Attempt.State.ABANDONED, finished=Now())
        return generation.images.count(), []
    if brought.record is None:
        return brought.images, []
    brought.record()
    return brought.images, [("image", brought.images, generation.status)]
