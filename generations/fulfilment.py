"""One step of a generation after another: choose a route, record the attempt, send, poll, deliver, settle.

PostgreSQL holds the truth. A worker claims a generation by a lease; every change it makes is conditional on that
lease, so that two workers on one generation are harmless. The intent is committed before each act on the outside, so
that whoever comes after a crash knows what may have happened. Nothing here sleeps: what has to wait is put off, and the
sweeper brings it back.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations import delivery, events, routing, storage, timing
from generations.callers import Callers
from generations.leases import Lease, LostLease, claim
from generations.models import Attempt, Generation, Route
from generations.providers import registry
from generations.providers.base import OutcomeUnknown, Provider, ProviderError, ProviderUnavailable, RequestRejected
from generations.settlement import settle
from generations.types import MAX_SEED, Accepted, Finished, Picture, Submission

logger = logging.getLogger(__name__)

State = Attempt.State
Wait = dt.timedelta | None  # until the next step; nothing once the generation has ended

AT_ONCE = dt.timedelta(0)
SHORTEST_WAIT = dt.timedelta(seconds=1)
LONGEST_WAIT = dt.timedelta(seconds=30)
UNTIL_A_CALLER_IS_FREE = dt.timedelta(minutes=1)  # a caller takes it early; after that any process may ask for one
PATIENCE = dt.timedelta(minutes=3)  # how long routes that are all busy are asked again


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed generation with all that a step needs."""

    lease: Lease
    providers: Callable[[str], Provider]
    callers: Callers | None = None
    calling: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def generation(self) -> Generation:
        return self.lease.generation

    @property
    def first(self) -> bool:
        """Whether no worker had it before."""
        return self.generation.claims == 1

    def caller(self) -> str:
        """The provider whose callers are to take the next step; empty when it can be taken here."""
        waiting = [attempt for attempt in self.attempts[-1:] if attempt.state in {State.PLANNED, State.SENDING}]
        if not waiting or not self.callers or self.calling:
            return ""
        return waiting[0].provider if self.providers(waiting[0].provider).synchronous else ""

    def away(self) -> AbstractContextManager[None]:
        """Around a call that may last as long as the painting."""
        return self.callers.away() if self.callers and self.calling else nullcontext()

    def move(self, attempt: Attempt, *states: State, to: State, **changes: object) -> None:
        """The attempt's next state; raises ``LostLease`` when somebody else has moved it meanwhile."""
        if not attempt.move(*states, to=to, **changes):
            raise LostLease

    def fail(self, code: str, detail: str) -> Wait:
        """End it without (more) pictures; what is still held goes back."""
        if not settle(
            self.generation, Generation.Status.FAILED, lease_token=self.lease.token, code=code, detail=detail
        ):
            raise LostLease
        return None


def advance(
    generation: uuid.UUID,
    providers: Callable[[str], Provider] = registry.provider,
    callers: Callers | None = None,
    *,
    calling: bool = False,
) -> Wait:
    """Take the steps of a generation that can be taken now, if it is due and no other worker has it.

    Answers when the next is due, to the one who has put it off. With ``callers``, calls that last as long as the
    painting are left to them; they say that they are ``calling``, and need not wait until it is due.
    """
    lease = claim(generation, early=calling)
    if lease is None:
        return None
    work = Work(lease, providers, callers, calling)
    fault = False
    try:
        wait = _go(work)
    except LostLease:
        return None
    except Exception:
        logger.exception("generation %s: a step failed and will be repeated", generation)
        wait, fault = _backoff(lease.generation.faults), True
    finally:
        lease.let_go()
    if wait is not None:
        lease.put_off(wait, fault=fault)
        if callers and (provider := work.caller()):
            callers.take(provider, generation)
    return wait


def _go(work: Work) -> Wait:
    if work.first:
        events.record(work.generation, "running", ready=0, status=work.generation.status)
    else:
        work.attempts.extend(work.generation.attempts.all())
    if work.lease.overdue:
        return _overdue(work)
    wait: Wait = AT_ONCE
    while wait == AT_ONCE:
        wait = _step(work)
    return wait


def _step(work: Work) -> Wait:
    if not work.attempts or work.attempts[-1].state not in Attempt.OPEN:
        return _plan(work)
    if work.caller():
        return UNTIL_A_CALLER_IS_FREE
    attempt = work.attempts[-1]
    return STEPS[State(attempt.state)](work, attempt)


