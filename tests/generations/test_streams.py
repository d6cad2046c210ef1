"""Live events from a whole studio: one's own, without loss, and at the cost of a socket each."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from config import embedded
from tests import studios
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio

STREAMS = 100
Frame = dict[str, Any]


@pytest.fixture(scope="module")
def api(studio: Studio) -> Iterator[httpx.Client]:
    """The demo account's programs."""
    with studios.client(studio) as client:
        yield client


def signed_in(studio: Studio, email: str, password: str = studios.PASSWORD) -> str:
    """The session cookie of somebody who signed in as people do."""
    with httpx.Client(base_url=f"http://127.0.0.1:{studio.port}", timeout=60) as browser:
        browser.get("/account/login/").raise_for_status()
        form = {"login": email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post("/account/login/", data=form)
        assert answer.status_code == 302, answer.text[:500]
        return f"sessionid={browser.cookies['sessionid']}"


@pytest.fixture(scope="module")
def demo(studio: Studio) -> str:
    return signed_in(studio, **studios.known(studio)["demo"])


@pytest.fixture(scope="module")
def bob(studio: Studio) -> str:
    return signed_in(studio, studios.person(studio))


class Stream:
    """A browser's open event stream."""

    def __init__(self, studio: Studio, cookie: str, after: str = "") -> None:
        self.socket = socket.create_connection(("127.0.0.1", studio.port), timeout=60)
        resume = f"Last-Event-ID: {after}\r\n" if after else ""
        request = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{resume}\r\n"
        self.socket.sendall(request.encode())
        self.text = ""

    def __enter__(self) -> Stream:
        self.wait(lambda: "event: hello" in self.text)
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def wait(self, enough: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not enough():
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            received = self.socket.recv(65536).decode()
            assert received, f"the stream ended: {self.text}"
            self.text += received

    @property
    def frames(self) -> list[Frame]:
        """The events so far, as a browser dispatches them."""
        found = []
        for block in self.text.replace("\r\n", "\n").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
            if fields.get("event") == "generation":
                found.append({"number": int(fields["id"]), **json.loads(fields["data"])})
        return found

    def until(self, generation: str, kind: str) -> list[Frame]:
        """The events of a generation, once it has come that far."""
        self.wait(lambda: any(frame["generation"] == generation and frame["kind"] == kind for frame in self.frames))
        return [frame for frame in self.frames if frame["generation"] == generation]


def submit(api: httpx.Client, count: int = 1) -> str:
    answer = api.post("/api/v1/generations", json={"model": "sketch", "prompt": "a paper boat", "count": count})
    assert answer.status_code == 202, answer.text
    generation: str = answer.json()["id"]
    return generation


def test_only_people_who_are_signed_in_are_told_anything(studio: Studio, api: httpx.Client) -> None:
    address = f"http://127.0.0.1:{studio.port}/events"
    assert httpx.get(address).status_code == 401
    assert httpx.get(address, headers={"Cookie": "sessionid=forged"}).status_code == 401
    assert httpx.post(address).status_code in {403, 405}


def test_events_reach_the_right_person_as_they_happen(studio: Studio, api: httpx.Client, demo: str, bob: str) -> None:
    with Stream(studio, demo) as mine, Stream(studio, demo) as my_other_tab, Stream(studio, bob) as somebody_elses:
        assert "content-type: text/event-stream" in mine.text.lower()
        assert "cache-control: no-store" in mine.text.lower()
        generation = submit(api, count=2)
        told = mine.until(generation, "completed")
        assert [(frame["kind"], frame["ready"]) for frame in told] == [
            ("queued", 0),
            ("running", 0),
            ("image", 1),
            ("image", 2),
            ("completed", 2),
        ]
        assert my_other_tab.until(generation, "completed") == told
        assert somebody_elses.frames == []


def test_a_reader_that_was_away_misses_nothing(studio: Studio, api: httpx.Client, demo: str) -> None:
    with Stream(studio, demo) as stream:
        first = submit(api)
        seen = stream.until(first, "queued")[0]["number"]  # "running" may have come with it
    eventually(lambda: api.get(f"/api/v1/generations/{first}").json()["status"] == "completed")
    second = submit(api)  # now, because two at once may end in either order
    eventually(lambda: api.get(f"/api/v1/generations/{second}").json()["status"] == "completed")
    with Stream(studio, demo, after=str(seen)) as back:
        back.until(second, "completed")
        missed = [(frame["generation"], frame["kind"]) for frame in back.frames]
        numbers = [frame["number"] for frame in back.frames]
    for generation in (first, second):
        told = [kind for which, kind in missed if which == generation]
        assert told == (["queued"] if generation == second else []) + ["running", "image", "completed"]
    assert numbers == sorted(numbers)
    assert min(numbers) > seen


@pytest.mark.parametrize("after", ["nonsense", "-1", "9" * 30, "9" * 5000, "٣"])
def test_a_number_that_no_event_had_is_as_good_as_none(studio: Studio, demo: str, after: str) -> None:
    with Stream(studio, demo, after=after) as stream:
        assert "200" in stream.text.splitlines()[0]
        assert stream.frames == []


def test_a_program_follows_one_generation_to_its_end(studio: Studio, api: httpx.Client) -> None:
    generation = submit(api, count=2)
    with api.stream("GET", f"/api/v1/generations/{generation}/events") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        lines = list(stream.iter_lines())  # which ends by itself
    kinds = [json.loads(line[6:])["kind"] for line in lines if line.startswith('data: {"gen')]
    assert kinds == ["queued", "running", "image", "image", "completed"]
    assert "event: done" in lines


def test_a_page_may_follow_our_api_by_its_session(studio: Studio, demo: str) -> None:
    address = f"http://127.0.0.1:{studio.port}/api/v1/events"
    with httpx.stream("GET", address, headers={"Cookie": demo}, timeout=60) as stream:
        assert next(stream.iter_lines()) == "event: hello"
    assert httpx.get(address).status_code == 401


def test_a_program_that_prefers_to_wait_is_answered_with_the_pictures(studio: Studio, api: httpx.Client) -> None:
    order = {"model": "sketch", "prompt": "a paper boat"}
    answer = api.post("/api/v1/generations", json=order, headers={"Prefer": "wait=60"})
    assert (answer.status_code, answer.json()["status"], len(answer.json()["images"])) == (200, "completed", 1)


def connections(studio: Studio) -> int:
    with psycopg.connect(embedded.database_url(studio.var), autocommit=True) as database:
        row = database.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").fetchone()
    assert row
    found: int = row[0]
    return found


def threads(studio: Studio) -> int:
    return len(list(Path(f"/proc/{studio.children()['web']}/task").iterdir()))


@contextmanager
def many(studio: Studio, cookie: str) -> Iterator[list[Stream]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Stream(studio, cookie)) for _ in range(STREAMS)]


def test_a_hundred_open_streams_hold_no_database_connection(studio: Studio, api: httpx.Client, demo: str) -> None:
    before, threads_before = connections(studio), threads(studio)
    with many(studio, demo) as streams:
        assert connections(studio) < before + STREAMS // 4
        assert threads(studio) < threads_before + STREAMS // 4
        generation = submit(api)
        for stream in streams:
            stream.until(generation, "completed")
    eventually(lambda: threads(studio) < threads_before + STREAMS // 4)


def test_streams_go_on_after_redis_was_killed(studio: Studio, api: httpx.Client, demo: str) -> None:
    with Stream(studio, demo) as stream:
        studios.kill(studio, "redis")
        heard = set()

        def hears() -> bool:
            heard.add(submit(api))
            time.sleep(1)
            stream.socket.settimeout(1)
            try:
                stream.text += stream.socket.recv(65536).decode()
            except TimeoutError:
                return False
            return any(frame["generation"] in heard for frame in stream.frames)

        eventually(hears)
