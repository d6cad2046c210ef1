"""Ways to fail, for any vendor. A fault is handed what would have been done, and answers in its place."""

from __future__ import annotations

import json
import struct
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from tests.emulators.pictures import picture
from tests.emulators.server import Reply, json_reply

Proceed = Callable[[], Reply]
Fault = Callable[[Proceed], Reply]

PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
HUGE = 31 * 1024 * 1024
PICTURES = {"images", "data", "predictions", "candidates"}  # what vendors call the list of them


def answering(status: int, value: object = None, **headers: str) -> Fault:
    """Refuse with this JSON, having done nothing."""
    return lambda proceed: json_reply(value if value is not None else {"detail": "no"}, status, **headers)


def rate_limited(retry_after: str = "3") -> Fault:
    """429."""
    return answering(429, {"detail": "Too many requests"}, retry_after=retry_after)


def slow(seconds: float = 5) -> Fault:
    """Do it, and answer late."""
    return lambda proceed: replace(proceed(), delay=seconds)


def dropped_before() -> Fault:
    """Close the connection, having done nothing."""
    return lambda proceed: Reply(drop=True)


def lost_answer() -> Fault:
    """Do it, and close the connection without an answer."""

    def fault(proceed: Proceed) -> Reply:
        proceed()
        return Reply(drop=True)

    return fault


def failing_after(status: int = 500) -> Fault:
    """Do it, and answer an error all the same."""

    def fault(proceed: Proceed) -> Reply:
        proceed()
        return json_reply({"detail": "Internal Server Error"}, status)

    return fault


def page(status: int = 200) -> Fault:
    """Do it, and answer somebody's HTML."""

    def fault(proceed: Proceed) -> Reply:
        proceed()
        return Reply(status, PAGE, {"content-type": "text/html"})

    return fault


def cut(after: int = 20) -> Fault:
    """Do it, and close the connection inside the answer's body."""
    return lambda proceed: replace(proceed(), cut=after)


def truncated(keep: int = 200) -> Fault:
    """Do it, and answer only the beginning, as if it were all."""

    def fault(proceed: Proceed) -> Reply:
        reply = proceed()
        return replace(reply, body=b"".join(reply.pieces)[:keep])

    return fault


def dripping(seconds: float = 0.2) -> Fault:
    """Do it, and answer byte by byte."""
    return lambda proceed: replace(proceed(), drip=seconds)


def huge(size: int = HUGE, *, announced: bool = True) -> Fault:
    """Answer more bytes than anyone wants; when they are not announced, until the connection closes."""
    body = [b"\x89PNG\r\n\x1a\n", b"\0" * size]
    return lambda proceed: Reply(200, body, {"content-type": "image/png"}, announced=announced)


def endless() -> Fault:
    """Announce more than anyone will read."""
    return lambda proceed: Reply(200, b'{"', {"content-type": "application/json", "content-length": str(10**12)})


def redirected(to: str, status: int = 302) -> Fault:
    """Point elsewhere."""
    return lambda proceed: Reply(status, b"", {"location": to})


def edited(change: Callable[[Any], Any]) -> Fault:
    """Do it, and answer something a little different."""

    def fault(proceed: Proceed) -> Reply:
        reply = proceed()
        value = change(json.loads(b"".join(reply.pieces)))
        return replace(reply, body=json.dumps(value).encode())

    return fault


def fewer(keep: int = 1) -> Fault:
    """Do it, and answer with so many pictures only: with none, an empty list."""

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: inner[:keep] if name in PICTURES and isinstance(inner, list) else change(inner)
                for name, inner in value.items()
            }
        return value

    return edited(change)


def elsewhere(url: str = "http://169.254.169.254/latest/meta-data/picture.png") -> Fault:
    """Do it, and say that every picture is there."""

    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: change(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [change(inner) for inner in value]
        return url if isinstance(value, str) and value.endswith((".png", ".jpg")) else value

    return edited(change)


def other_size(width: int = 320, height: int = 192) -> Fault:
    """Serve a picture of another size than was asked for."""
    return lambda proceed: Reply(200, picture(width, height, 0), {"content-type": "image/png"})


def bomb(side: int = 60_000) -> Fault:
    """Serve a small picture that would be gigantic once it is decoded."""
    header = struct.pack(">II", side, side) + b"\x08\x00\x00\x00\x00"  # eight bits of grey
    row = b"\0" * (1 + side)
    pixels = zlib.compress(row * 10)
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    body = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return lambda proceed: Reply(200, body, {"content-type": "image/png"})


NAMED: dict[str, Callable[..., Fault]] = {
    "answering": answering,
    "bomb": bomb,
    "cut": cut,
    "dripping": dripping,
    "dropped_before": dropped_before,
    "elsewhere": elsewhere,
    "endless": endless,
    "failing_after": failing_after,
    "fewer": fewer,
    "huge": huge,
    "lost_answer": lost_answer,
    "other_size": other_size,
    "page": page,
    "rate_limited": rate_limited,
    "redirected": redirected,
    "slow": slow,
    "truncated": truncated,
}


@dataclass
class _Planned:
    fault: Fault
    times: int


class Plan:
    """Which fault strikes which step of a vendor's next, and how often."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[_Planned]] = defaultdict(deque)

    def add(self, step: str, fault: Fault, times: int = 1) -> None:
        """Let the fault strike the next ``times`` calls of the step, after those planned before."""
        self._planned[step].append(_Planned(fault, times))

    def load(self, entries: Iterable[dict[str, Any]]) -> None:
        """Add faults as another process names them: ``{"step": "job", "name": "slow", "times": 2, "seconds": 9}``."""
        for entry in entries:
            step, name, times = entry["step"], entry["name"], entry.get("times", 1)
            options = {key: value for key, value in entry.items() if key not in {"step", "name", "times"}}
            self.add(step, NAMED[name](**options), times)

    def clear(self) -> None:
        """Behave from now on."""
        self._planned.clear()

    def strike(self, step: str, proceed: Proceed) -> Reply:
        """What the step answers."""
        waiting = self._planned.get(step)
        if not waiting:
            return proceed()
        waiting[0].times -= 1
        fault = waiting[0].fault
        if waiting[0].times <= 0:
            waiting.popleft()
        return fault(proceed)
