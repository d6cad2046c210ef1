"""A load generator of its own process: keep-alive connections that each send a request as soon as one is answered.

Reads a ``Load`` as JSON from standard input and prints a ``Result`` as JSON:  python -m bench.load
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass
class Load:
    """Whole requests as text; each connection takes its own share of them, over and over."""

    port: int
    requests: list[str]
    clients: int = 1
    seconds: float = 5


@dataclass
class Result:
    """Times in milliseconds; ``cpu`` is what one request cost this generator."""

    answered: int = 0
    rate: float = 0
    p50: float = 0
    p95: float = 0
    p99: float = 0
    cpu: float = 0
    statuses: dict[str, int] = field(default_factory=dict)

    def of_status(self, status: int) -> int:
        """How many answers had this status."""
        return self.statuses.get(str(status), 0)


def run(load: Load) -> Result:
    """Generate it from a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=json.dumps(asdict(load)), capture_output=True, text=True, cwd=ROOT, check=True)
    return Result(**json.loads(done.stdout))


def post(path: str, key: str, body: object) -> str:
    """A POST of JSON, signed in by a key, as text on the wire."""
    text = json.dumps(body)
    head = f"{_head('POST', path)}Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n{text}"


def get(path: str, *, key: str = "", cookie: str = "") -> str:
    """A GET, signed in by a key or by a session."""
    who = f"Authorization: Bearer {key}\r\n" if key else f"Cookie: {cookie}\r\n"
    return f"{_head('GET', path)}{who}\r\n"


def _head(method: str, path: str) -> str:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"


class _Client(asyncio.Protocol):
    def __init__(self, requests: list[bytes], run: _Run) -> None:
        self._requests = requests
        self._run = run
        self._number = 0
        self._received = b""
        self._needed = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._needed < 0:
            self._read_head()
        chunked = self._needed == 0 and self._received.endswith(b"0\r\n\r\n")
        if chunked or 0 < self._needed <= len(self._received):
            self._run.times.append(time.perf_counter() - self._sent)
            self._run.statuses[self._received[9:12].decode()] += 1
            self._received, self._needed = b"", -1
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if time.perf_counter() < self._run.until:
            self._run.statuses["lost"] += 1
        self._run.gone()

    def _read_head(self) -> None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end].lower()
        _, found, rest = head.partition(b"content-length:")
        self._needed = end + 4 + int(rest.split(b"\r", 1)[0]) if found else 0

    def _send(self) -> None:
        if time.perf_counter() >= self._run.until:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._number % len(self._requests)])
        self._number += 1


class _Run:
    def __init__(self, load: Load) -> None:
        self.times: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.begun = time.perf_counter()
        self.until = self.begun + load.seconds
        self.over = asyncio.get_running_loop().create_future()
        self._left = load.clients

    def gone(self) -> None:
        self._left -= 1
        if not self._left:
            self.over.set_result(None)


async def _generate(load: Load) -> Result:
    loop = asyncio.get_running_loop()
    generated = _Run(load)
    requests = [request.encode() for request in load.requests]
    for number in range(load.clients):
        share = requests[number :: load.clients] or requests
        await loop.create_connection(lambda share=share: _Client(share, generated), "127.0.0.1", load.port)  # type: ignore[misc]
    await generated.over
    elapsed = time.perf_counter() - generated.begun
    times = sorted(generated.times)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Result(
        answered=len(times),
        rate=len(times) / elapsed,
        p50=quantile(times, 0.5) * 1000,
        p95=quantile(times, 0.95) * 1000,
        p99=quantile(times, 0.99) * 1000,
        cpu=(usage.ru_utime + usage.ru_stime) * 1000 / max(1, len(times)),
        statuses=dict(generated.statuses),
    )


def quantile(ordered: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_generate(Load(**json.load(sys.stdin)))))))
