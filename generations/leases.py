"""Leases: who may take the next step of a generation. Time is the database's, so that clocks need not agree."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Least, Now

from generations.models import Generation

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=20)
KEPT_EVERY = LEASE / 4  # a database that is away for a moment costs no lease
SOONEST = dt.timedelta(seconds=1)


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
        mine = Generation.objects.unfinished().filter(pk=self.generation.pk, lease_token=self.token)
        if not mine.update(lease_until=Now() + LEASE):
            raise LostLease

    def keep(self, span: dt.timedelta) -> None:
        """Have it renewed while this process lives, but no longer than what takes ``span`` at most may last."""
        keeper.keep(self.token, span + LEASE)

    def let_go(self) -> None:
        """Have it renewed no more."""
        keeper.drop(self.token)

    def put_off(self, wait: dt.timedelta, *, fault: bool = False) -> None:
        """Give it back and ask for the next step after ``wait``, or at the deadline, which ends it."""
        deadline = Greatest(F("deadline"), Now() + SOONEST)
        Generation.objects.filter(pk=self.generation.pk, lease_token=self.token).update(
            lease_token=None,
            lease_until=None,
            hinted_at=None,
            next_step_at=Least(Now() + wait, deadline),
            faults=self.generation.faults + fault,
        )


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
    """The lease of a generation that is due and that nobody has; None otherwise.

    It comes with its model and prompt.
    """
    token = uuid.uuid4()
    taken = (
        Generation.objects.due()
        .filter(pk=generation)
        .update(
            lease_token=token,
            lease_until=Now() + LEASE,
            claims=F("claims") + 1,
            status=Generation.Status.RUNNING,
            started=Coalesce(F("started"), Now()),
        )
    )
    if not taken:
        return None
    claimed = (
        Generation.objects.select_related("model", "prompt")
        .defer("prompt__words")
        .annotate(overdue=Q(deadline__lt=Now()))
    )
    found = claimed.get(pk=generation)
    return Lease(found, token, overdue=vars(found)["overdue"])
