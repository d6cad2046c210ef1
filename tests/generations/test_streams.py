"""Server-sent events of a whole studio: for the right person, without gaps, and without holding anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from config import embedded
from tests import studios
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
STREAMS = 60


@dataclass
class Person:
    """Somebody with a browser session and a program of theirs."""

    browser: httpx.Client
    program: httpx.Client

    def submit(self, count: int = 1) -> str:
        answer = self.program.post("/api/v1/generations", json={"model": "sketch", "prompt": "dunes", "count": count})
        assert answer.status_code == 202, answer.text
        made: str = answer.json()["id"]
        return made


@pytest.fixture(scope="module")
def people(live_studio: Studio) -> Iterator[tuple[Person, Person]]:
    """The demo account and the admin."""
    known = studios.known(live_studio)
    email = known["admin"]["email"]
    assert studios.manage(live_studio, "grantcredits", email, "50", "--reason", "tests").returncode == 0
    key = studios.manage(live_studio, "createapikey", email, "--name", "tests").stdout.strip()
    made = (
        Person(_signed_in(live_studio, known["demo"]), studios.client(live_studio)),
        Person(_signed_in(live_studio, known["admin"]), studios.client(live_studio, key)),
    )
    yield made
    for person in made:
        person.browser.close()
        person.program.close()


def _signed_in(studio: Studio, account: dict[str, str]) -> httpx.Client:
    browser = httpx.Client(base_url=f"http://127.0.0.1:{studio.port}", timeout=60)
    page = browser.get("/account/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token.group(1), "login": account["email"], "password": account["password"]}
    assert browser.post("/account/login/", data=form).status_code == 302
    return browser


def follow(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, object]]]:
    """Events with their ids; the greeting is left out."""
    number = 0
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = int(value)
        elif name == "data" and value != "{}":
            yield number, json.loads(value)


def test_nobody_follows_without_signing_in(live_studio: Studio) -> None:
    assert httpx.get(f"http://127.0.0.1:{live_studio.port}/events").status_code == 401


def test_one_follows_ones_own_generations_and_nobody_elses(people: tuple[Person, Person]) -> None:
    alice, bob = people
    with alice.browser.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: hello"
        bob.submit()
        mine = alice.submit(count=2)
        seen = []
        for _number, event in follow(lines):
            seen.append(event)
            if event["kind"] == "completed":
                break
    assert {event["generation"] for event in seen} == {mine}
    assert [event["kind"] for event in seen] == ["queued", "running", "image", "image", "completed"]
    assert [event["ready"] for event in seen] == [0, 0, 1, 2, 2]


def test_a_stream_that_broke_goes_on_after_the_last_event_that_was_seen(people: tuple[Person, Person]) -> None:
    alice = people[0]
    with alice.browser.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: hello"
        missed = alice.submit()
        first, event = next(follow(lines))
        assert event["kind"] == "queued"
    eventually(lambda: alice.program.get(f"/api/v1/generations/{missed}").json()["status"] == "completed")
    with alice.browser.stream("GET", "/events", headers={"Last-Event-ID": str(first)}) as stream:
        rest = follow(stream.iter_lines())
        kinds = [next(rest)[1]["kind"] for _ in range(3)]
    assert kinds == ["running", "image", "completed"]


def test_streams_that_wait_hold_no_connection_to_the_database(
    live_studio: Studio, people: tuple[Person, Person]
) -> None:
    alice = people[0]
    with psycopg.connect(embedded.database_url(live_studio.var), autocommit=True) as database, ExitStack() as streams:
        before = _sessions(database)
        for _ in range(STREAMS):
            stream = streams.enter_context(alice.browser.stream("GET", "/events"))
            assert next(stream.iter_lines()) == "event: hello"
        eventually(lambda: _sessions(database) <= before + 5, 20)


def _sessions(database: psycopg.Connection) -> int:
    row = database.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").fetchone()
    assert row
    count: int = row[0]
    return count
