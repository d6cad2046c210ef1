"""Where we may connect to, and for how long.

Addresses are vetted at the moment of connecting, and the vetted address is the one connected to: a name that resolves
differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import httpcore
import httpx

PORTS = {"http": 80, "https": 443}
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=5)

# Global to the ipaddress module, yet a way inside: multicast aside, these carry an IPv4 address in themselves.
TUNNELS = [
    ipaddress.ip_network(network)
    for network in [
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",
    ]
]

Resolver = Callable[[str, int], list[str]]
_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))


class ForbiddenAddress(Exception):
    """An address that nobody may send us to."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port. A host that begins with ``*.`` stands for every name below it."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str | httpx.URL) -> Self:
        """The origin of a URL; raises ``ForbiddenAddress`` for what is no plain http(s) address."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError, ValueError) as error:
            raise ForbiddenAddress("not an address") from error
        if parsed.scheme not in PORTS or parsed.userinfo or not parsed.host:
            raise ForbiddenAddress(f"not a plain web address: {parsed.scheme}:")
        return cls(parsed.scheme, parsed.host.lower(), parsed.port or PORTS[parsed.scheme])

    def covers(self, other: Origin) -> bool:
        """Whether the other is this origin or one it stands for."""
        if (self.scheme, self.port) != (other.scheme, other.port):
            return False
        return self.host == other.host or (self.host.startswith("*.") and other.host.endswith(self.host[1:]))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet and nothing else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # not an address at all: nobody knows where it leads
        return False
    inside = not parsed.is_global or parsed.is_multicast or parsed.is_reserved
    return not inside and not any(parsed in network for network in TUNNELS)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    return [str(entry[4][0]) for entry in found]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything that this thread sends and receives inside ends by then; an outer limit stays in force."""
    token = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def left(timeout: float | None, late: type[Exception] = httpcore.ReadTimeout) -> float:
    """The seconds that the next step may take; raises ``late`` when there are none."""
    seconds = _ends.get() - time.monotonic()
    if seconds <= 0:
        raise late("the time for this call is over")
    return min(seconds, timeout if timeout is not None else seconds)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we believe to be who they say, the same for every client: to read the list takes most of a tenth second."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.BaseTransport):
    """Connects to ``inside`` whatever its address (the operator's own choice) and elsewhere only in the open.

    ``may_be_called`` says which addresses those are.
    """

    def __init__(
        self, inside: Iterable[Origin], resolver: Resolver = resolve, may_be_called: Callable[[str], bool] = is_public
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=CONNECTIONS.max_connections,
            max_keepalive_connections=CONNECTIONS.max_keepalive_connections,
            keepalive_expiry=CONNECTIONS.keepalive_expiry,
            network_backend=_Backend(
                frozenset((origin.host, origin.port) for origin in inside), resolver, may_be_called
            ),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx's own transport does; what it raises is httpcore's."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(
        self, inside: frozenset[tuple[str, int]], resolver: Resolver, may_be_called: Callable[[str], bool]
    ) -> None:
        self._inside = inside
        self._resolve = resolver
        self._may_be_called = may_be_called
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        if (host.lower(), port) not in self._inside and not all(map(self._may_be_called, addresses)):
            raise ForbiddenAddress(f"{host} leads inside")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            seconds = left(timeout, httpcore.ConnectTimeout)
            try:
                return _Stream(self._sockets.connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection that keeps to the time of ``within``."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
