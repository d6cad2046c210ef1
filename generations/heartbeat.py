"""A worker lives while it makes progress, not while its process exists."""

from __future__ import annotations

import time

from accounts import redis

KEY = "worker:heartbeat"
SECONDS = 45
SAID_EVERY = 2
_said = 0.0


def beat() -> None:
    """Say that a worker has just taken up a task; not more often than anybody asks."""
    global _said  # noqa: PLW0603 - one worker per process
    if time.monotonic() - _said > SAID_EVERY:
        _said = time.monotonic()
        redis.attempt(lambda: redis.client().set(KEY, int(time.time()), ex=SECONDS))


def lately() -> bool:
    """Whether any worker said so within the last seconds. Raises Redis's errors."""
    return last() > 0


def last() -> int:
    """When any worker said so, in seconds since 1970; 0 when that was long ago. Raises Redis's errors."""
    return int(redis.client().get(KEY) or 0)
