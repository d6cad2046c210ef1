"""Limits: how often a person and a key may ask, what they are told, and what happens when nobody can count."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from redis import Redis
from redis.exceptions import ConnectionError as Away

from accounts import keys, limits, redis
from accounts.models import User
from tests.factories import make_catalogue, make_user

ME, GENERATIONS = "/api/v1/me", "/api/v1/generations"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}


def bucket(most: int, policy: str = "test") -> limits.Bucket:
    return limits.Bucket(policy, f"limit:test:{uuid.uuid4()}", most)


@pytest.fixture
def nobody_counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis at which nobody listens."""
    away = Redis(port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(redis, "client", lambda: away)
    limits._script.cache_clear()
    yield
    redis._quiet_until = 0.0
    limits._script.cache_clear()


def program(user: User) -> Client:
    _key, text = keys.create(user, "tests")
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_a_bucket_gives_what_it_holds_and_then_nothing() -> None:
    three = bucket(3)
    levels = [limits.take([three]).levels[0].left for _ in range(3)]
    assert levels == [2, 1, 0]
    empty = limits.take([three])
    assert empty.wait == empty.levels[0].wait
    assert 1 <= (empty.wait or 0) <= 20
    with pytest.raises(limits.TooManyRequests) as refusal:
        empty.admit()
    assert refusal.value.wait == empty.wait


def test_a_bucket_fills_steadily() -> None:
    ten = bucket(10)
    while limits.take([ten]).wait is None:
        pass
    earlier = float(redis.client().get(ten.name) or 0)
    redis.client().set(ten.name, f"{earlier - 13_000_000:.0f}")  # thirteen seconds later
    taken = [limits.take([ten]).wait is None for _ in range(3)]
    assert taken == [True, True, False]


def test_what_one_bucket_refuses_is_not_taken_from_another() -> None:
    wide, narrow = bucket(10), bucket(1)
    assert limits.take([wide, narrow]).wait is None
    refused = limits.take([wide, narrow])
    assert refused.wait
    assert [level.left for level in refused.levels] == [9, 0]
    assert limits.take([wide]).levels[0].left == 8


def test_a_crowd_gets_no_more_than_there_is() -> None:
    ten = bucket(10)
    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lambda _number: limits.take([ten]).wait is None, range(64)))
    assert sum(taken) == 10


def test_an_empty_studio_keeps_nothing_of_those_who_left() -> None:
    one = bucket(60)
    limits.take([one])
    assert 0 < redis.client().pttl(one.name) <= 1000


@pytest.mark.usefixtures("nobody_counts")
def test_without_redis_everybody_is_let_in_unless_it_is_said_otherwise(settings: Settings) -> None:
    assert limits.take([bucket(1)]).wait is None
    assert "RateLimit" not in limits.take([bucket(1)]).headers()
    with pytest.raises(Away):
        limits.take([bucket(1)], closed=True)
    settings.LIMITS_WITHOUT_REDIS = "closed"
    with pytest.raises(Away):
        limits.take([bucket(1)])


@pytest.mark.django_db
def test_a_studio_that_lets_nobody_in_uncounted_says_so(nobody_counts: None, settings: Settings) -> None:
    api = program(make_user())
    assert api.get(ME).status_code == 200
    settings.LIMITS_WITHOUT_REDIS = "closed"
    away = api.get(ME)
    assert (away.status_code, away.json()["code"], away["Retry-After"]) == (503, "unavailable", "5")


FIELD = re.compile(r'"([a-z-]+)";(?:q=(\d+);w=60|r=(\d+);t=(\d+))')


def told(response: Any, name: str) -> dict[str, int]:
    """A list of the draft's, which has nothing in it besides."""
    parts = response[name].split(", ")
    found = [FIELD.fullmatch(part) for part in parts]
    return {one[1]: int(one[2] or one[3] or 0) for one in found if one}


@pytest.mark.django_db
def test_every_answer_says_what_is_left(settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE, settings.KEY_REQUESTS_PER_MINUTE = 9, 5
    user = make_user()
    api, other, page = program(user), program(user), Client()
    page.force_login(user)
    answers = [api.get(ME), api.get(f"{GENERATIONS}?limit=0"), other.get(ME), page.get(ME)]
    assert [one.status_code for one in answers] == [200, 400, 200, 200]
    assert told(answers[0], "RateLimit-Policy") == {"requests": 9, "key-requests": 5}
    assert [told(one, "RateLimit") for one in answers] == [
        {"requests": 8, "key-requests": 4},
        {"requests": 7, "key-requests": 3},
        {"requests": 6, "key-requests": 4},
        {"requests": 5},
    ]


@pytest.mark.django_db
def test_a_key_past_its_limit_waits_and_its_person_does_not(settings: Settings) -> None:
    settings.KEY_REQUESTS_PER_MINUTE = 2
    user = make_user()
    api, other = program(user), program(user)
    assert [api.get(ME).status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get(ME)
    assert refused.json()["code"] == "rate_limited"
    assert int(refused["Retry-After"]) >= 1
    assert told(refused, "RateLimit")["key-requests"] == 0
    assert other.get(ME).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", [GENERATIONS, "/v2/images/generate"])
def test_submits_of_a_key_have_a_limit_of_their_own(settings: Settings, path: str) -> None:
    make_catalogue()
    settings.KEY_SUBMITS_PER_MINUTE = 1
    user = make_user(balance=100)
    api, other = program(user), program(user)
    statuses = [one.post(path, ORDER, "application/json").status_code for one in (api, api, other)]
    assert statuses == [202, 429, 202]
    assert api.get(ME).status_code == 200


@pytest.mark.django_db
def test_counting_asks_redis_once_and_the_database_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    script = limits._script()

    def noted(*sent: Any) -> Any:
        asked.append(sent)
        return script(*sent)

    monkeypatch.setattr(limits, "_script", lambda: noted)
    user = make_user()
    key, _text = keys.create(user, "tests")
    with CaptureQueriesContext(connection) as statements:
        limits.take(limits.buckets(limits.SUBMITS, user, key)).admit()
    assert (len(asked), len(statements)) == (1, 0)
