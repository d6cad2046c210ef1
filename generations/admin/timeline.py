"""What happened to a generation, oldest first: its events and the states of its attempts in one line of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext as _

from accounts.languages import translated
from generations.admin import words
from generations.models import Attempt, Event, Generation
from generations.webhooks import ENDS

State = Attempt.State
Tone = Literal["good", "waiting", "bad", ""]
Facts = list[tuple[str, str]]
SHOWN_PARAMETERS = {"adjusted", "ignored"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, also after the submit, to which attempt if to one, and what is known of it."""

    at: dt.datetime
    after: str
    title: str
    attempt: Attempt | None = None
    facts: Facts = field(default_factory=list)
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class _Step:
    at: dt.datetime | None
    title: str
    facts: Facts = field(default_factory=list)
    tone: Tone = ""


def moments(generation: Generation, attempts: list[Attempt]) -> list[Moment]:
    """All of them. The attempts come with their routes."""
    found, ended = [], False
    for event in generation.events.all():
        found.append(_moment(generation, _event(generation, event, late=ended)))
        ended |= event.kind in ENDS
    for attempt in attempts:
        found += [_moment(generation, step, attempt) for step in _steps(attempt) if step.at]
    return sorted(found, key=lambda moment: moment.at)


def _moment(generation: Generation, step: _Step, attempt: Attempt | None = None) -> Moment:
    at = step.at or generation.created
    after = f"+{max((at - generation.created).total_seconds(), 0):.2f} s"
    return Moment(at, after, step.title, attempt, [fact for fact in step.facts if fact[1]], step.tone)


def _event(generation: Generation, event: Event, *, late: bool) -> _Step:
    of = {"ready": event.data.get("ready", 0), "count": event.data.get("count", generation.count)}
    why = [(_("Code"), generation.error_code), (_("Detail"), generation.error_detail)]
    told: dict[str, tuple[str, Facts, Tone]] = {
        "queued": (_("Submitted, with its credits held"), [], ""),
        "running": (_("Taken up by a worker"), [], ""),
        "image": (_came(late=late) % of, [], "good"),
        "completed": (_("Completed with %(ready)s of %(count)s pictures") % of, why, "good"),
        "failed": (_("Failed; what was still held is given back"), why, "bad"),
        "cancelled": (_("Cancelled; what was still held is given back"), why[1:], "bad"),
    }
    title, facts, tone = told.get(event.kind, (event.kind, [], ""))
    return _Step(event.created, title, facts, tone)


def _came(*, late: bool) -> str:
    if late:
        return _("Picture %(ready)s of %(count)s came late and is free")
    return _("Picture %(ready)s of %(count)s stored and paid for")


def _steps(attempt: Attempt) -> Iterator[_Step]:
    yield _Step(attempt.created, _("Planned"), _plan(attempt))
    lost = attempt.state == State.UNKNOWN
    title = _("Sent; the answer was lost") if lost else _("Sent")
    yield _Step(attempt.sent, title, _trouble(attempt) if lost else [], "bad" if lost else "")
    yield _Step(attempt.accepted, _("Accepted by the vendor"), [(_("Job"), attempt.job)])
    late = attempt.state == State.ABANDONED
    made = _("Made after it was given up; nobody is charged") if late else _("Pictures ready")
    yield _Step(attempt.ready, made, _result(attempt), "waiting" if late else "")
    if attempt.finished:
        yield _end(attempt)
    came = translated(attempt.found) if attempt.found else _("No worker has looked yet.")
    yield _Step(attempt.sought, _("Asked for again by an admin"), [(_("What came of it"), came)], "waiting")


def _end(attempt: Attempt) -> _Step:
    took = (_("Took"), words.between(attempt.created, attempt.finished))
    if attempt.state == State.DELIVERED:
        faults = (_("Pictures that were no use"), " ".join(attempt.faults))
        return _Step(attempt.finished, _("Delivered"), [took, faults, (_("Detail"), attempt.error_detail)], "good")
    title = _("Refused by the vendor") if attempt.state == State.REFUSED else _("Given up")
    job = (_("Job"), "" if attempt.accepted else attempt.job)
    return _Step(attempt.finished, title, [took, job, *_trouble(attempt)], "bad")


def _plan(attempt: Attempt) -> Facts:
    changed = [entry for entry in attempt.parameters if entry["verdict"] in SHOWN_PARAMETERS]
    said = "; ".join(_("%(name)s %(verdict)s: %(reason)s") % entry for entry in changed)
    return [(_("Provider's model"), attempt.provider_model), (_("Seed"), str(attempt.seed)), (_("Not as asked"), said)]


def _result(attempt: Attempt) -> Facts:
    number = len(attempt.pictures)
    return [
        (_("Pictures"), str(number) if number else ""),
        (_("Vendor took"), words.between(attempt.sent, attempt.ready)),
        (_("Cost"), _cost(attempt)),
    ]


def _cost(attempt: Attempt) -> str:
    if attempt.cost_usd is not None:
        return words.usd(attempt.cost_usd)
    if attempt.route is None:
        return ""
    return _("%(usd)s for each picture, by the route") % {"usd": words.usd(attempt.route.cost_usd)}


def _trouble(attempt: Attempt) -> Facts:
    at_risk = words.usd(attempt.at_risk_usd) if attempt.at_risk_usd is not None else ""
    return [
        (_("Code"), attempt.error_code),
        (_("Detail"), attempt.error_detail),
        (_("At risk"), at_risk),
        (_("Next"), _next(attempt)),
    ]


def _next(attempt: Attempt) -> str:
    """Whether and why this route may be asked again."""
    if attempt.state == State.REFUSED:
        if attempt.retry_at is None:
            return _("This route is not asked again for this generation.")
        return _("This route may be asked again from %(clock)s on.") % {"clock": words.clock(attempt.retry_at)}
    if attempt.state == State.ABANDONED and attempt.retry_at:
        return _("Sent again, within the loss budget.")
    if attempt.state == State.UNKNOWN:
        return _("It is looked for at the vendor; then the provider's policy decides.")
    return ""
