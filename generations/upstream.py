"""What vendors tell us, and are told, outside of a generation's steps."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Mapping

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from generations import routing
from generations.models import Attempt, Generation
from generations.providers import registry
from generations.providers.base import Provider, ProviderError, ProviderUnavailable, RequestRejected
from generations.types import Finished, Submission

logger = logging.getLogger(__name__)

State = Attempt.State
Providers = Callable[[str], Provider]

MAYBE_MADE = Q(job__gt="") | Q(at_risk_usd__gt=0)
ASK_AGAIN_AFTER = dt.timedelta(minutes=10)
ASK_FOR = dt.timedelta(hours=6)
ASKED_AT_ONCE = 20


def cancel(generation: uuid.UUID, providers: Providers = registry.provider) -> None:
    """Ask the vendor of each abandoned job to stop, once; what it answers changes nothing here."""
    abandoned = Attempt.objects.filter(generation=generation, state=State.ABANDONED).exclude(job="")
    for attempt in abandoned:
        try:
            providers(attempt.provider).cancel(attempt.job)
        except ProviderError as error:
            logger.info("attempt %s: the vendor did not cancel: %s", attempt, error)


def hear(
    attempt: Attempt, headers: Mapping[str, str], body: bytes, providers: Providers = registry.provider
) -> uuid.UUID | None:
    """Take a vendor's callback: the generation whose next step it makes due, nothing when it changes nothing.

    It is a hint only. It may name the job of a submit whose answer was lost, and is then believed in that alone.
    Raises ``NotGenuine``, or ``ProviderUnavailable`` when it cannot be checked now.
    """
    provider = providers(attempt.provider)
    job = provider.heard(attempt.provider_model, headers, body)
    if not provider.repeatable:  # one that is asks again, and learns all of its jobs
        Attempt.objects.filter(pk=attempt.pk, state__in=(*Attempt.OPEN, State.ABANDONED), job="").update(job=job)
    Attempt.objects.filter(pk=attempt.pk, state=State.ABANDONED).update(asked_after=None)
    waiting = Generation.objects.unfinished().filter(pk=attempt.generation_id)
    return attempt.generation_id if waiting.update(next_step_at=Now()) else None


def look_back(providers: Providers = registry.provider) -> int:
    """Ask what became of requests that were given up and may have been made after all; how many vendors told.

    What was made too late is kept on record with what it cost, and charged to nobody.
    """
    settled = 0
    given_up = Attempt.objects.filter(MAYBE_MADE, state=State.ABANDONED, ready=None, finished__gt=Now() - ASK_FOR)
    for attempt in take_turns(given_up):
        try:
            settled += ask_after(attempt, providers(attempt.provider))
        except KeyError:
            logger.warning("attempt %s: no provider %s is known any more", attempt, attempt.provider)
    return settled


def take_turns(maybe_made: QuerySet[Attempt]) -> list[Attempt]:
    """Those that were not asked after lately; taking their turn is what keeps two workers from asking at once."""
    turn = Q(asked_after=None) | Q(asked_after__lt=Now() - ASK_AGAIN_AFTER)
    due = maybe_made.filter(turn, provider__in=registry.enabled())
    found = due.select_related("generation__prompt", "route").order_by(F("asked_after").asc(nulls_first=True))
    return [attempt for attempt in found[:ASKED_AT_ONCE] if due.filter(pk=attempt.pk).update(asked_after=Now())]


def ask_after(attempt: Attempt, provider: Provider) -> bool:
    """Whether the vendor tells what became of one that was given up: made after all, which is recorded, or never."""
    try:
        became = _became(attempt, provider)
    except RequestRejected as error:
        return _was_never_made(attempt, error)
    except ProviderUnavailable as error:
        return not error.passing and _was_never_made(attempt, error)
    except ProviderError:
        return False
    if not isinstance(became, Finished):
        return False
    logger.warning("attempt %s: made after it was given up; nobody is charged", attempt)
    pictures = [{"url": picture.url, "seed": picture.seed, "prompt": picture.prompt} for picture in became.pictures]
    return attempt.move(State.ABANDONED, to=State.ABANDONED, ready=Now(), pictures=pictures, cost_usd=became.cost_usd)


def _became(attempt: Attempt, provider: Provider) -> Submission | None:
    if attempt.job:
        return provider.poll(attempt.job)
    if not provider.traceable or attempt.sent is None:
        return None
    return provider.find(routing.request_for(attempt), reference=attempt.token, sent=attempt.sent)


def _was_never_made(attempt: Attempt, error: ProviderError) -> bool:
    return attempt.move(State.ABANDONED, to=State.REFUSED, error_code=error.code, at_risk_usd=None)
