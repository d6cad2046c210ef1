"""Messages to whoever follows a person's events, in any process; best effort."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from accounts import redis

CHANNEL = "events:{user}:{generation}"


def publish(messages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Tell the followers of the person or of the generation that each is about, if Redis answers: all by one call."""
    redis.attempt(lambda: _publish(messages))


def _publish(messages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    with redis.client().pipeline(transaction=False) as pipeline:
        for user, message in messages:
            pipeline.publish(CHANNEL.format(user=user, generation=message["generation"]), json.dumps(message))
        pipeline.execute()
