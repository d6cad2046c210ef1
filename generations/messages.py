"""What a message to a receiver is made of, whichever format it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from generations.looking import Look
from generations.media import Addresses
from generations.models import Delivery


class Unsendable(Exception):
    """The message can never be written; says why."""


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell, as it stands when it is sent. ``delivery`` is the same at every try."""

    delivery: UUID
    event: str
    look: Look
    addresses: Addresses
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. The content type, JSON, goes without saying."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """How one vendor tells: what it writes, how long it waits for an answer, and how long before each further try."""

    message: Callable[[News], Message]
    seconds: float
    waits: tuple[dt.timedelta, ...]

    def wait(self, event: str, tries: int) -> dt.timedelta | None:
        """How long to wait after so many tries; None when that was the last. Progress is told once or not at all."""
        if event == Delivery.PROGRESS or tries > len(self.waits):
            return None
        return self.waits[tries - 1]
