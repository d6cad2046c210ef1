"""A WSGI application under an ASGI server, at the cost of one change of thread per request.

Generic adapters cross threads for every message of a request and cost 15–30 % more (docs/architecture.md). This one
reads the body in the event loop, runs the application in one hop, and sends what it answered; a long answer is sent in
batches, so that neither side of it is ever whole in memory.
"""

from __future__ import annotations

import asyncio
import contextvars
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.conf import settings

BATCH = 1024 * 1024
Environ = dict[str, Any]


class Answer:
    """What the application says: the status line, the headers, and the body as it comes."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self._body: Iterable[bytes] = ()
        self._chunks: Iterator[bytes] = iter(())

    def begin(self, application: Callable[..., Iterable[bytes]], environ: Environ) -> tuple[bytes, bool]:
        """Run the application; its first batch of bytes, and whether there may be more."""
        self._body = application(environ, self._start)
        self._chunks = iter(self._body)
        return self.batch()

    def batch(self) -> tuple[bytes, bool]:
        """The next bytes, about a megabyte of them, and whether there may be more."""
        batch = bytearray()
        for chunk in self._chunks:
            batch += chunk
            if len(batch) >= BATCH:
                return bytes(batch), True
        self.close()
        return bytes(batch), False

    def close(self) -> None:
        """Tell the application that its answer is over, whether it was sent or not."""
        close = getattr(self._body, "close", None)
        if close:
            close()
        self._body = ()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


class Bridge:
    """An ASGI application that runs a WSGI one in a few threads."""

    def __init__(self, application: Callable[..., Iterable[bytes]], threads: int) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve one request."""
        body = await read(receive)
        if body is None:
            return
        around = contextvars.copy_context()  # all of it happens in one, whichever thread does it
        run = partial(asyncio.get_running_loop().run_in_executor, self._threads)
        answer, environ = Answer(), _environ(scope, body)
        content, more = await run(lambda: around.run(answer.begin, self._application, environ))
        try:
            await send(
                {"type": "http.response.start", "status": answer.status, "headers": answer.headers, "trailers": False}
            )
            await send({"type": "http.response.body", "body": content, "more_body": more})
            while more:
                content, more = await run(lambda: around.run(answer.batch))
                await send({"type": "http.response.body", "body": content, "more_body": more})
        finally:
            if more:
                await run(lambda: around.run(answer.close))


async def read(receive: ASGIReceiveCallable) -> bytes | None:
    """The body, cut off one byte past what is allowed, which is enough to refuse it; None when the client left."""
    body = bytearray()
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    while len(body) <= most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message["body"]
        if not message["more_body"]:
            break
    return bytes(body[: most + 1])


def _environ(scope: HTTPScope, body: bytes) -> Environ:
    host, port = scope["server"] or ("localhost", 80)
    address = scope["client"][0] if scope["client"] else ""
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"])
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add_headers(environ: Environ, headers: Iterable[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        if b"_" in raw_name:  # X_Forwarded_Proto must not pass for the proxy's X-Forwarded-Proto
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        joiner = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joiner}{value}" if key in environ else value
