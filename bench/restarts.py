"""New versions under load: every web process and the worker are replaced, one after the other, many times over.

Meanwhile people order pictures, wait for pictures, and follow what happens. Nobody may notice anything but time.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, LiteralString, Self

import httpx
import psycopg

from bench.figures import Figures
from bench.load import quantile
from bench.studio import Studio, Vendor
from config import embedded
from tests.proxied import Proxy, Web, running

WEBS = 2
QUEUED, PAINTED = (
    "imagen-4",
    "own-server",
)  # at the vendor with a queue, and at the one that answers once it has painted
SUBMITTING, WAITING = 4, 8
BETWEEN_SECONDS = 1.0
VENDOR_SECONDS = 2.0
WAIT_SECONDS = 120
LONGEST_SECONDS = 600
LAST_SECONDS = 30  # until the streams have told of the last
ROUND_SECONDS = 13.0  # at least: the supervisor gives a program up that ends more often
GOOD = range(200, 300)
SINCE = "SELECT now()"
MADE = "SELECT id FROM generations_generation WHERE created >= %s AND status = 'completed'"
ATTEMPTS = "SELECT count(*) FROM generations_attempt WHERE created >= %s"
EVENTS = "SELECT id, kind FROM generations_event WHERE created >= %s"


@dataclass
class Orders:
    """One client, who orders one picture after the other; one that waits has an answer when the picture is made."""

    proxy: Proxy
    key: str
    model: str
    waits: bool
    over: Event
    answered: list[tuple[int, str, float]] = field(default_factory=list)

    def run(self) -> None:
        """Until it is over."""
        headers = {"authorization": f"Bearer {self.key}"} | ({"prefer": f"wait={WAIT_SECONDS}"} if self.waits else {})
        while not self.over.wait(BETWEEN_SECONDS):
            order = json.dumps({"model": self.model, "prompt": f"a lamp, number {len(self.answered)} for {id(self)}"})
            began = time.perf_counter()
            try:
                status, text = self.proxy.post("/api/v1/generations", order, headers)
            except OSError as error:
                status, text = 0, repr(error)
            self.answered.append((status, text, time.perf_counter() - began))


@dataclass
class Follower:
    """One client that follows a person's events, and goes on elsewhere whenever the stream ends."""

    proxy: Proxy
    key: str
    over: Event
    seen: list[int] = field(default_factory=list)
    began: Event = field(default_factory=Event)
    streams: int = 0
    broken: int = 0

    def run(self) -> None:
        """Until it is over, which is noticed when a stream ends."""
        with httpx.Client(timeout=60) as client:
            while not self.over.is_set():
                try:
                    self._follow(client)
                except httpx.HTTPError:
                    self.broken += 1

    def _follow(self, client: httpx.Client) -> None:
        headers = {"authorization": f"Bearer {self.key}", "accept": "text/event-stream"}
        headers |= {"last-event-id": str(self.seen[-1])} if self.seen else {}
        with ExitStack() as stack:
            with self.proxy.next() as web:
                address = f"http://127.0.0.1:{web.port}/api/v1/events"
                stream = stack.enter_context(client.stream("GET", address, headers=headers))
            stream.raise_for_status()
            self.streams += 1
            for line in stream.iter_lines():
                self.began.set()
                if line.startswith("id: "):
                    self.seen.append(int(line.removeprefix("id: ")))


@dataclass
class Crowd:
    """Everybody who uses the studio meanwhile."""

    orders: list[Orders]
    followers: list[Follower]
    over: Event
    gone: Event

    @classmethod
    def of(cls, proxy: Proxy, keys: list[str]) -> Self:
        """A client that orders for each key, and one that follows that."""
        over, gone = Event(), Event()
        models = itertools.cycle((QUEUED, PAINTED))
        orders = [
            Orders(proxy, key, model, number < WAITING, over)
            for number, (key, model) in enumerate(zip(keys, models, strict=False))
        ]
        return cls(orders, [Follower(proxy, key, gone) for key in keys], over, gone)

    @contextmanager
    def busy(self, studio: Studio, since: dt.datetime) -> Iterator[None]:
        """They are at it while the block lasts; then what they ordered is made, and told to them."""
        for follower in self.followers:
            Thread(target=follower.run, daemon=True).start()
            follower.began.wait(LONGEST_SECONDS)
        with ThreadPoolExecutor(len(self.orders)) as pool:
            done = [pool.submit(one.run) for one in self.orders]
            try:
                yield
            finally:
                self.over.set()
            for each in done:
                each.result()
        _wait(lambda: not studio.unfinished(), LONGEST_SECONDS)
        _wait(lambda: not self.missed(studio, since), LAST_SECONDS)
        self.gone.set()

    def missed(self, studio: Studio, since: dt.datetime) -> list[tuple[Any, ...]]:
        """What happened since then, and nobody was told."""
        seen = {key for follower in self.followers for key in follower.seen}
        return [event for event in _rows(studio, EVENTS, since) if event[0] not in seen]


