"""A new version without a pause: every process is ended and replaced under load, and nobody who orders notices."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

import httpx
import pytest

from tests import studios
from tests.patience import SECONDS
from tests.proxied import Proxy, Web, running
from tests.test_chaos import ended, generations
from tests.test_studio import STOP_SECONDS, Studio, eventually

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.studio

ROUNDS = 1  # each ends and replaces both web processes and the worker
CREDITS = 2000
WAITS = 5
SECONDS_BETWEEN = 1.1


class Answer(NamedTuple):
    status: int
    text: str


@dataclass
class Orders:
    """They arrive steadily: some that wait for their pictures, some that do not."""

    proxy: Proxy
    key: str
    waits: bool
    answered: list[Answer] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def run(self) -> None:
        headers = {"authorization": f"Bearer {self.key}"} | ({"prefer": f"wait={WAITS}"} if self.waits else {})
        while not self.over.wait(SECONDS_BETWEEN):
            order = {"model": "sketch", "prompt": f"a lamp in the window, number {len(self.answered)}"}
            self.answered.append(Answer(*self.proxy.post("/api/v1/generations", json.dumps(order), headers)))

    def more(self) -> None:
        """Wait until another was answered."""
        enough = len(self.answered) + 1
        eventually(lambda: len(self.answered) >= enough, SECONDS)


@pytest.fixture
def webs(studio: Studio) -> Iterator[list[Web]]:
    with running(studio.var, studio.environment, 2) as started:
        yield started


def replace_all(studio: Studio, webs: list[Web], orders: list[Orders]) -> None:
    for web in webs:
        with orders[0].proxy.without(web):
            web.stop()
            web.start()
        for each in orders:
            each.more()
    before = studio.children()["worker"]
    studios.end(studio, "worker")
    eventually(lambda: studio.children().get("worker", before) != before, SECONDS)
    for each in orders:
        each.more()


def test_every_process_is_replaced_and_nothing_is_lost_or_refused(studio: Studio, webs: list[Web]) -> None:
    key = studios.manage(studio, "createapikey", studios.person(studio, CREDITS), "--name", "deploys").stdout.strip()
    proxy = Proxy(list(webs))
    orders = [Orders(proxy, key, waits=False), Orders(proxy, key, waits=True)]
    with ThreadPoolExecutor(len(orders)) as pool:
        ordering = [pool.submit(each.run) for each in orders]
        try:
            for _ in range(ROUNDS):
                replace_all(studio, webs, orders)
        finally:
            for each in orders:
                each.over.set()
            for done in ordering:
                done.result(SECONDS)
    answers = [answer for each in orders for answer in each.answered]
    assert {answer.status for answer in answers} <= {200, 201, 202}, [answer.text for answer in answers]
    with studios.client(studio, key) as client:
        eventually(lambda: ended(client), SECONDS)
        made, credits_left = generations(client), client.get("/api/v1/me").json()["credits"]
    logger.info("%s orders while %s processes were replaced", len(made), ROUNDS * 3)
    assert {generation["id"] for generation in made} == {json.loads(answer.text)["id"] for answer in answers}
    assert {generation["status"] for generation in made} == {"completed"}
    price = made[0]["price"]["per_image"]
    assert (credits_left["posted"], credits_left["held"]) == (CREDITS - len(made) * price, 0)


def test_event_streams_end_at_once_so_that_nobody_waits_for_them(studio: Studio, webs: list[Web]) -> None:
    key = studios.known(studio)["api_key"]
    with httpx.stream(
        "GET",
        f"http://127.0.0.1:{webs[0].port}/api/v1/events",
        headers={"authorization": f"Bearer {key}"},
        timeout=SECONDS,
    ) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: hello"
        assert webs[0].popen
        webs[0].popen.send_signal(signal.SIGTERM)
        rest = list(lines)  # it ends as a whole answer does, else this raises
    assert "event: generation" not in rest
    assert webs[0].popen.wait(STOP_SECONDS) in {0, -signal.SIGTERM}
