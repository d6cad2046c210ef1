"""Leases: who may take the next step of a generation. Time is the database's, so that clocks need not agree."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from generations import events
from generations.models import Attempt, Event, Generation, Prompt

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=20)
KEPT_EVERY = LEASE / 4  # a database that is away for a moment costs no lease
SOONEST = dt.timedelta(seconds=1)

# By hand, as every step of every generation begins and ends with them.
FREE = """g.status IN ('queued', 'running') AND g.next_step_at <= statement_timestamp()
  AND (g.lease_until IS NULL OR g.lease_until < statement_timestamp())"""
# Many at once: what is chosen, with its prompts and, where no worker had it before, the event that says so.
CLAIM = f"""
WITH chosen AS ({{chosen}}), claimed AS (
    UPDATE generations_generation g
    SET lease_token = gen_random_uuid(), lease_until = statement_timestamp() + %(lease)s, claims = claims + 1,
        status = 'running', started = coalesce(started, statement_timestamp())
    WHERE g.id = ANY (ARRAY(SELECT id FROM chosen)) AND {FREE}
    RETURNING g.*
), told AS (
    INSERT INTO generations_event (user_id, generation_id, kind, data, created)
    SELECT user_id, id, 'running', jsonb_build_object('status', status, 'ready', 0, 'count', "count"), now()
    FROM claimed WHERE claims = 1
    RETURNING id AS event, generation_id
)
SELECT claimed.*, claimed.deadline < statement_timestamp() AS overdue, told.event,
    ARRAY(SELECT position FROM generations_image i WHERE i.generation_id = claimed.id) AS delivered,
    (SELECT text FROM generations_prompt p WHERE p.id = claimed.prompt_id),
    (SELECT negative FROM generations_prompt p WHERE p.id = claimed.prompt_id)
FROM claimed JOIN chosen ON chosen.id = claimed.id LEFT JOIN told ON told.generation_id = claimed.id
ORDER BY chosen.turn, claimed.id
"""  # noqa: S608 - constants
ATTEMPTS = "SELECT * FROM generations_attempt WHERE generation_id = ANY (%s) ORDER BY number"
RENEW = """
UPDATE generations_generation SET lease_until = statement_timestamp() + %(lease)s
WHERE id = %(generation)s AND lease_token = %(lease_token)s AND status IN ('queued', 'running')
"""
HELD = f"WITH held AS ({RENEW} RETURNING id) {{statement}} FROM held {{condition}} RETURNING id"
PUT_OFF = """
UPDATE generations_generation
SET lease_token = NULL, lease_until = NULL, faults = %(faults)s, next_step_at =
    least(statement_timestamp() + %(wait)s, greatest(deadline, statement_timestamp() + %(soonest)s))
