"""Whatever dies under a working studio, everything that was accepted is made, once, and paid for once."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import httpx
import pytest
import redis

from accounts import demo
from config import embedded
from tests import studios
from tests.test_studio import Studio, eventually

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.studio

GENERATIONS = 30
SECONDS_BETWEEN_SUBMITS = 0.4
FROZEN_SECONDS = 5


@dataclass
class Submits:
    """Orders that arrive steadily, and how long each took to be accepted."""

    client: httpx.Client
    accepted: dict[str, float] = field(default_factory=dict)
    stopped: Event = field(default_factory=Event)

    def run(self) -> None:
        for number in range(GENERATIONS):
            order = {"model": "sketch", "prompt": f"a lighthouse at dusk, number {number}"}
            began = time.monotonic()
            answer = self.client.post("/api/v1/generations", json=order, headers={"Idempotency-Key": f"order-{number}"})
            assert answer.status_code == 202, answer.text
            self.accepted[answer.json()["id"]] = time.monotonic() - began
            if self.stopped.wait(SECONDS_BETWEEN_SUBMITS):
                return

    def more(self, number: int) -> None:
        """Wait until that many more were accepted, or all were."""
        enough = min(len(self.accepted) + number, GENERATIONS)
        eventually(lambda: len(self.accepted) >= enough, 60)


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with studios.running() as studio:
        yield studio


@pytest.fixture(scope="module")
def broker(studio: Studio) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(studio.var))


def generations(client: httpx.Client) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/generations", params={"limit": 100}).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def ended(client: httpx.Client) -> bool:
    return all(generation["status"] not in {"queued", "running"} for generation in generations(client))


def freeze_redis(studio: Studio, submits: Submits) -> float:
    """Stop Redis, so that it takes connections and answers nothing; the slowest submit until it goes on."""
    process, before = studio.children()["redis"], set(submits.accepted)
    os.kill(process, signal.SIGSTOP)
    try:
        began = time.monotonic()
        submits.more(3)
        time.sleep(max(0, FROZEN_SECONDS - (time.monotonic() - began)))
    finally:
        os.kill(process, signal.SIGCONT)
    return max(seconds for name, seconds in list(submits.accepted.items()) if name not in before)


def kill_a_busy_worker(studio: Studio, submits: Submits) -> None:
    eventually(lambda: any(generation["status"] == "running" for generation in generations(submits.client)), 60)
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


def test_nothing_is_lost_and_nothing_is_paid_twice_whatever_dies(studio: Studio, broker: redis.Redis) -> None:
    with studios.client(studio) as client, ThreadPoolExecutor(1) as pool:
        submits = Submits(client)
        done = pool.submit(submits.run)
        try:
            frozen = wreck(studio, broker, submits)
            done.result(60)
        finally:
            submits.stopped.set()
        last = time.monotonic()
        eventually(lambda: ended(client), 120)
        delay = time.monotonic() - last
        made = generations(client)
        balance = client.get("/api/v1/me").json()["credits"]
    slowest = max(submits.accepted.values())
    logger.info("submits took %.2f s at most, %.2f s under a frozen Redis; ended %.1f s later", slowest, frozen, delay)
    assert {generation["id"] for generation in made} == set(submits.accepted)
    assert [generation["status"] for generation in made] == ["completed"] * GENERATIONS
    assert all(len(generation["images"]) == 1 for generation in made)
    price = made[0]["price"]["per_image"]
    assert (balance["posted"], balance["held"]) == (demo.CREDITS - GENERATIONS * price, 0)
    books = studios.manage(studio, "verifyledger")
    assert books.returncode == 0, books.stdout
