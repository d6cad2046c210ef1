"""A WSGI application under an ASGI server: nothing of a request or an answer is lost or invented on the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings

from config.bridge import BATCH, Bridge
from tests.patience import SECONDS

Start = Callable[[str, list[tuple[str, str]]], object]
Messages = list[dict[str, Any]]


class Body:
    """An answer that comes in chunks and knows whether it was closed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)

    def close(self) -> None:
        self.closed += 1


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/grüße",
        "query_string": b"q=%C3%BC&raw=\xff",
        "http_version": "1.1",
        "scheme": "https",
        "server": ("studio.example", 443),
        "client": ("192.0.2.1", 5000),
        "headers": [(b"content-type", b"application/json"), (b"x-one", b"a"), (b"x-one", b"b")],
        **changes,
    }


def request(body: bytes, *, pieces: int = 1) -> Messages:
    size = max(1, -(-len(body) // pieces))
    parts = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    return [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]


def run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: Playwright keeps a loop running in the main one once a browser test has run."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(work, SECONDS)).result()


def serve(application: Any, messages: Messages, **changes: Any) -> Messages:
    """What the bridge sends for one request."""
    sent: Messages = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    bridge: Any = Bridge(application, 1)
    run(bridge(scope(**changes), receive, send))
    return sent


def seen_by_application(messages: Messages, **changes: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start("200 OK", [])
        return []

    serve(application, messages, **changes)
    return seen


def test_a_request_arrives_as_it_was_sent() -> None:
    environ = seen_by_application(request(b'{"a": 1}', pieces=3))
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/grüße"
    assert environ["QUERY_STRING"] == "q=%C3%BC&raw=\xff"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("studio.example", "443")
    assert environ["REMOTE_ADDR"] == "192.0.2.1"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["CONTENT_TYPE"] == "application/json"
    assert environ["HTTP_X_ONE"] == "a,b"
    assert (environ["CONTENT_LENGTH"], environ["body"]) == ("8", b'{"a": 1}')


def test_a_header_with_underscores_passes_for_no_other() -> None:
    headers = [(b"x-forwarded-proto", b"http"), (b"x_forwarded_proto", b"https")]
    assert seen_by_application(request(b""), headers=headers)["HTTP_X_FORWARDED_PROTO"] == "http"


def test_cookies_in_two_headers_stay_apart() -> None:
    headers = [(b"cookie", b"a=1"), (b"cookie", b"b=2")]
    assert seen_by_application(request(b""), headers=headers)["HTTP_COOKIE"] == "a=1; b=2"


def test_a_body_that_is_too_large_is_cut_where_it_can_be_refused() -> None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    environ = seen_by_application(request(b"x" * (most * 3), pieces=10), headers=[(b"content-length", b"5")])
    assert environ["CONTENT_LENGTH"] == str(most + 1)
    assert len(environ["body"]) == most + 1


def test_a_client_that_leaves_before_it_has_asked_is_not_served() -> None:
    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        pytest.fail("nobody asked")

    assert serve(application, [{"type": "http.disconnect"}]) == []


def test_an_answer_is_sent_whole_and_closed() -> None:
    body = Body([b"one ", b"", b"two"])

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("404 Not Found", [("X-Name", "värde")])
        return body

    begin, *rest = serve(application, request(b""))
    assert (begin["status"], begin["headers"]) == (404, [(b"x-name", "värde".encode("latin-1"))])
    assert b"".join(message["body"] for message in rest) == b"one two"
    assert [message["more_body"] for message in rest] == [False]
    assert body.closed == 1


def test_a_long_answer_goes_out_in_batches_and_is_never_whole_in_memory() -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(40):
            taken += 1
            yield b"x" * (BATCH // 10)

    body = Body(chunks())

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return body

    _begin, *rest = serve(application, request(b""))
    assert max(len(message["body"]) for message in rest) <= BATCH + BATCH // 10
    assert sum(len(message["body"]) for message in rest) == 40 * (BATCH // 10)
    assert [message["more_body"] for message in rest][-1] is False
    assert body.closed == 1


def test_an_answer_is_closed_when_its_reader_leaves() -> None:
    body = Body(b"x" * BATCH for _ in range(5))

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        start("200 OK", [])
        return body

    messages = request(b"")

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("the reader left")

    bridge: Any = Bridge(application, 1)
    with pytest.raises(OSError, match="left"):
        run(bridge(scope(), receive, send))
    assert body.closed == 1


def test_the_application_runs_beside_the_event_loop() -> None:
    names: list[str] = []

    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        names.append(threading.current_thread().name)
        start("200 OK", [])
        return []

    serve(application, request(b""))
    assert names[0].startswith("request")
