"""The whole studio, started the way `make run` starts it, in a folder and on a port of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from config import embedded
from config.env import BASE_DIR
from tests.desk import Desk

pytestmark = pytest.mark.studio
READY_SECONDS = 240  # of a machine that is busy with other things
STOP_SECONDS = 120


class Studio:
    """One started studio: what it printed, its processes, its pages."""

    desk: Desk

    def __init__(self, var: Path, port: int) -> None:
        self.var = var
        self.port = port
        self.output = var.parent / f"{var.name}-{port}.txt"
        self.environment = os.environ | {"ATELIER_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(  # noqa: S603
                [sys.executable, "manage.py", "studio", "--port", str(port)],
                cwd=BASE_DIR,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def children(self) -> dict[str, int]:
        """Running programs by name."""
        names = {
            "postgres -D": "database",
            "redis-server": "redis",
            "uvicorn": "web",
            " worker": "worker",
            " beat": "beat",
        }
        found: dict[str, int] = {}
        for pid in Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text().split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found |= {name: int(pid) for part, name in names.items() if part in command}
        return found

    def status(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def wait_ready(self) -> None:
        eventually(lambda: "Atelier is ready" in self.said or self.popen.poll() is not None, READY_SECONDS)
        assert self.popen.poll() is None, self.said
        eventually(lambda: self.status("/readyz") == 200, READY_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(STOP_SECONDS)


def eventually(condition: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder
    embedded.Services(folder / "var").erase()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def studio(folder: Path) -> Iterator[Studio]:
    studio = Studio(folder / "var", free_port())
    try:
        studio.wait_ready()
        yield studio
    finally:
        studio.popen.terminate()
        studio.popen.wait(STOP_SECONDS)


def test_it_prints_what_one_needs_and_keeps_the_passwords_to_itself(studio: Studio) -> None:
    file = studio.var / "credentials.json"
    known = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(studio.var.stat().st_mode) == 0o700
    for word in (
        *known["demo"].values(),
        *known["admin"].values(),
        known["api_key"],
        f"http://127.0.0.1:{studio.port}",
    ):
        assert word in studio.said


def test_a_second_studio_on_the_same_folder_is_refused(studio: Studio) -> None:
    second = Studio(studio.var, free_port())
    assert second.popen.wait(READY_SECONDS) == 1
    assert f"A studio already runs on {studio.var} (process {studio.popen.pid})" in second.said
    eventually(lambda: studio.status("/readyz") == 200, READY_SECONDS)


def test_a_taken_port_is_named(studio: Studio, folder: Path) -> None:
    other = Studio(folder / "other", studio.port)
    assert other.popen.wait(READY_SECONDS) == 1
    assert f"Port {studio.port} is not free" in other.said
    assert f"PORT={studio.port + 1}" in other.said


def test_whatever_is_killed_comes_back(studio: Studio) -> None:
    for name in ("worker", "redis", "database", "beat", "web"):
        before = studio.children()
        os.kill(before[name], signal.SIGKILL)
        eventually(lambda name=name, old=before[name]: studio.children().get(name, old) != old)  # type: ignore[misc]
        assert f"{name} ended (killed by SIGKILL)" in studio.said
    eventually(lambda: studio.status("/readyz") == 200, READY_SECONDS)


def test_it_stops_in_order_and_the_next_start_reuses_everything(studio: Studio) -> None:
    processes = studio.children()
    assert set(processes) == {"database", "redis", "worker", "beat", "web"}
    assert studio.stop() == 0
    assert not any(map(running, processes.values()))
    assert "database system is shut down" in (studio.var / "log" / "database.log").read_text()

    again = Studio(studio.var, free_port())
    again.wait_ready()
    keys = [re.findall(r"API key +(\S+)", said) for said in (studio.said, again.said)]
    assert keys[0] == keys[1]
    processes = again.children()
    again.popen.kill()
    again.popen.wait(STOP_SECONDS)
    eventually(lambda: not any(map(running, processes.values())))
