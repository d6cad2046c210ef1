"""What was under way when a backup was made: after a restore nobody knows how it went on, so nothing is sent again."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from generations.models import Attempt, Export, Generation
from generations.providers import registry
from generations.providers.base import OutcomeUnknown
from generations.settlement import settle

State = Attempt.State
DETAIL = "The studio was restored from a backup; whether this was made is not known. Nothing was charged."


@dataclass(frozen=True, slots=True)
class Settled:
    """How many attempts are unknown now, and how many generations were ended."""

    unknown: int
    ended: int


def settle_all() -> Settled:
    """Settle what a restored database takes for unfinished. Repeating it does nothing more.

    What was at a vendor, or on the way there, is unknown and is looked for as any lost answer is; a job whose id is
    known is polled. What seems not to have been sent may have been sent since: it ends, and the credits go back. What
    is drawn here goes on.
    """
    unknown = sum(map(_doubt, _in_flight()))
    ended = sum(settle(one, Generation.Status.FAILED, code=OutcomeUnknown.code, detail=DETAIL) for one in _unsent())
    Export.objects.exclude(key="").update(status=Export.Status.EXPIRED, key="", images=[])
    return Settled(unknown, ended)


def _in_flight() -> list[Attempt]:
    sent = Attempt.objects.filter(state__in=(State.PLANNED, State.SENDING, State.ACCEPTED))
    return list(sent.exclude(provider__in=_drawing()).select_related("route", "generation"))


def _doubt(attempt: Attempt) -> bool:
    cost = attempt.route.cost_usd * attempt.generation.count if attempt.route else None
    known = {"at_risk_usd": cost, "error_code": OutcomeUnknown.code, "error_detail": DETAIL[:500]}
    return attempt.move(State.PLANNED, State.SENDING, State.ACCEPTED, to=State.UNKNOWN, **known)


def _unsent() -> list[Generation]:
    """With no open attempt, on a model that somebody else may be paid for."""
    under_way = Attempt.objects.filter(generation=OuterRef("pk"), state__in=Attempt.OPEN)
    waiting = Generation.objects.unfinished().filter(~Exists(under_way)).select_related("model")
    here = _drawing()
    return [
        one for one in waiting if any(route.provider not in here for route in one.model.routes.filter(enabled=True))
    ]


def _drawing() -> list[str]:
    """The providers whose pictures are drawn here, for nothing."""
    return [name for name in registry.enabled() if registry.provider(name).draws]
