"""One step of a generation after another: choose a route, record the attempt, send, poll, deliver, settle.

PostgreSQL holds the truth. A worker claims a generation by a lease; every change it makes is conditional on that
lease, so that two workers on one generation are harmless. The intent is committed before each act on the outside, so
that whoever comes after a crash knows what may have happened. Nothing here sleeps: what has to wait is put off, and the
sweeper brings it back.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.telemetry import context, traces
from generations import delivery, lost, planning, reputation, routing, storage, timing
from generations.leases import Lease, LostLease
from generations.models import Attempt
from generations.providers import registry
from generations.providers.base import OutcomeUnknown, Provider, ProviderError, ProviderUnavailable, RequestRejected
from generations.settlement import Brought
from generations.types import Finished, Picture, Submission
from generations.work import AT_ONCE, SHORTEST_WAIT, State, Station, Wait, Work, backoff, in_turn

logger = logging.getLogger(__name__)

NOT_YET = dt.timedelta(0)  # how long a vendor has been at it that was not asked yet


def go_on(
    lease: Lease, providers: Callable[[str], Provider] = registry.provider, station: Station | None = None
) -> Wait:
    """Take the steps that can be taken now, and give the lease back; answers when the next is due, if there is one.

    At a ``station`` only the steps of its line are taken and short ones; before any other the generation is given back,
    to wait in the line of that.
    """
    claimed = lease.generation
    whose = context.about(request=claimed.request_id, user=claimed.user_id, generation=claimed.pk)
    with whose, traces.span("step", "CONSUMER", claimed.traceparent, generation=str(claimed.pk)):
        return _go_on(Work(lease, providers, station))


def _go_on(work: Work) -> Wait:
    lease, station, fault = work.lease, work.station, False
    try:
        wait = _go(work)
    except LostLease:
        return None
    except Exception:
        logger.exception("generation %s: a step failed and will be repeated", lease.generation.pk)
        wait, fault = backoff(lease.generation.faults), True
    finally:
        lease.let_go()
    if wait is not None:
        lease.put_off(wait, fault=fault)
        if station and wait == AT_ONCE:
            station.call(work.elsewhere())
    return wait


def _go(work: Work) -> Wait:
    if work.lease.overdue:
        return _overdue(work)
    wait: Wait = AT_ONCE
    while wait == AT_ONCE and not work.elsewhere():
        wait = _step(work)
    return wait


def _step(work: Work) -> Wait:
    if not work.attempts or work.attempts[-1].state not in Attempt.OPEN:
        return planning.plan(work)
    attempt = work.attempts[-1]
    with context.about(attempt=attempt.pk):
        return STEPS[State(attempt.state)](work, attempt)


def _overdue(work: Work) -> Wait:
    if images := work.generation.images.count():
        return _complete(work, images, _("The rest did not arrive in time."))
    if work.attempts and work.attempts[-1].state == State.UNKNOWN:
        return work.fail(OutcomeUnknown.code, work.attempts[-1].error_detail)
    return work.fail("deadline", _("It took longer than it may."))


def _send(work: Work, attempt: Attempt) -> Wait:
    look = timing.next_look(attempt, NOT_YET)
    if not attempt.begin():
        raise LostLease
    return _submit(work, attempt, look)


def _resume(work: Work, attempt: Attempt) -> Wait:
    """A worker died while it was sending: only a provider that cannot be paid twice is asked again."""
    if work.providers(attempt.provider).repeatable:
        return _submit(work, attempt, timing.next_look(attempt, NOT_YET))
    return lost.note(work, attempt, OutcomeUnknown(_("A worker stopped before the provider's answer came.")))


def _submit(work: Work, attempt: Attempt, look: dt.timedelta) -> Wait:
    provider = work.providers(attempt.provider)
    request = routing.request_for(attempt)
    work.lease.keep(provider.call_limit)
    try:
        with work.away():
            submission = provider.submit(request, reference=attempt.token, callback=_callback(attempt))
    except ProviderUnavailable as error:
        reputation.blame(work.account(attempt.provider), attempt, error)
        wait = error.retry_after or backoff(attempt.number)
        _refuse(work, attempt, error, retry_at=timezone.now() + wait if error.passing else None)
        return AT_ONCE
    except RequestRejected as error:
        work.succeeded(attempt.provider)
        return _reject(work, attempt, error)
    except ProviderError as error:
        reputation.blame(work.account(attempt.provider), attempt, error)
        if provider.repeatable:
            return in_turn(timezone.now() - work.generation.created)
        return lost.note(work, attempt, error)
    return _answered(work, attempt, provider, submission, look)


def _answered(work: Work, attempt: Attempt, provider: Provider, submission: Submission, look: dt.timedelta) -> Wait:
    """What the vendor has taken into its queue is noted before anything else is done, and asked after in ``look``."""
    if isinstance(submission, Finished):
        work.succeeded(attempt.provider)
        return _took(work, attempt, provider, submission)
    wait = max(submission.look_again, look)
    taken_on = {"job": submission.job, "accepted": Now()}
    noted = work.lease.move_on(attempt, [State.SENDING], State.ACCEPTED, taken_on, wait)
    work.succeeded(attempt.provider)
    if not noted:
        _decline(attempt, provider, submission.job)
        raise LostLease
    return wait


def _callback(attempt: Attempt) -> str | None:
    """Where the vendor may tell us that the job is over; nothing while we do not know that it can reach us."""
    return f"{settings.PUBLIC_BASE_URL}/hooks/{attempt.provider}/{attempt.token}" if settings.CALLBACKS else None


def _took(work: Work, attempt: Attempt, provider: Provider, made: Finished) -> Wait:
    if provider.repeatable and not any(picture.url for picture in made.pictures):
        work.move(attempt, State.SENDING, State.ACCEPTED, to=State(attempt.state), **_result(made, []))
        return _finish(work, attempt, provider, made.pictures)
    kept = [_kept(picture) for picture in made.pictures]
    work.move_on(attempt, State.SENDING, State.ACCEPTED, to=State.READY, **_result(made, kept))
    return AT_ONCE


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
    likely_over = timing.likely_over(attempt, _age(attempt))
    try:
        submission = provider.poll(attempt.job, likely_over=likely_over)
    except ProviderError as error:
        return _after_a_poll_that_failed(work, attempt, error)
    if isinstance(submission, Finished):
        return _took(work, attempt, provider, submission)
    return max(submission.look_again, timing.next_look(attempt, _age(attempt)))


def _age(attempt: Attempt) -> dt.timedelta:
    """How long the vendor has been at it."""
    now = timezone.now()
    return now - (attempt.accepted or now)


def _after_a_poll_that_failed(work: Work, attempt: Attempt, error: ProviderError) -> Wait:
    """The job may still be made: only an answer about the job itself ends it, anything else is asked again."""
    if isinstance(error, RequestRejected):
        return _reject(work, attempt, error)
    if isinstance(error, ProviderUnavailable) and not error.passing:
        reputation.blame(work.account(attempt.provider), attempt, error)
        _refuse(work, attempt, error)
        return AT_ONCE
    wait: dt.timedelta | None = getattr(error, "retry_after", None)
    if wait:
        timing.hold_back(attempt.provider, wait)
    return wait or SHORTEST_WAIT


def _ready(work: Work, attempt: Attempt) -> Wait:
    pictures = [Picture(**picture) for picture in attempt.pictures]
    return _finish(work, attempt, work.providers(attempt.provider), pictures)


def _finish(work: Work, attempt: Attempt, provider: Provider, pictures: list[Picture]) -> Wait:
    try:
        delivered = delivery.deliver(work.lease, attempt, provider, pictures)
    except ProviderUnavailable as error:
        logger.warning("attempt %s: a picture cannot be fetched now: %s", attempt, error)
        return error.retry_after or backoff(work.generation.faults)
    if delivered.images and work.generation.only_route_id:
        reputation.prove(attempt)
    shortfall = attempt.error_detail or " ".join(delivered.faults) or _("The provider made fewer pictures.")
    record = partial(delivery.record, delivered.last) if delivered.last else None
    _complete(work, delivered.images, shortfall, Brought(attempt, delivered.images, delivered.faults, record))
    for picture in pictures:
        if picture.url and picture.url.startswith(storage.SPOOL):
            storage.discard(picture.url)
    return None


def _complete(work: Work, images: int, shortfall: str, brought: Brought | None = None) -> Wait:
    if not images:
        return work.fail("nothing_made", shortfall, brought)
    return work.complete(shortfall if images < work.generation.count else "", brought)


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


STEPS: dict[State, Callable[[Work, Attempt], Wait]] = {
    State.PLANNED: _send,
    State.SENDING: _resume,
    State.ACCEPTED: _poll,
    State.READY: _ready,
    State.UNKNOWN: lost.trace,
}
