"""How often anybody may ask: buckets of tokens in Redis, all that one request takes from in one round trip.

A person has a bucket and each of their keys has one, for submits and, apart from them, for everything else. A bucket
holds a minute's worth and fills steadily, so that a burst is taken and a stream is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _
from redis.commands.core import Script
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.exceptions import Throttled

from accounts import redis
from accounts.models import ApiKey, User

WINDOW = 60
REQUESTS, SUBMITS = "requests", "submits"
REDEEMS_PER_MINUTE = 10

# A bucket is the moment at which it will be full again (generic cell rate algorithm), in microseconds.
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = ARGV[1] * 1000000
local full, steps, all = {}, {}, 1
for i, name in ipairs(KEYS) do
    steps[i] = math.max(1, math.floor(window / ARGV[i + 1]))
    full[i] = math.max(tonumber(redis.call('GET', name) or 0), now)
    if full[i] - now + steps[i] > window then all = 0 end
end
local answer = {all}
for i, name in ipairs(KEYS) do
    if all == 1 then
        full[i] = full[i] + steps[i]
        redis.call('SET', name, string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000))
    end
    local left = math.floor((window - (full[i] - now)) / steps[i])
    local wait = full[i] - now - window + (left + 1) * steps[i]
    answer[2 * i], answer[2 * i + 1] = left, math.ceil(wait / 1000000)
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is in Redis by ``name``, and how many it gives in a minute."""

    policy: str
    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Level:
    """How many a bucket has left, and after how many seconds it gives one more."""

    bucket: Bucket
    left: int
    wait: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What buckets were asked, and their levels where Redis knows them; ``wait`` is set where one was empty."""

    buckets: Sequence[Bucket]
    levels: Sequence[Level] = ()
    wait: int | None = None

    def admit(self) -> None:
        """Raise ``TooManyRequests`` where a bucket was empty."""
        if self.wait is not None:
            raise TooManyRequests(self.wait)

    def headers(self) -> dict[str, str]:
        """As the IETF's draft has them: what the limits are, and what is left."""
        policies = [f'"{one.policy}";q={one.most};w={WINDOW}' for one in self.buckets]
        levels = [f'"{one.bucket.policy}";r={one.left};t={one.wait}' for one in self.levels]
        known = {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(levels)}
        return {name: value for name, value in known.items() if value}


class TooManyRequests(Throttled):
    """More than a limit; ``wait`` says for how many seconds."""

    wait: float

    def __init__(self, wait: float) -> None:
        super().__init__(wait, _("Too many requests."), "rate_limited")


def count_submit(user: User, key: ApiKey | None = None) -> None:
    """Count a submit against the person's limit and the key's; raises ``TooManyRequests`` past either."""
    take(buckets(SUBMITS, user, key)).admit()


def count_redeem(user: User) -> None:
    """Count a try at a code, so that nobody guesses one: raises ``TooManyRequests``, and an error without Redis."""
    take([Bucket("redeems", f"limit:redeems:{user.pk}", REDEEMS_PER_MINUTE)], closed=True).admit()


def buckets(kind: str, user: User, key: ApiKey | None = None) -> list[Bucket]:
    """Those that a request of this kind takes from: the person's, and the key's."""
    of_user, of_key = {
        REQUESTS: (settings.REQUESTS_PER_MINUTE, settings.KEY_REQUESTS_PER_MINUTE),
        SUBMITS: (settings.SUBMITS_PER_MINUTE, settings.KEY_SUBMITS_PER_MINUTE),
    }[kind]
    found = [Bucket(kind, f"limit:{kind}:user:{user.pk}", of_user)]
    if key:
        found.append(Bucket(f"key-{kind}", f"limit:{kind}:key:{key.pk}", of_key))
    return found


def take(buckets: Sequence[Bucket], *, closed: bool = False) -> Taken:
    """One from each bucket, or from none of them where one is empty.

    When Redis is away nobody can be counted. Then everybody is let in, because a limit that protects no money is not
    worth refusing people for, unless ``LIMITS_WITHOUT_REDIS`` or ``closed`` says otherwise.
    """
    if any(bucket.most < 1 for bucket in buckets):
        return Taken(buckets, wait=WINDOW)
    names, sizes = [bucket.name for bucket in buckets], [bucket.most for bucket in buckets]
    answer = redis.attempt(lambda: _script()(names, [WINDOW, *sizes]))
    if answer is None:
        if closed or settings.LIMITS_WITHOUT_REDIS == "closed":
            raise RedisConnectionError("nobody can be counted")
        return Taken(buckets)
    admitted, rest = answer[0], iter(answer[1:])
    levels = [Level(bucket, left, wait) for bucket, left, wait in zip(buckets, rest, rest, strict=True)]
    return Taken(buckets, levels, None if admitted else max(level.wait for level in levels if not level.left))


@cache
def _script() -> Script:
    return redis.client().register_script(TAKE)
