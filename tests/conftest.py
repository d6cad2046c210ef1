"""Real PostgreSQL and Redis for every test, started once, and no way out of this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from config.embedded import Services
from tests import studios
from tests.test_studio import Studio

VAR = Path(os.environ["ATELIER_VAR"])
services = Services(VAR, durable=False)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        services.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        services.erase()


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever connects to another machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            pytest.fail(f"a test reached for {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def empty_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing cached in one test is found in the next."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def live_studio() -> Iterator[Studio]:
    """One whole studio with web, worker and beat, for every test that only uses it as people do."""
    with studios.running() as studio:
        yield studio
