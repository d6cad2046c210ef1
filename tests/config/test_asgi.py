"""Which requests wait, and that none of them holds a thread meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import UUIDConverter
from django.utils.module_loading import import_string
from django.utils.regex_helper import normalize

from config import asgi
from tests.patience import SECONDS

SAMPLE_ID = "00000000-0000-7000-8000-000000000000"


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """One address of every view, or several where a pattern has several forms."""
    for pattern in resolver.url_patterns:
        for text, names in normalize(pattern.pattern.regex.pattern):
            converters = pattern.pattern.converters
            values = {name: SAMPLE_ID if isinstance(converters.get(name), UUIDConverter) else "x" for name in names}
            address = before + text % values
            if isinstance(pattern, URLResolver):
                yield from addresses(pattern, address)
            else:
                yield address, pattern


VIEWS = sorted(addresses(get_resolver()), key=lambda view: view[0])


@pytest.mark.parametrize("address", [address for address, view in VIEWS if iscoroutinefunction(view.callback)])
def test_an_asynchronous_view_is_where_requests_may_wait(address: str) -> None:
    assert asgi.WAITING.fullmatch(address)


def test_no_other_view_is() -> None:
    others = [address for address, view in VIEWS if not iscoroutinefunction(view.callback)]
    assert len(others) > 50
    assert [address for address in others if asgi.WAITING.fullmatch(address)] == []


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_no_middleware_holds_a_thread_around_a_view_that_waits(name: str) -> None:
    assert import_string(name).async_capable


def test_a_request_that_waits_has_around_it_what_is_not_for_pages() -> None:
    names = {name.rpartition(".")[2] for name in settings.WAITING_MIDDLEWARE}
    assert {"RequestIdMiddleware", "UnavailableMiddleware", "BodyLimitMiddleware", "SecurityMiddleware"} <= names
    assert not names & {"SessionMiddleware", "CsrfViewMiddleware", "AuthenticationMiddleware"}


def test_where_a_session_signs_in_there_is_one() -> None:
    assert asgi._handler(scope("GET", "/events")) is asgi.with_session
    assert asgi._handler(scope("POST", "/v1/images/generations/")) is asgi.with_key
    assert asgi._handler(scope("GET", "/v1/models")) is asgi.ordinary


@pytest.mark.parametrize("path", ["/api/v1/events", f"/api/v1/generations/{SAMPLE_ID}/events"])
def test_our_own_events_are_followed_by_key_or_session(path: str) -> None:
    assert asgi._handler(scope("GET", path)) is asgi.with_session
    assert asgi._handler(scope("GET", path, authorization="Bearer atl_")) is asgi.with_key
    assert asgi._handler(scope("GET", path, x_api_key="atl_")) is asgi.with_key


@pytest.mark.parametrize("address", ["", f"/{SAMPLE_ID}/retry", f"/{SAMPLE_ID}/vary"])
def test_a_submit_waits_only_where_the_client_prefers_it(address: str) -> None:
    path = f"/api/v1/generations{address}"
    assert asgi._handler(scope("POST", path, authorization="Bearer atl_")) is asgi.ordinary
    assert asgi._handler(scope("POST", path, authorization="Bearer atl_", prefer="wait=9")) is asgi.with_key
    assert asgi._handler(scope("POST", path, prefer="wait=9")) is asgi.with_session
    assert asgi._handler(scope("GET", path, prefer="wait=9")) is asgi.ordinary


def scope(method: str, path: str, **headers: str) -> Any:
    """As much of a request as decides who handles it."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "headers": raw}


def ask(path: str, body: bytes) -> dict[str, Any]:
    """What is sent to a client that then stays."""
    sent: list[dict[str, Any]] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 5000),
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", b"5")],
    }
    with ThreadPoolExecutor(1) as thread:  # apart from Playwright's loop, which may run in this one
        thread.submit(asyncio.run, asyncio.wait_for(asgi.application(scope, receive, send), SECONDS)).result()
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return {"status": sent[0]["status"], "headers": headers, "body": json.loads(content)}


def test_a_request_that_may_wait_is_refused_in_its_own_manner() -> None:
    nobody = ask("/v1/images/generations", b"{}")
    assert (nobody["status"], nobody["body"]["error"]["code"]) == (401, "invalid_api_key")
    assert nobody["body"]["requestId"] == nobody["headers"]["x-request-id"]
    assert nobody["headers"]["x-content-type-options"] == "nosniff"
    large = ask("/v1/images/generations", b" " * 70_000)
    assert (large["status"], large["body"]["error"]["code"]) == (413, "request_too_large")
