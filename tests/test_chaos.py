"""Whatever dies under a working studio, everything that was accepted is made, once, and paid for once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import httpx
import pytest
import redis

from config import embedded
from tests import studios
from tests.test_studio import Studio, eventually

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.studio

CREDITS = 5000
SECONDS_BETWEEN_SUBMITS = 0.6  # fewer than one person may send in a minute
FROZEN_SECONDS = 5


@dataclass
class Submits:
    """Orders that arrive steadily, and how long each took to be accepted."""

    client: httpx.Client
    accepted: dict[str, float] = field(default_factory=dict)
    stopped: Event = field(default_factory=Event)

    def run(self) -> None:
        while not self.stopped.wait(SECONDS_BETWEEN_SUBMITS):
            number = len(self.accepted)
            order = {"model": "sketch", "prompt": f"a lighthouse at dusk, number {number}"}
            began = time.monotonic()
            answer = self.client.post("/api/v1/generations", json=order, headers={"Idempotency-Key": f"order-{number}"})
            assert answer.status_code == 202, answer.text
            self.accepted[answer.json()["id"]] = time.monotonic() - began

    def more(self, number: int) -> None:
        """Wait until that many more were accepted."""
        enough = len(self.accepted) + number
        eventually(lambda: len(self.accepted) >= enough)


@pytest.fixture
def client(studio: Studio) -> Iterator[httpx.Client]:
    """The programs of somebody who has enough for all of it."""
    key = studios.manage(studio, "createapikey", studios.person(studio, CREDITS), "--name", "chaos").stdout.strip()
    with studios.client(studio, key) as client:
        yield client


@pytest.fixture
def broker(studio: Studio) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(studio.var))


def generations(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following = "/api/v1/generations?limit=100"
    while following:
        page = client.get(following).raise_for_status().json()
        found, following = [*found, *page["results"]], page["next"]
    return found


def ended(client: httpx.Client) -> bool:
    return all(generation["status"] not in {"queued", "running"} for generation in generations(client))


def freeze_redis(studio: Studio, submits: Submits) -> float:
    """Stop Redis, so that it takes connections and answers nothing; the slowest submit until it goes on."""
    before = set(submits.accepted)
    with studios.paused(studio, "redis"):
        began = time.monotonic()
        submits.more(3)
        time.sleep(max(0, FROZEN_SECONDS - (time.monotonic() - began)))
    return max(seconds for name, seconds in list(submits.accepted.items()) if name not in before)


def kill_a_busy_worker(studio: Studio, submits: Submits) -> None:
    """While something is being made or waits for it: a quick worker is rarely seen at work."""
    eventually(lambda: not ended(submits.client))
    studios.kill(studio, "worker")


def wreck(studio: Studio, broker: redis.Redis, submits: Submits) -> float:
    """Every fault in turn; the slowest submit under a frozen Redis."""
    kill_a_busy_worker(studio, submits)
    broker.flushall()
    submits.more(3)
    studios.kill(studio, "redis")
    submits.more(3)
    slowest = freeze_redis(studio, submits)
    submits.more(3)
    studios.kill(studio, "beat")
    broker.flushall()
    kill_a_busy_worker(studio, submits)
    return slowest


def test_nothing_is_lost_and_nothing_is_paid_twice_whatever_dies(
    studio: Studio, broker: redis.Redis, client: httpx.Client
) -> None:
    with ThreadPoolExecutor(1) as pool:
        submits = Submits(client)
        done = pool.submit(submits.run)
        try:
            frozen = wreck(studio, broker, submits)
        finally:
            submits.stopped.set()
            done.result(60)
        last = time.monotonic()
        eventually(lambda: ended(client), 120)
        delay = time.monotonic() - last
    made = generations(client)
    balance = client.get("/api/v1/me").json()["credits"]
    slowest = max(submits.accepted.values())
    logger.info("submits took %.2f s at most, %.2f s under a frozen Redis; ended %.1f s later", slowest, frozen, delay)
    assert {generation["id"] for generation in made} == set(submits.accepted)
    assert [generation["status"] for generation in made] == ["completed"] * len(made)
    assert all(len(generation["images"]) == 1 for generation in made)
    price = made[0]["price"]["per_image"]
    assert (balance["posted"], balance["held"]) == (CREDITS - len(made) * price, 0)
    books = studios.manage(studio, "verifyledger")
    assert books.returncode == 0, books.stdout
