"""What the vendors that answer at once have in common: a key, a book of what was paid, pictures to serve."""

from __future__ import annotations

import base64
import itertools
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.emulators import faults
from tests.emulators.pictures import picture
from tests.emulators.server import Reply, Request, Server, json_reply

SIZES = {"1:1": (1024, 1024), "3:4": (896, 1280), "4:3": (1280, 896), "9:16": (768, 1408), "16:9": (1408, 768)}


@dataclass(frozen=True, slots=True)
class Paid:
    """One paid call."""

    prompt: str
    model: str
    body: dict[str, Any]


class Vendor:
    """One vendor with an account of its own; ``seconds`` is how long it paints.

    Steps that faults may strike: submit, media, models, and whatever else the vendor has.
    """

    def __init__(self, port: int = 0, *, seconds: float = 0, small: bool = False, key: str = "") -> None:
        self.seconds = seconds
        self.small = small
        self.key = key
        self.faults = faults.Plan()
        self.paid: list[Paid] = []
        self.received: list[Request] = []
        self.requests: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self.server = Server(self._handle, port)

    def step(self, request: Request) -> tuple[str, faults.Proceed]:
        """The step that a request takes, and what it does there."""
        raise NotImplementedError

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        raise NotImplementedError

    def environment(self) -> str:
        """The lines that point a studio here."""
        raise NotImplementedError

    def prompts(self) -> list[str]:
        """What was asked for, in order."""
        return [paid.prompt for paid in self.paid]

    def calls(self, step: str) -> int:
        """How often a step was taken."""
        return self.requests[step]

    def stop(self) -> None:
        """Close every connection."""
        self.server.stop()

    def pay(self, prompt: str, model: str, body: dict[str, Any]) -> None:
        """Note what will be billed."""
        self.paid.append(Paid(prompt, model, body))

    def painted(self, reply: Reply) -> Reply:
        """The answer once it has been painted."""
        return replace(reply, delay=self.seconds)

    def link(self, size: tuple[int, int]) -> str:
        """The path of a new picture."""
        return f"/media/{size[0]}x{size[1]}/{next(self._numbers)}.png"

    def inline(self, size: tuple[int, int]) -> str:
        """A new picture in base64."""
        return base64.b64encode(b"".join(self._drawn(size, next(self._numbers)))).decode()

    def _handle(self, request: Request) -> Reply:
        with self._lock:
            self.received.append(request)
            step, proceed = self._step(request)
            self.requests[step] += 1
            return self.faults.strike(step, proceed)

    def _step(self, request: Request) -> tuple[str, faults.Proceed]:
        if request.path.startswith("/media/"):
            return "media", lambda: self._media(request)
        if request.path.startswith("/control"):
            return "control", lambda: self._control(request)
        return self.step(request)

    def _media(self, request: Request) -> Reply:
        size, _, name = request.path.removeprefix("/media/").partition("/")
        width, _, height = size.partition("x")
        number = int(name.removesuffix(".png"))
        return Reply(200, self._drawn((int(width), int(height)), number), {"content-type": "image/png"})

    def _drawn(self, size: tuple[int, int], number: int) -> Sequence[bytes]:
        return picture(*size, number, small=self.small)

    def _control(self, request: Request) -> Reply:
        """For other processes: GET counts; POST sets times and plans faults.

        ``{"seconds": 20, "faults": [{"step": "submit", "name": "slow", "times": 2}]}``
        """
        if request.method == "POST":
            wanted = request.json() or {}
            self.seconds = wanted.get("seconds", self.seconds)
            self.faults.load(wanted.get("faults", []))
        return json_reply({"paid": len(self.paid), "requests": self.requests})
