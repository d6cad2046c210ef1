"""Submits whose answer was lost: maybe accepted, maybe paid. They are looked for; then the operator's policy decides.

Nobody else is asked while the vendor may still deliver, unless the policy says so.
"""

from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from generations import routing
from generations.models import Attempt, ProviderAccount
from generations.providers.base import OutcomeUnknown, Provider, ProviderError
from generations.types import Accepted, Finished, Submission
from generations.work import AT_ONCE, State, Wait, Work, in_turn

logger = logging.getLogger(__name__)

LISTED_WITHIN = dt.timedelta(minutes=2)  # of a submit, a vendor's list has it
RESENT_AT_MOST = 2  # times for one generation, whatever the budget


def note(work: Work, attempt: Attempt, error: ProviderError) -> Wait:
    """The answer was lost: nothing is sent until it is known, or decided, what became of it."""
    logger.warning("attempt %s: what became of it is unknown: %s", attempt, error)
    work.move(
        attempt,
        State.SENDING,
        to=State.UNKNOWN,
        error_code=error.code,
        error_detail=str(error)[:500],
        at_risk_usd=_price(attempt),
    )
    return AT_ONCE


def trace(work: Work, attempt: Attempt) -> Wait:
    """Look for it at the vendor as long as it may turn up there, then do as the policy says."""
    provider = work.providers(attempt.provider)
    attempt.refresh_from_db(fields=["job", "sent"])  # the database set when, and a callback may have named it meanwhile
    age = timezone.now() - (attempt.sent or attempt.created)
    if found := _found(work, attempt, provider):
        return _attach(work, attempt, found)
    if provider.traceable and age < LISTED_WITHIN:
        return in_turn(age)
    return _decide(work, attempt, provider, age)


def _found(work: Work, attempt: Attempt, provider: Provider) -> Submission | None:
    if attempt.job:
        return Accepted(attempt.job)
    if not provider.traceable or attempt.sent is None:
        return None
    work.lease.keep(provider.call_limit)
    try:
        found = provider.find(routing.request_for(attempt), reference=attempt.token, sent=attempt.sent)
    except ProviderError as error:
        logger.info("attempt %s: looking for it failed: %s", attempt, error)
        return None
    return None if isinstance(found, Accepted) and _is_anothers(found.job, attempt) else found


def _is_anothers(job: str, attempt: Attempt) -> bool:
    """Whether it is known to belong to another attempt: equal requests look equal to the vendor."""
    return Attempt.objects.filter(provider=attempt.provider, job=job).exclude(pk=attempt.pk).exists()


def _attach(work: Work, attempt: Attempt, found: Submission) -> Wait:
    known: dict[str, object] = {"at_risk_usd": None, "error_code": "", "error_detail": ""}
    if isinstance(found, Finished):
        pictures = [{"url": picture.url, "seed": picture.seed, "prompt": picture.prompt} for picture in found.pictures]
        known |= {"pictures": pictures, "cost_usd": found.cost_usd, "ready": Now()}
        work.move(attempt, State.UNKNOWN, to=State.READY, **known)
    else:
        work.move(attempt, State.UNKNOWN, to=State.ACCEPTED, job=found.job, accepted=Now(), **known)
    return AT_ONCE


def _decide(work: Work, attempt: Attempt, provider: Provider, age: dt.timedelta) -> Wait:
    account = work.account(attempt.provider)
    match account.unknown_policy:
        case ProviderAccount.Policy.WAIT if provider.traceable or (provider.calls_back and settings.CALLBACKS):
            return in_turn(age)
        case ProviderAccount.Policy.RETRY if _may_be_sent_again(work, attempt, account):
            return AT_ONCE
    return work.fail(OutcomeUnknown.code, attempt.error_detail or _("The provider's answer was lost."))


def _may_be_sent_again(work: Work, attempt: Attempt, account: ProviderAccount) -> bool:
    """Give it up, and so let it be sent again, if the day's losses at this provider allow it."""
    lost = sum(earlier.at_risk_usd is not None for earlier in work.attempts[:-1])
    with transaction.atomic():
        if lost >= RESENT_AT_MOST or not account.may_lose(attempt.at_risk_usd or Decimal(0)):
            return False
        work.move(attempt, State.UNKNOWN, to=State.ABANDONED, finished=Now(), retry_at=Now())
    attempt.retry_at = timezone.now()
    return True


def _price(attempt: Attempt) -> Decimal:
    return attempt.route.cost_usd * attempt.generation.count if attempt.route else Decimal(0)
