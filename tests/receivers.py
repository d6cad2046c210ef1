"""Somebody's server that is told things, and answers as a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.emulators.server import Reply, Request, Server


@dataclass
class Receiver:
    """Answers from a list, the last answer for ever, and keeps what it was sent."""

    replies: list[Reply] = field(default_factory=lambda: [Reply(200)])
    requests: list[Request] = field(default_factory=list)
    origin: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"{self.origin}/told?secret=lantern"

    def __call__(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            return self.replies[min(len(self.requests), len(self.replies)) - 1]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on this machine."""
    receiver = Receiver()
    with Server(receiver) as server:
        receiver.origin = server.origin
        yield receiver