def _overdue(work: Work) -> Wait:
    if images := work.generation.images.count():
        return _complete(work, images, "The rest did not arrive in time.")
    return work.fail("deadline", "It took longer than it may.")


def _plan(work: Work) -> Wait:
    generation = work.generation
    now = timezone.now()
    shut = [attempt for attempt in work.attempts if attempt.retry_at is None or attempt.retry_at > now]
    tried = {attempt.route_id for attempt in shut if attempt.route_id}
    found = routing.next_routes(generation, tried)
    if not found:
        return _wait_for_a_route(work, now)
    route = found[0]
    attempt = Attempt(
        generation=generation,
        number=len(work.attempts) + 1,
        route=route,
        provider=route.provider,
        provider_model=route.provider_model,
        seed=_seed(generation, route),
        parameters=[asdict(parameter) for parameter in routing.report(route, generation, generation.prompt.negative)],
    )
    with transaction.atomic():
        work.lease.renew()  # whoever ends a generation closes its attempts: there must be none afterwards
        attempt.save(force_insert=True)
    work.attempts.append(attempt)
    return AT_ONCE


def _wait_for_a_route(work: Work, now: dt.datetime) -> Wait:
    again = [attempt.retry_at for attempt in work.attempts if attempt.retry_at]
    if again and max(again) < work.generation.created + PATIENCE:
        return max(min(again) - now, SHORTEST_WAIT)
    if work.attempts:
        return work.fail(work.attempts[-1].error_code or "unavailable", work.attempts[-1].error_detail)
    return work.fail("no_route", "No provider is configured for this model.")


def _seed(generation: Generation, route: Route) -> int:
    """The seed asked for, or one of ours: it makes a lost request recognisable and a picture repeatable."""
    if generation.seed is not None and route.honours_seed:
        return generation.seed
    return secrets.randbelow(MAX_SEED) + 1


def _send(work: Work, attempt: Attempt) -> Wait:
    work.move(attempt, State.PLANNED, to=State.SENDING, sent=Now())
    return _submit(work, attempt)


def _resume(work: Work, attempt: Attempt) -> Wait:
    """A worker died while it was sending: only a provider that cannot be paid twice is asked again."""
    if work.providers(attempt.provider).repeatable:
        return _submit(work, attempt)
    work.move(attempt, State.SENDING, to=State.UNKNOWN, error_code=OutcomeUnknown.code)
    return AT_ONCE


def _submit(work: Work, attempt: Attempt) -> Wait:
    provider = work.providers(attempt.provider)
    work.lease.keep(provider.call_limit)
    try:
        with work.away():
            submission = provider.submit(routing.request_for(attempt), reference=attempt.token, callback=None)
    except ProviderUnavailable as error:
        wait = error.retry_after or _backoff(attempt.number)
        _refuse(work, attempt, error, retry_at=timezone.now() + wait if error.passing else None)
        return AT_ONCE
    except RequestRejected as error:
        return _reject(work, attempt, error)
    except ProviderError as error:
        logger.warning("attempt %s: what became of it is unknown: %s", attempt, error)
        work.move(attempt, State.SENDING, to=State.UNKNOWN, error_code=error.code, error_detail=str(error)[:500])
        return AT_ONCE
    return _took(work, attempt, provider, submission)


def _took(work: Work, attempt: Attempt, provider: Provider, submission: Submission) -> Wait:
    match submission:
        case Accepted():
            if not attempt.move(State.SENDING, to=State.ACCEPTED, job=submission.job, accepted=Now()):
                _decline(attempt, provider, submission.job)
                raise LostLease
            return max(submission.look_again, timing.next_look(attempt, dt.timedelta(0)))
        case Finished() if provider.repeatable and not any(picture.url for picture in submission.pictures):
            work.move(attempt, State.SENDING, State.ACCEPTED, to=State(attempt.state), **_result(submission, []))
            return _finish(work, attempt, provider, submission.pictures)
        case Finished():
            kept = [_kept(picture) for picture in submission.pictures]
            work.move(attempt, State.SENDING, State.ACCEPTED, to=State.READY, **_result(submission, kept))
            return _finish(work, attempt, provider, kept)


def _decline(attempt: Attempt, provider: Provider, job: str) -> None:
    """The vendor took on what was cancelled or given up meanwhile: note the job, and ask to stop it."""
    given_up = Attempt.objects.filter(pk=attempt.pk, state=State.ABANDONED, job="")
    if given_up.update(job=job):
        try:
            provider.cancel(job)
        except ProviderError as error:
            logger.info("attempt %s: the vendor did not cancel: %s", attempt, error)


