"""One port for both kinds of request: those that wait are asynchronous, all others run in a few threads.

A synchronous view costs about 1.5 times as much under Django's ASGI handler as under its WSGI handler
(docs/architecture.md has the figures), and only an asynchronous one can wait without holding a thread. So a request
goes to the handler that suits it, by path.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from types import FrameType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler

from accounts.telemetry import counts, traces
from config.access import watched
from config.bridge import Bridge, read
from config.wsgi import application as ordinary_application  # also sets Django up
from generations.streaming import audience

# Every address whose view is asynchronous (a test holds the two together)
WAITING = re.compile(
    r"(/api/v1(/generations/[^/]+)?)?/events"
    r"|(/v1)?/images/generations/?"
    r"|/fal/proxy/?"
    r"|/fal(/run|-ai)/((?!/requests/).)+"
    r"|/fal(/run|/queue|-ai)/.+/status/stream/?"
)
PATIENT = re.compile(r"/api/v1/generations(/[^/]+/(retry|vary))?")  # where a POST waits if the client prefers it
SESSIONS = re.compile(r"/events|/fal/proxy/?")  # where a session signs in; elsewhere a key does
OURS = re.compile(r"/api/v1/")  # and here either
PROBES = {"/healthz", "/readyz"}
THREADS = 8  # each keeps a database connection; more only add switching


class Waiting(ASGIHandler):
    """Django's handler, but what is synchronous in waiting requests shares one thread, and bodies are limited.

    Django would keep a thread for each of them for as long as it waits, and believe what a body says of its length.
    It changes threads twice for each middleware of its own, so there are none but those that are needed.
    """

    def __init__(self, middleware: list[str]) -> None:
        self._middleware = middleware
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """Put these around the views; Django knows one list for all handlers."""
        everything, settings.MIDDLEWARE = settings.MIDDLEWARE, self._middleware
        try:
            super().load_middleware(is_async=is_async)
        finally:
            settings.MIDDLEWARE = everything

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        body = await read(receive)
        if body is None:
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        scope = {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return messages.pop() if messages else await receive()

        await self.handle(scope, again, send)


PREFERENCES = "generations.api.preferring.PreferMiddleware"
with_session = Waiting([*settings.MIDDLEWARE, PREFERENCES])
with_key = Waiting([*settings.WAITING_MIDDLEWARE, PREFERENCES])
ordinary = Bridge(ordinary_application, THREADS)
probes = Bridge(ordinary_application, 2)  # with threads of their own: all others may be waiting for a database


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to the handler that suits it."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await watched(_handler(scope), scope, receive, send)


def _handler(scope: HTTPScope) -> Any:
    path = scope["path"]
    if path in PROBES:
        return probes
    if WAITING.fullmatch(path):
        by_key = not SESSIONS.fullmatch(path) and (not OURS.match(path) or _has_key(scope))
    elif scope["method"] == "POST" and PATIENT.fullmatch(path) and _has(scope, b"prefer"):
        by_key = _has_key(scope)
    else:
        return ordinary
    return with_key if by_key else with_session


def _has_key(scope: HTTPScope) -> bool:
    return _has(scope, b"authorization") or _has(scope, b"x-api-key")


def _has(scope: HTTPScope, header: bytes) -> bool:
    return any(name == header for name, _ in scope["headers"])


async def _lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            counts.carrier.start("web")
            _end_streams_on(signal.SIGTERM, signal.SIGINT)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            counts.carrier.carry()
            traces.flush()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _end_streams_on(*numbers: int) -> None:
    """Streams would never end by themselves: they end when the server is asked to, and only then is it asked."""
    loop = asyncio.get_running_loop()
    for number in numbers:
        servers = signal.getsignal(number)

        def end(number: int, frame: FrameType | None, servers: Any = servers) -> None:
            loop.call_soon_threadsafe(audience.close)
            if callable(servers):
                servers(number, frame)

        if threading.current_thread() is threading.main_thread():
            signal.signal(number, end)
