"""What is known of every request once it is answered: a line in the log, a figure, and a span around it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPMethod
from typing import Any

from django.conf import settings

from accounts.telemetry import context, counts, traces
from accounts.telemetry.context import Serving

logger = logging.getLogger("access")

LEFT = 499  # the client did, before there was an answer
PROBES = {"healthz", "readyz", "metrics"}  # being asked is no event
STATIC, UNMATCHED = "static", "unmatched"
METHODS = frozenset(HTTPMethod)
Application = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(slots=True)
class Answer:
    """What was sent so far."""

    status: int = 0
    size: int = 0

    def note(self, message: Any) -> None:
        """One message of the server's is about to be sent."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))


async def watched(application: Application, scope: Any, receive: Any, send: Any) -> None:
    """Have a request answered and tell how that went; an answer that streams is told of when it is over."""
    answer, began = Answer(), time.perf_counter()

    async def sending(message: Any) -> None:
        answer.note(message)
        await send(message)

    with context.serving() as serving, traces.span(scope["method"], "SERVER", _parent(scope)):
        try:
            await application(scope, receive, sending)
        except Exception:
            answer.status = answer.status or 500
            raise
        finally:
            _tell(scope, serving, answer, time.perf_counter() - began)


def _parent(scope: Any) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), "")


def _tell(scope: Any, serving: Serving, answer: Answer, seconds: float) -> None:
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    route = serving.route or (STATIC if scope["path"].startswith(settings.STATIC_URL) else UNMATCHED)
    status = answer.status or LEFT
    counts.REQUESTS.labels(method, route, str(status)).inc()
    counts.REQUEST_SECONDS.labels(route).observe(seconds)
    known: dict[str, traces.Value] = {"http.route": route, "http.response.status_code": status}
    traces.note(f"{method} {route}", known)
    level = logging.DEBUG if route in PROBES or route == STATIC else logging.INFO
    figures = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1), "bytes": answer.size}
    logger.log(
        level, "%(method)s %(route)s %(status)s in %(ms)s ms, %(bytes)s bytes", figures, extra={"figures": figures}
    )
