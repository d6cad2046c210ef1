"""Leases: who may take the next step of a generation. Time is the database's, so that clocks need not agree."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Least, Now

from generations.models import Generation

LEASE = dt.timedelta(seconds=20)
SOONEST = dt.timedelta(seconds=1)


class LostLease(Exception):
    """Somebody else has the generation now, or it has ended: stop without a word."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's right to change one generation."""

    generation: Generation
    token: uuid.UUID
    overdue: bool

    def renew(self, span: dt.timedelta = LEASE) -> None:
        """Keep it for ``span`` from now; raises ``LostLease``. Inside a transaction this is the fence of its writes."""
        mine = Generation.objects.unfinished().filter(pk=self.generation.pk, lease_token=self.token)
        if not mine.update(lease_until=Now() + span):
            raise LostLease

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


def claim(generation: uuid.UUID) -> Lease | None:
    """The lease of a generation that is due and that nobody has, with its model and prompt; None otherwise."""
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
