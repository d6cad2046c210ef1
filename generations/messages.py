"""What a message to a receiver is made of, whichever format it takes."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from generations.looking import Look
from generations.media import Addresses
from generations.models import Delivery

TOLD_ONCE = (Delivery.PROGRESS, Delivery.TEST)


class Unsendable(Exception):
    """The message can never be written; says why."""


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell, as it stands when it is sent, and where what it speaks of is found."""

    delivery: Delivery
    found: Look | None
    root: str
    now: dt.datetime

    @property
    def event(self) -> str:
        """What happened."""
        return self.delivery.event

    @property
    def look(self) -> Look:
        """The generation that it happened to; raises ``Unsendable`` where there is none."""
        if self.found is None:
            raise Unsendable("There is nothing left to tell.")
        return self.found

    @property
    def addresses(self) -> Addresses:
        """Of its pictures."""
        return Addresses(self.root)


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. The content type, JSON, goes without saying."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """How one vendor tells: what it writes, how long it waits for an answer, and how long before each further try.

    ``jitter`` is the part of a wait that chance may add, so that receivers which were away are not all told at once.
    """

    message: Callable[[News], Message]
    seconds: float
    waits: tuple[dt.timedelta, ...]
    jitter: float = 0

    def wait(self, event: str, tries: int) -> dt.timedelta | None:
        """How long to wait after so many tries; None when that was the last. What is told once is not told again."""
        if event in TOLD_ONCE or tries > len(self.waits):
            return None
        return self.waits[tries - 1] * (1 + random.uniform(0, self.jitter))  # noqa: S311


def standard_headers(secrets: Iterable[bytes], delivery: UUID, now: dt.datetime, body: bytes) -> dict[str, str]:
    """The headers that Standard Webhooks proves a message by: a signature for each secret, over id, time and body."""
    number, stamp = f"msg_{delivery.hex}", str(int(now.timestamp()))
    signed = b".".join([number.encode(), stamp.encode(), body])
    signatures = [base64.b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
