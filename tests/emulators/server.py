"""A small HTTP server that can also misbehave. It costs little, since it shares the machine with what it tests."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

LIMIT = 60  # seconds in which a server's thread does what it is asked


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, or None when it is something else."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, or the way in which there is none."""

    status: int = 200
    body: bytes | Sequence[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0  # seconds before the first byte
    drop: bool = False  # close the connection instead
    cut: int | None = None  # close the connection after this many bytes of the body
    drip: float = 0  # seconds between single bytes of the body
    announced: bool = True  # whether the length is said beforehand; else the connection's end is the body's

    @property
    def pieces(self) -> Sequence[bytes]:
        """The body as a sequence."""
        return [self.body] if isinstance(self.body, bytes) else self.body

    def head(self) -> bytes:
        """Status line and headers."""
        reason = HTTPStatus(self.status).phrase if self.status in set(HTTPStatus) else "Unknown"
        length = {"content-length": str(sum(map(len, self.pieces)))} if self.announced else {}
        headers = length | dict(self.headers)
        lines = [f"HTTP/1.1 {self.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def json_reply(value: object, status: int = 200, **headers: str) -> Reply:
    """JSON; underscores in the names of headers become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, body, {"content-type": "application/json"} | named)


class Server:
    """Serves ``handle`` on a loopback port from a thread of its own; a context manager."""

    def __init__(self, handle: Callable[[Request], Reply], port: int = 0) -> None:
        self._handle = handle
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Transport] = set()
        self._thread.start()
        self._server = self._run(self._listen(port))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do it then, unless the server has stopped."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, seconds, act)

    def stop(self) -> None:
        """Close everything."""
        if self._loop.is_closed():
            return
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, act: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(LIMIT)

    async def _listen(self, port: int) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: _Connection(self._handle, self._connections), "127.0.0.1", port, backlog=2048
        )

    async def _close(self) -> None:
        self._server.close()
        for transport in list(self._connections):
            transport.abort()
        await asyncio.sleep(0)


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, handle: Callable[[Request], Reply], connections: set[asyncio.Transport]) -> None:
        self._handle = handle
        self._connections = connections
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self._received = rest[length:]
        method, target, _ = request_line.split(" ")
        url = urlsplit(target)
        reply = self._handle(Request(method, url.path, dict(parse_qsl(url.query)), headers, rest[:length]))
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._answer, reply)
        else:
            self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        if reply.drop:
            self.transport.abort()
        elif reply.drip:
            self.transport.write(reply.head())
            self._drip(b"".join(reply.pieces), reply.drip)
        elif reply.cut is not None:
            self.transport.writelines([reply.head(), b"".join(reply.pieces)[: reply.cut]])
            self.transport.close()
        else:
            self.transport.writelines([reply.head(), *reply.pieces])
            if not reply.announced:
                self.transport.close()

    def _drip(self, rest: bytes, seconds: float) -> None:
        if rest and not self.transport.is_closing():
            self.transport.write(rest[:1])
            asyncio.get_running_loop().call_later(seconds, self._drip, rest[1:], seconds)
