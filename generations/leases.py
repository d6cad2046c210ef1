"""Leases: who may take the next step of a generation. Time is the database's, so that clocks need not agree."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from generations.models import Generation, Prompt

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=20)
KEPT_EVERY = LEASE / 4  # a database that is away for a moment costs no lease
SOONEST = dt.timedelta(seconds=1)

# By hand, as every step of every generation begins and ends with them.
CLAIM = """
UPDATE generations_generation g
SET lease_token = %(token)s, lease_until = statement_timestamp() + %(lease)s, claims = claims + 1, status = 'running',
    started = coalesce(started, statement_timestamp())
FROM generations_prompt p
WHERE g.id = %(generation)s AND p.id = g.prompt_id AND g.status IN ('queued', 'running')
  AND g.next_step_at <= statement_timestamp() AND (g.lease_until IS NULL OR g.lease_until < statement_timestamp())
RETURNING g.*, g.deadline < statement_timestamp() AS overdue, p.text, p.negative
"""
RENEW = """
UPDATE generations_generation SET lease_until = statement_timestamp() + %(lease)s
WHERE id = %(generation)s AND lease_token = %(token)s AND status IN ('queued', 'running')
"""
PUT_OFF = """
UPDATE generations_generation
SET lease_token = NULL, lease_until = NULL, hinted_at = NULL, faults = %(faults)s, next_step_at =
    least(statement_timestamp() + %(wait)s, greatest(deadline, statement_timestamp() + %(soonest)s))
WHERE id = %(generation)s AND lease_token = %(token)s
"""


class LostLease(Exception):
    """Somebody else has the generation now, or it has ended: stop without a word."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's right to change one generation."""

    generation: Generation
    token: uuid.UUID
    overdue: bool

    def renew(self) -> None:
        """Have it from now on; raises ``LostLease``. Inside a transaction this is the fence of its writes."""
        if not self._change(RENEW, lease=LEASE):
            raise LostLease

    def keep(self, span: dt.timedelta) -> None:
        """Have it renewed while this process lives, but no longer than what takes ``span`` at most may last."""
        keeper.keep(self.token, span + LEASE)

    def let_go(self) -> None:
        """Have it renewed no more."""
        keeper.drop(self.token)

    def put_off(self, wait: dt.timedelta, *, fault: bool = False) -> None:
        """Give it back and ask for the next step after ``wait``, or at the deadline, which ends it."""
        self._change(PUT_OFF, wait=wait, soonest=SOONEST, faults=self.generation.faults + fault)

    def _change(self, statement: str, **given: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"generation": self.generation.pk, "token": self.token, **given})
            return bool(cursor.rowcount)


class Keeper:
    """Renews the leases of what this process is at, so that a call may be long and a dead worker is missed soon."""

    def __init__(self, every: dt.timedelta = KEPT_EVERY) -> None:
        self._every = every.total_seconds()
        self._ends: dict[uuid.UUID, float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def keep(self, token: uuid.UUID, span: dt.timedelta) -> None:
        """Renew this lease until ``drop``, or until the span is over."""
        with self._lock:
            self._ends[token] = time.monotonic() + span.total_seconds()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keeper of leases", daemon=True)
                self._thread.start()

    def drop(self, token: uuid.UUID) -> None:
        """Renew it no more."""
        with self._lock:
            self._ends.pop(token, None)

    def renew(self) -> int:
        """Renew what is kept, in one statement; how many leases that were."""
        now = time.monotonic()
        with self._lock:
            kept = [token for token, ends in self._ends.items() if ends > now]
        return Generation.objects.unfinished().filter(lease_token__in=kept).update(lease_until=Now() + LEASE)

    def _run(self) -> None:
        while True:
            time.sleep(self._every)
            if not self._ends:
                continue
            try:
                self.renew()
            except Exception:
                logger.exception("leases could not be renewed and will be tried again")
            finally:
                connection.close()


keeper = Keeper()


def claim(generation: uuid.UUID) -> Lease | None:
    """The lease of a generation that is due and that nobody has; None otherwise. It comes with its prompt."""
    token = uuid.uuid4()
    given = {"generation": generation, "token": token, "lease": LEASE}
    for found in Generation.objects.raw(CLAIM, given):
        beside = vars(found)
        texts = [found.prompt_id, beside.pop("text"), beside.pop("negative")]
        found.prompt = Prompt.from_db(connection.alias, ["id", "text", "negative"], texts)
        return Lease(found, token, overdue=beside.pop("overdue"))
    return None