def rolling(studio: Studio, vendor: Vendor, painter: Vendor, figures: Figures, keys: list[str], times: int) -> None:
    """Replace everything so often, and hold against each other what clients, vendors and the database have seen."""
    figures.head(f"{times} rolling restarts of {WEBS} web processes and the worker, under load")
    vendor.control(queue_seconds=0.5, run_seconds=VENDOR_SECONDS - 0.5)
    painter.control(seconds=VENDOR_SECONDS)
    before = vendor.control()["paid"] + painter.control()["paid"]
    [(since,)] = _rows(studio, SINCE)
    with running(studio.var, studio.environment, WEBS) as webs:
        proxy = Proxy(list(webs))
        crowd = Crowd.of(proxy, keys[: SUBMITTING + WAITING])
        with crowd.busy(studio, since):
            took = [_replace_all(studio, proxy, webs) for _ in range(times)]
    figures.add(
        "replacing one",
        **{
            f"{role}_{what}_s": quantile(sorted(seconds), share)
            for role, seconds in zip(("web", "worker"), zip(*took, strict=True), strict=True)
            for what, share in (("p50", 0.5), ("longest", 1))
        },
    )
    _tell_orders(studio, figures, crowd.orders, since)
    paid = vendor.control()["paid"] + painter.control()["paid"] - before
    figures.add("pictures paid for at the vendors", jobs=paid, twice=vendor.control()["paid_twice"])
    _tell_streams(studio, figures, crowd, since)


def _replace_all(studio: Studio, proxy: Proxy, webs: list[Web]) -> tuple[float, float]:
    """Seconds that a web process, and the worker, took to end and be there again."""
    began = time.monotonic()
    for web in webs:
        with proxy.without(web):
            web.stop()
            web.start()
    replaced = time.monotonic()
    worker = studio.parts()["worker"].root
    os.kill(worker, signal.SIGTERM)
    while (other := studio.parts().get("worker")) is None or other.root == worker:
        if time.monotonic() > replaced + LONGEST_SECONDS:
            raise SystemExit("the worker did not end")
        time.sleep(0.1)
    ended = time.monotonic()
    time.sleep(max(0.0, began + ROUND_SECONDS - ended))
    return (replaced - began) / len(webs), ended - replaced


def _tell_orders(studio: Studio, figures: Figures, orders: list[Orders], since: dt.datetime) -> None:
    answers = [answer for one in orders for answer in one.answered]
    refused = Counter(str(status or text) for status, text, _ in answers if status not in GOOD)
    accepted = {json.loads(text)["id"] for status, text, _ in answers if status in GOOD}
    made = {str(key) for (key,) in _rows(studio, MADE, since)}
    [(attempts,)] = _rows(studio, ATTEMPTS, since)
    figures.add(
        "orders",
        sent=len(answers),
        refused=", ".join(f"{count} × {what}" for what, count in refused.items()) or "0",
        not_made=len(accepted - made),
        made_for_nobody=len(made - accepted),
        attempts=attempts,
    )
    for what, waits in (
        ("until one was accepted", False),
        (f"until its picture, {VENDOR_SECONDS:.0f} s of vendor", True),
    ):
        times = sorted(each[2] * 1000 for one in orders if one.waits == waits for each in one.answered)
        figures.add(what, p50_ms=quantile(times, 0.5), p99_ms=quantile(times, 0.99), longest_ms=times[-1])


def _tell_streams(studio: Studio, figures: Figures, crowd: Crowd, since: dt.datetime) -> None:
    seen = [key for one in crowd.followers for key in one.seen]
    missed = crowd.missed(studio, since)
    figures.add(
        "event streams",
        clients=len(crowd.followers),
        begun=sum(one.streams for one in crowd.followers),
        broken=sum(one.broken for one in crowd.followers),
        events=len(_rows(studio, EVENTS, since)),
        told_twice=len(seen) - len(set(seen)),
        missed=", ".join(f"{kind} ({key})" for key, kind in missed) or "0",
    )


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.5)


def _rows(studio: Studio, query: LiteralString, *words: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(embedded.database_url(studio.var)) as connection:
        return connection.execute(query, words).fetchall()
