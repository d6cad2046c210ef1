"""Seats for those who follow events: so many to a person, in all web processes together.

A seat is a name in Redis that its process renews for as long as somebody sits there, so that a process that was killed
holds none for longer than a lease. While Redis is away nobody is counted here, and each process goes by its own count.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from redis.commands.core import Script

from accounts import redis

LEASE_SECONDS = 60

# Seats by the second at which their lease ends; those of others that have ended go first.
KEEP = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if ARGV[2] ~= '' and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class Seat(NamedTuple):
    """Where one of a person's streams sits."""

    user: int
    name: str

    @property
    def row(self) -> str:
        """All seats of that person, in Redis."""
        return f"streams:{self.user}"


def take(seat: Seat, most: int) -> bool:
    """Sit down, unless so many do already."""
    return redis.attempt(lambda: _keep()([seat.row], [seat.name, most, LEASE_SECONDS])) != 0


def keep(seats: Iterable[Seat]) -> None:
    """Stay, for another lease."""

    def all_at_once() -> None:
        with redis.client().pipeline(transaction=False) as pipeline:
            for seat in seats:
                _keep()([seat.row], [seat.name, "", LEASE_SECONDS], client=pipeline)
            pipeline.execute()

    redis.attempt(all_at_once)


def leave(seat: Seat) -> None:
    """Stand up; harmless when nobody sat there."""
    redis.attempt(lambda: redis.client().zrem(seat.row, seat.name))


@cache
def _keep() -> Script:
    return redis.client().register_script(KEEP)
