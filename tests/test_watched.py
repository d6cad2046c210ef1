"""What operators see of a whole studio: one order through the log of every process, its figures, and its health."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import studios
from tests.patience import SECONDS
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio


@pytest.fixture
def client(studio: Studio) -> Iterator[httpx.Client]:
    """The programs of somebody with credits."""
    key = studios.manage(studio, "createapikey", studios.person(studio, 50), "--name", "watched").stdout.strip()
    with studios.client(studio, key) as client:
        yield client


def order(client: httpx.Client) -> httpx.Response:
    """A picture, made."""
    answer = client.post("/api/v1/generations", json={"model": "sketch", "prompt": "a lamp in the window"})
    assert answer.status_code == 202, answer.text
    address = f"/api/v1/generations/{answer.json()['id']}"
    eventually(lambda: client.get(address).json()["status"] == "completed")
    return answer


def test_one_order_is_followed_by_its_request_through_every_process(studio: Studio, client: httpx.Client) -> None:
    answer = order(client)
    request, generation = answer.headers["X-Request-Id"], answer.json()["id"]

    def said(program: str, words: str) -> list[str]:
        lines = (studio.var / "log" / f"{program}.log").read_text().splitlines()
        return [line for line in lines if f"request={request}" in line and re.search(words, line)]

    eventually(lambda: said("web", "access: POST api:generations 202") and said("worker", "vendor: sketch submit"))
    user = re.findall(r" user=(\d+)", said("web", "access: ")[0])
    [call] = said("worker", "vendor: sketch submit: finished")
    assert "uvicorn.access" not in (studio.var / "log/web.log").read_text(), "it would tell addresses"
    assert re.findall(r" user=(\d+) generation=(\S+) attempt=\d+\]$", call) == [(user[0], generation)]


def test_what_web_and_worker_did_is_in_the_figures_of_the_web(studio: Studio, client: httpx.Client) -> None:
    order(client)
    told = ("atelier_requests_total{", 'route="api:generations"'), ("atelier_endings_total{", 'status="completed"')
    alive = [(f'atelier_processes{{program="{name}"}} 1.0', "") for name in ("web", "worker", "beat")]

    def figures() -> list[str]:
        return httpx.get(f"http://127.0.0.1:{studio.port}/metrics", timeout=SECONDS).text.splitlines()

    for start, label in (*told, *alive):
        eventually(lambda start=start, label=label: any(s.startswith(start) and label in s for s in figures()))  # type: ignore[misc]


@pytest.mark.parametrize("part", ["redis", "database"])
def test_a_frozen_part_is_told_and_hangs_no_probe(studio: Studio, part: str) -> None:
    def probed(path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{studio.port}{path}", timeout=SECONDS)

    def checks() -> dict[str, Any]:
        found: dict[str, Any] = probed("/readyz").json()["checks"]
        return found

    with studios.paused(studio, part):
        eventually(lambda: not checks()[part])
        assert probed("/readyz").status_code == 503
        assert probed("/healthz").status_code == 200
    eventually(lambda: probed("/readyz").status_code == 200)
