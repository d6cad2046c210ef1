"""Callbacks as vendors send them: when a job is over, and again while they are not taken."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Literal

import httpx

from tests.emulators.server import Server

Manner = Literal["once", "twice", "late", "never", "forged", "unsigned", "stale", "stranger"]
LATE = 2.0
TRIES = 6
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Callback:
    """What is posted."""

    headers: Mapping[str, str]
    body: bytes


Write = Callable[[], Callback | None]


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class Courier:
    """Brings callbacks to wherever they are wanted; ``answers`` are the statuses it was given, 0 for none."""

    def __init__(self, server: Server) -> None:
        self.manner: Manner = "once"
        self.answers: list[int] = []
        self._server = server
        self._hands = ThreadPoolExecutor(8)
        self._client = httpx.Client(verify=_trusted(), trust_env=False, timeout=15)

    def bring(self, url: str, write: Write, seconds: float) -> None:
        """Post what ``write`` makes, as soon as it makes something after so many seconds."""
        if self.manner == "never":
            return
        seconds += LATE if self.manner == "late" else 0
        for _ in range(2 if self.manner == "twice" else 1):
            self._server.later(seconds, lambda: self._hands.submit(self._try, url, write, 1))

    def stop(self) -> None:
        """Bring no more; the server has to be stopped before."""
        self._hands.shutdown(cancel_futures=True)
        self._client.close()

    def _try(self, url: str, write: Write, number: int) -> None:
        callback = write()
        if callback is None:
            self._server.later(0.1, lambda: self._hands.submit(self._try, url, write, number))
            return
        status = self._post(url, callback)
        self.answers.append(status)
        if not httpx.codes.is_success(status) and number < TRIES:
            pause = min(0.2 * 2**number, LONGEST_PAUSE)
            self._server.later(pause, lambda: self._hands.submit(self._try, url, write, number + 1))

    def _post(self, url: str, callback: Callback) -> int:
        try:
            return self._client.post(url, content=callback.body, headers=callback.headers).status_code
        except httpx.HTTPError:
            return 0
