"""Messages to whoever follows a person's events, in any process; best effort."""

from __future__ import annotations

import json
from typing import Any

from accounts import redis

CHANNEL = "events:{user}:{generation}"


def publish(user: int, message: dict[str, Any]) -> None:
    """Tell the followers of the person or of the generation, if there are any and Redis answers."""
    channel = CHANNEL.format(user=user, generation=message["generation"])
    redis.attempt(lambda: redis.client().publish(channel, json.dumps(message)))
