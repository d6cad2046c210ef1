"""Redis as a convenience: it makes things prompt and bounds abuse, and nothing is lost without it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import redis
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

SECONDS_TO_WAIT = 1
SECONDS_OF_QUIET = 5
Result = TypeVar("Result")
_quiet_until = 0.0


def attempt(act: Callable[[], Result]) -> Result | None:
    """What ``act`` answers, or None when Redis does not within a second; then it is left alone for a while.

    So a frozen Redis costs one request a second now and then, not each of them.
    """
    global _quiet_until  # noqa: PLW0603 - one Redis per process, one state of it
    if time.monotonic() < _quiet_until:
        return None
    try:
        return act()
    except (OperationalError, redis.RedisError, OSError) as error:
        _quiet_until = time.monotonic() + SECONDS_OF_QUIET
        logger.warning("Redis does not answer, going on without it: %s", error)
        return None


@cache
def client() -> redis.Redis:
    """This process's connections to Redis; every call fails after a second."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS_TO_WAIT, socket_connect_timeout=SECONDS_TO_WAIT
    )
