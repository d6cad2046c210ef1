"""Telling vendors that their work is no longer wanted."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from generations.models import Attempt
from generations.providers import registry
from generations.providers.base import Provider, ProviderError

logger = logging.getLogger(__name__)


def cancel(generation: uuid.UUID, providers: Callable[[str], Provider] = registry.provider) -> None:
    """Ask the vendor of each abandoned job to stop, once; what it answers changes nothing here."""
    abandoned = Attempt.objects.filter(generation=generation, state=Attempt.State.ABANDONED).exclude(job="")
    for attempt in abandoned:
        try:
            providers(attempt.provider).cancel(attempt.job)
        except ProviderError as error:
            logger.info("attempt %s: the vendor did not cancel: %s", attempt, error)
