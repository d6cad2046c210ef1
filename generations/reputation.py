"""What a vendor's errors say of our account there, and of the route."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models.functions import Now

from generations.models import Attempt, ProviderAccount, Route
from generations.providers.base import OutcomeUnknown, ProviderError

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = dt.timedelta(seconds=2)

# Everything else is said of one request or one job, not of the vendor.
LASTING = {"bad_key", "no_funds"}
FAILURES = {"bad_answer", "busy", "job_failed", "no_access", "no_answer", "not_sent"}


def blame(account: ProviderAccount, attempt: Attempt, error: ProviderError) -> None:
    """Count the error against the account, or mark the route when the vendor no longer has the model."""
    if error.code == "rate_limited":
        account.pause(getattr(error, "retry_after", None) or SHORTEST_PAUSE, str(error))
    elif error.code == "model_gone":
        _mark_gone(attempt, error)
    elif error.code in LASTING:
        logger.error("%s cannot be used: %s", account, error)
        account.fail(str(error), lasting=True)
    elif error.code in FAILURES or isinstance(error, OutcomeUnknown):
        account.fail(str(error))


def prove(attempt: Attempt) -> None:
    """An operator's test brought pictures: the vendor has the model, whatever was thought."""
    if attempt.route and attempt.route.reopen():
        logger.warning("%s has %s again: the route is open", attempt.provider, attempt.provider_model)


def _mark_gone(attempt: Attempt, error: ProviderError) -> None:
    """Nobody is sent there until an admin, or the vendor's own list, says that it is back."""
    there = Route.objects.filter(attempts=attempt, gone_since=None)
    if there.update(gone_since=Now(), gone_detail=str(error)[:300]):
        logger.error("%s no longer has %s: the route is closed", attempt.provider, attempt.provider_model)
