"""Messages to whoever follows a person's events, in any process; best effort."""

from __future__ import annotations

import json
from typing import Any

from accounts import redis

CHANNEL = "events:{user}"


def publish(user: int, message: dict[str, Any]) -> None:
    """Tell the followers, if there are any and Redis answers."""
    redis.attempt(lambda: redis.client().publish(CHANNEL.format(user=user), json.dumps(message)))
