"""Real PostgreSQL and Redis for every test, started once for each process of tests, and no way out of this machine."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from config.embedded import Services
from generations import announcing, quotas
from generations.moderation import rules
from tests import studios
from tests.test_studio import Studio

# Not --dist loadgroup: with pytest 9.2 it groups nothing (https://github.com/pytest-dev/pytest-xdist/issues/1386).
BROWSERS = "tests/browser/"
WHOLE_STUDIOS = (
    BROWSERS,
    "tests/clients/",
    "tests/generations/dialects/test_loop.py",
    "tests/generations/test_streams.py",
    "tests/test_chaos.py",
    "tests/test_deploying.py",
    "tests/test_issuer.py",
    "tests/test_watched.py",
    "tests/test_studio.py",
)
services = Services(Path(os.environ["ATELIER_VAR"]), durable=False)


def runs_tests(config: pytest.Config) -> bool:
    """Not so of the process that hands tests out to others, nor of one that only looks for them."""
    if config.getoption("collectonly"):
        return False
    return hasattr(config, "workerinput") or config.getoption("dist", "no") == "no"


def pytest_configure(config: pytest.Config) -> None:
    if runs_tests(config):
        services.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if runs_tests(config):
        services.erase()
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["ATELIER_TESTS"])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two more than there are cores: those with the whole studios mostly wait for them."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whole studios run one after the other in two processes: more at once would only wait for each other."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = _group
    return scheduler


def _group(name: str) -> str:
    if name.startswith(BROWSERS):
        return "browser"
    return "studio" if name.startswith(WHOLE_STUDIOS) else name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if (item.get_closest_marker("studio") is not None) != item.nodeid.startswith(WHOLE_STUDIOS):
            raise pytest.UsageError(f"{item.nodeid}: WHOLE_STUDIOS and the mark `studio` go together")


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
    for kept in caches.all():
        kept.clear()


@pytest.fixture(autouse=True)
def nothing_decided() -> None:
    """The operator has blocked nothing and allowed nobody more, until a test has that looked at again."""
    rules.current.keep(rules.Rules(), inf)
    announcing.planned.keep([], inf)
    quotas.exceptions.keep(value=False, seconds=inf)


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    """One whole studio with web, worker and beat for all tests, which make people of their own to use it."""
    with studios.running() as started:
        yield started
