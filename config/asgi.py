"""One port for both kinds of request: those that wait are asynchronous, all others run in a few threads.

A synchronous view costs about 1.5 times as much under Django's ASGI handler as under its WSGI handler
(docs/architecture.md has the figures), and only an asynchronous one can wait without holding a thread. So a request
goes to the handler that suits it, by path.
"""

from __future__ import annotations

import os
import re

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable
from django.core.handlers.asgi import ASGIHandler

from config.bridge import Bridge, read
from config.wsgi import application as ordinary_application  # also sets Django up

# Every address whose view is asynchronous (a test holds the two together)
WAITING = re.compile(
    r"/events"
    r"|(/v1)?/images/generations/?"
    r"|/fal/proxy/?"
    r"|/fal(/run|-ai)/((?!/requests/).)+"
    r"|/fal(/run|/queue|-ai)/.+/status/stream/?"
)
THREADS = 8  # each keeps a database connection; more only add switching


class Waiting(ASGIHandler):
    """Django's handler, but what is synchronous in waiting requests shares one thread, and bodies are limited.

    Django would keep a thread for each of them for as long as it waits, and believe what a body says of its length.
    """

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


waiting = Waiting()
ordinary = Bridge(ordinary_application, THREADS)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to the handler that suits it."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await (waiting if WAITING.fullmatch(scope["path"]) else ordinary)(scope, receive, send)


async def _lifespan(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
