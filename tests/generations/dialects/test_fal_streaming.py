"""What a stream tells of a request: each change as it comes, each line of the log once, and then the end."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from generations.following import bus
from generations.models import Generation
from generations.providers.fal import streaming, writing
from generations.providers.fal.standing import Line, Standing
from generations.providers.fal.wire import Job
from tests.patience import SECONDS

NUMBER = uuid4()
NOON = "2026-11-21T12:00:00.123456+00:00"
QUEUED = Line(NOON, "queued", {})
STARTED = Line(NOON, "running", {})
OVER = Line(NOON, "completed", {"ready": 1, "count": 1})


def standing(status: str, lines: list[Line] | None, before: int = 0) -> Standing:
    return Standing(Generation(pk=NUMBER, status=status), before, 1.5, lines)


def write(found: Standing) -> dict[str, object]:
    return writing.status(Job.of(str(NUMBER), "fal-ai/imagen4"), "https://studio.example/fal/queue", found)


def told(*states: Standing | OperationalError) -> list[str]:
    """What is sent where a request is found like this, each time that something wakes it."""
    left = list(states)

    def ask() -> Standing:
        bus.tell(NUMBER, "{}")
        found = left.pop(0)
        if isinstance(found, OperationalError):
            raise found
        return found

    async def all_of_it() -> list[str]:
        return [part async for part in streaming.updates(NUMBER, ask, write)]

    parts = asyncio.run(asyncio.wait_for(all_of_it(), SECONDS))
    assert left == []
    assert UUID(str(NUMBER)) not in bus._followers
    return parts


def bodies(parts: list[str]) -> list[dict[str, object]]:
    return [json.loads(part.removeprefix("data: ")) for part in parts if part.startswith("data: ")]


def test_each_line_is_told_once_because_clients_add_them_up() -> None:
    found = bodies(
        told(
            standing("queued", [QUEUED], before=3),
            standing("queued", [QUEUED], before=3),
            standing("queued", [QUEUED], before=2),
            standing("running", [QUEUED, STARTED]),
            standing("running", [QUEUED, STARTED]),
            standing("completed", [QUEUED, STARTED, OVER]),
        )
    )
    assert [(body["status"], body.get("queue_position")) for body in found] == [
        ("IN_QUEUE", 3),
        ("IN_QUEUE", 2),
        ("IN_PROGRESS", None),
        ("COMPLETED", None),
    ]
    messages = [[line["message"] for line in body.get("logs", [])] for body in found]  # type: ignore[attr-defined]
    assert messages == [[], [], ["Waiting for a worker", "Started"], ["Completed with 1 of 1 images"]]


def test_whoever_asks_for_no_log_gets_none() -> None:
    found = bodies(told(standing("running", None), standing("running", None), standing("completed", None)))
    assert [(body["status"], body["logs"]) for body in found] == [("IN_PROGRESS", None), ("COMPLETED", None)]


def test_a_silent_stream_says_that_it_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "KEEP_ALIVE_SECONDS", 0.01)
    monkeypatch.setattr(bus, "tell", lambda *_: None)
    parts = told(standing("running", None), standing("running", None), standing("completed", None))
    assert parts[1:3] == [": still here\n\n"] * 2


def test_a_database_that_is_away_ends_no_stream() -> None:
    found = bodies(told(standing("running", None), OperationalError("away"), standing("completed", None)))
    assert [body["status"] for body in found] == ["IN_PROGRESS", "COMPLETED"]
