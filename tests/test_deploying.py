"""A new version without a pause: every process is ended and replaced under load, and nobody who orders notices."""

from __future__ import annotations

import itertools
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Event, Lock
from typing import NamedTuple

import httpx
import pytest

from config.env import BASE_DIR
from tests import studios
from tests.patience import SECONDS
from tests.test_chaos import ended, generations
from tests.test_studio import STOP_SECONDS, Studio, eventually, free_port

logger = logging.getLogger(__name__)
pytestmark = pytest.mark.studio

ROUNDS = 1  # each ends and replaces both web processes and the worker
CREDITS = 2000
WAITS = 5
SECONDS_BETWEEN = 1.1


@dataclass
class Web:
    """A further web process of a studio, as several stand behind a proxy."""

    studio: Studio
    port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """And wait until it answers."""
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]
        command += ["--no-access-log", "--timeout-graceful-shutdown", str(STOP_SECONDS)]
        with (self.studio.var / "log" / f"web-{self.port}.log").open("ab") as log:
            self.popen = subprocess.Popen(  # noqa: S603
                command, cwd=BASE_DIR, env=self.studio.environment, stdout=log, stderr=log
            )
        eventually(lambda: self.answers("/readyz"), SECONDS)

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """As those who deploy do; it ends what it is at."""
        if self.popen:
            self.popen.send_signal(signal.SIGTERM)
            self.popen.wait(2 * STOP_SECONDS)


@dataclass
class Proxy:
    """Sends each request to the next of those that it knows; one that is to be ended is taken out first."""

    webs: list[Web]
    key: str
    turn: Iterator[int] = field(default_factory=itertools.count)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def without(self, web: Web) -> Iterator[None]:
        """As soon as it has taken up what was sent to it, which it has once it answers something sent later."""
        with self.lock:
            self.webs.remove(web)
        assert web.answers("/healthz")
        yield
        with self.lock:
            self.webs.append(web)

    def post(self, order: dict[str, str], **headers: str) -> Answer:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json", **headers}
        with self.lock:
            web = self.webs[next(self.turn) % len(self.webs)]
            connection = HTTPConnection("127.0.0.1", web.port, timeout=SECONDS)
            connection.request("POST", "/api/v1/generations", json.dumps(order), headers)
        with closing(connection):
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())


class Answer(NamedTuple):
    status: int
    text: str


@dataclass
class Orders:
    """They arrive steadily: some that wait for their pictures, some that do not."""

    proxy: Proxy
    waits: bool
    answered: list[Answer] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def run(self) -> None:
        headers = {"prefer": f"wait={WAITS}"} if self.waits else {}
        while not self.over.wait(SECONDS_BETWEEN):
            order = {"model": "sketch", "prompt": f"a lamp in the window, number {len(self.answered)}"}
            self.answered.append(self.proxy.post(order, **headers))

    def more(self) -> None:
        """Wait until another was answered."""
        enough = len(self.answered) + 1
        eventually(lambda: len(self.answered) >= enough, SECONDS)


@pytest.fixture
def webs(studio: Studio) -> Iterator[list[Web]]:
    started = [Web(studio), Web(studio)]
    try:
        for web in started:
            web.start()
        yield started
    finally:
        for web in started:
            web.stop()


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
    proxy = Proxy(list(webs), key)
    orders = [Orders(proxy, waits=False), Orders(proxy, waits=True)]
    with ThreadPoolExecutor(len(orders)) as pool:
        running = [pool.submit(each.run) for each in orders]
        try:
            for _ in range(ROUNDS):
                replace_all(studio, webs, orders)
        finally:
            for each in orders:
                each.over.set()
            for done in running:
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