def _poll(work: Work, attempt: Attempt) -> Wait:
    provider = work.providers(attempt.provider)
    work.lease.keep(provider.call_limit)
    try:
        submission = provider.poll(attempt.job)
    except ProviderError as error:
        return _after_a_poll_that_failed(work, attempt, error)
    if isinstance(submission, Finished):
        return _took(work, attempt, provider, submission)
    elapsed = timezone.now() - (attempt.accepted or timezone.now())
    return max(submission.look_again, timing.next_look(attempt, elapsed))


def _after_a_poll_that_failed(work: Work, attempt: Attempt, error: ProviderError) -> Wait:
    """The job may still be made: only an answer about the job itself ends it, anything else is asked again."""
    if isinstance(error, RequestRejected):
        return _reject(work, attempt, error)
    if isinstance(error, ProviderUnavailable) and not error.passing:
        _refuse(work, attempt, error)
        return AT_ONCE
    return getattr(error, "retry_after", None) or SHORTEST_WAIT


def _ready(work: Work, attempt: Attempt) -> Wait:
    pictures = [Picture(**picture) for picture in attempt.pictures]
    return _finish(work, attempt, work.providers(attempt.provider), pictures)


def _finish(work: Work, attempt: Attempt, provider: Provider, pictures: list[Picture]) -> Wait:
    try:
        delivered = delivery.deliver(work.lease, attempt, provider, pictures)
    except ProviderUnavailable as error:
        logger.warning("attempt %s: a picture cannot be fetched now: %s", attempt, error)
        return error.retry_after or _backoff(work.generation.faults)
    shortfall = attempt.error_detail or " ".join(delivered.faults) or "The provider made fewer pictures."
    with transaction.atomic():
        if delivered.last:
            delivery.record(work.lease, delivered.last, ready=delivered.images)
        work.move(attempt, *Attempt.OPEN, to=State.DELIVERED, finished=Now(), faults=delivered.faults)
        _complete(work, delivered.images, shortfall)
    for picture in pictures:
        if picture.url and picture.url.startswith(storage.SPOOL):
            storage.discard(picture.url)
    return None


def _complete(work: Work, images: int, shortfall: str) -> Wait:
    if not images:
        return work.fail("nothing_made", shortfall)
    detail = shortfall if images < work.generation.count else ""
    completed = Generation.Status.COMPLETED
    if not settle(work.generation, completed, lease_token=work.lease.token, detail=detail, images=images):
        raise LostLease
    return None


def _give_up(work: Work, attempt: Attempt) -> Wait:
    """It may have been paid for, so nobody else is asked; the settlement closes the attempt."""
    return work.fail(OutcomeUnknown.code, attempt.error_detail or "The provider's answer was lost.")


def _reject(work: Work, attempt: Attempt, error: ProviderError) -> Wait:
    with transaction.atomic():
        _refuse(work, attempt, error)
        return work.fail(error.code, str(error))


def _refuse(work: Work, attempt: Attempt, error: ProviderError, retry_at: dt.datetime | None = None) -> None:
    work.move(
        attempt,
        *Attempt.OPEN,
        to=State.REFUSED,
        finished=Now(),
        error_code=error.code,
        error_detail=str(error)[:500],
        retry_at=retry_at,
    )


def _result(finished: Finished, kept: list[Picture]) -> dict[str, object]:
    return {
        "ready": Now(),
        "pictures": [{"url": picture.url, "seed": picture.seed, "prompt": picture.prompt} for picture in kept],
        "cost_usd": finished.cost_usd,
        "error_detail": finished.withheld or "",
    }


def _kept(picture: Picture) -> Picture:
    """The picture at an address that outlives this worker: the vendor's, or our own spool."""
    if picture.content is None:
        return picture
    return Picture(url=storage.spool(picture.content), seed=picture.seed, prompt=picture.prompt)


def _backoff(tries: int) -> dt.timedelta:
    doubled: int = 2 ** min(tries, 10)
    return min(SHORTEST_WAIT * doubled, LONGEST_WAIT)


STEPS: dict[State, Callable[[Work, Attempt], Wait]] = {
    State.PLANNED: _send,
    State.SENDING: _resume,
    State.ACCEPTED: _poll,
    State.READY: _ready,
    State.UNKNOWN: _give_up,
}