WHERE id = %(generation)s AND lease_token = %(lease_token)s
"""
# The generation's row is taken first, as whoever cancels it does; the attempt moves whether the lease holds or not.
MOVE_ON = f"""
WITH locked AS (
    SELECT id FROM generations_generation WHERE id = %(generation)s FOR NO KEY UPDATE
), moved AS (
    {{move}} AND EXISTS (SELECT FROM locked) RETURNING id
), put_off AS ({PUT_OFF} AND EXISTS (SELECT FROM moved))
SELECT id FROM moved
"""  # noqa: S608 - constants


class LostLease(Exception):
    """Somebody else has the generation now, or it has ended: stop without a word."""


@dataclass(slots=True)
class Lease:
    """One worker's right to change one generation, and the attempts there were when it got it."""

    generation: Generation
    token: uuid.UUID
    overdue: bool
    delivered: frozenset[int] = frozenset()  # the positions of the images that there were
    attempts: list[Attempt] = field(default_factory=list)
    given_back: bool = field(default=False, init=False)

    def renew(self) -> None:
        """Have it from now on; raises ``LostLease``. Inside a transaction this is the fence of its writes."""
        if not self._change(RENEW, lease=LEASE):
            raise LostLease

    def insert(self, statement: str, condition: str = "", **given: Any) -> int:
        """The id of what this ``INSERT … SELECT`` writes, if the lease holds, which it renews; raises ``LostLease``.

        So it does where a ``condition`` (``WHERE …``) is not met.
        """
        given |= {**self._own, "lease": LEASE}
        with connection.cursor() as cursor:
            cursor.execute(HELD.format(statement=statement, condition=condition), given)
            found = cursor.fetchone()
        if found is None:
            raise LostLease
        return int(found[0])

    def keep(self, span: dt.timedelta) -> None:
        """Have it renewed while this process lives, but no longer than what takes ``span`` at most may last."""
        keeper.keep(self.token, span + LEASE)

    def let_go(self) -> None:
        """Have it renewed no more."""
        keeper.drop(self.token)

    def put_off(self, wait: dt.timedelta, *, fault: bool = False) -> None:
        """Give it back and ask for the next step after ``wait``, or at the deadline, which ends it; once."""
        if not self.given_back:
            self._change(PUT_OFF, **self._put_off(wait, fault=fault))

    def move_on(
        self,
        attempt: Attempt,
        states: Iterable[Attempt.State],
        to: Attempt.State,
        changes: Mapping[str, object],
        wait: dt.timedelta,
    ) -> bool:
        """Move the attempt, as its ``move`` does, and with it put the generation off; neither where it is False."""
        moved = attempt.move_within(MOVE_ON, {**self._put_off(wait), **self._own}, states, to, changes)
        self.given_back |= moved
        return moved

    def _change(self, statement: str, **given: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**given, **self._own})
            return bool(cursor.rowcount)

    def _put_off(self, wait: dt.timedelta, *, fault: bool = False) -> dict[str, Any]:
        return {"wait": wait, "soonest": SOONEST, "faults": self.generation.faults + fault}

    @property
    def _own(self) -> dict[str, Any]:
        return {"generation": self.generation.pk, "lease_token": self.token}


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


def claim_all(chosen: str, **given: object) -> list[Lease]:
    """The leases of those that a query chooses, by ``id`` and ``turn``, as far as they are due and nobody has them."""
    found = Generation.objects.raw(_statement(chosen), {**given, "lease": LEASE})
    told: list[Event] = []
    leases = [_lease(generation, told) for generation in found]
    events.announce(*told)
    _add_attempts([lease for lease in leases if lease.generation.claims > 1])
    return leases


def give_back(leases: Sequence[Lease]) -> None:
    """Let others have at once what was claimed and not begun."""
    tokens = [lease.token for lease in leases]
    Generation.objects.filter(lease_token__in=tokens).update(lease_token=None, lease_until=None)
    for lease in leases:
        lease.let_go()


@cache
def _statement(chosen: str) -> str:
    return CLAIM.format(chosen=chosen)


def _lease(generation: Generation, told: list[Event]) -> Lease:
    """From a row of ``CLAIM``; the event that it wrote, if it did, is put to what is ``told``."""
    beside = vars(generation)
    texts = [generation.prompt_id, beside.pop("text"), beside.pop("negative")]
    generation.prompt = Prompt.from_db(connection.alias, ["id", "text", "negative"], texts)
    if event := beside.pop("event"):
        data = events.describe(generation, ready=0, status=generation.status)
        told.append(Event(pk=event, user_id=generation.user_id, generation=generation, kind="running", data=data))
    token: uuid.UUID = beside["lease_token"]
    return Lease(generation, token, overdue=beside.pop("overdue"), delivered=frozenset(beside.pop("delivered")))


def _add_attempts(leases: Sequence[Lease]) -> None:
    if not leases:
        return
    by_generation = defaultdict(list)
    for attempt in Attempt.objects.raw(ATTEMPTS, [[lease.generation.pk for lease in leases]]):
        by_generation[attempt.generation_id].append(attempt)
    for lease in leases:
        lease.attempts.extend(by_generation[lease.generation.pk])
        for attempt in lease.attempts:
            attempt.generation = lease.generation
