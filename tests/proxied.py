"""Several web processes of one studio, and what stands before them as a proxy does where they are deployed."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Lock

import httpx

from config.env import BASE_DIR
from tests.patience import SECONDS
from tests.test_studio import STOP_SECONDS, eventually, free_port


@dataclass
class Web:
    """One of them, with its log in the studio's folder."""

    var: Path
    environment: Mapping[str, str]
    port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """And wait until it answers."""
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.port)]
        command += ["--no-access-log", "--timeout-graceful-shutdown", str(STOP_SECONDS)]
        with (self.var / "log" / f"web-{self.port}.log").open("ab") as log:
            self.popen = subprocess.Popen(  # noqa: S603
                command, cwd=BASE_DIR, env=dict(self.environment), stdout=log, stderr=log
            )
        eventually(lambda: self.answers("/readyz"), SECONDS)

    def answers(self, path: str) -> bool:
        """Whether this address is answered well."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """As those who deploy do; it ends what it is at."""
        if self.popen:
            self.popen.send_signal(signal.SIGTERM)
            self.popen.wait(2 * STOP_SECONDS)


@contextmanager
def running(var: Path, environment: Mapping[str, str], number: int) -> Iterator[list[Web]]:
    """So many of the studio that has this folder, all of them answering."""
    webs = [Web(var, environment) for _ in range(number)]
    try:
        for web in webs:
            web.start()
        yield webs
    finally:
        for web in webs:
            web.stop()


@dataclass
class Proxy:
    """Sends each request to the next of those that it knows; one that is to be ended is taken out first."""

    webs: list[Web]
    turn: Iterator[int] = field(default_factory=itertools.count)
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def next(self) -> Iterator[Web]:
        """The one whose turn it is; what is sent to it inside has been sent before it is taken out."""
        with self.lock:
            yield self.webs[next(self.turn) % len(self.webs)]

    @contextmanager
    def without(self, web: Web) -> Iterator[None]:
        """As soon as it has taken up what was sent to it, which it has once it answers something sent later."""
        with self.lock:
            self.webs.remove(web)
        assert web.answers("/healthz")
        yield
        with self.lock:
            self.webs.append(web)

    def post(self, path: str, text: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """The status and the text that one of them answered."""
        with self.next() as web:
            connection = HTTPConnection("127.0.0.1", web.port, timeout=SECONDS)
            connection.request("POST", path, text, {"content-type": "application/json", **headers})
        try:
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()
