"""What is said of every request: one line, in one of two forms, about whom it was for, without what opens anything."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from accounts import keys
from accounts.models import User
from accounts.telemetry import context, counts
from accounts.telemetry.logs import Json, Line, without_addresses
from config import access, asgi, logs
from config.env import BASE_DIR
from generations.providers.http.series import first_then_rest
from generations.types import Finished, Picture
from tests.factories import make_user
from tests.patience import SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log, as JSON, from DEBUG on."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Json())
    handler.addFilter(without_addresses)
    loggers = [logging.getLogger(name) for name in ("access", "django.request", "tests")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield written
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def ask(
    path: str, *, method: str = "GET", query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
) -> dict[str, Any]:
    """What is sent to a client."""
    sent: list[dict[str, Any]] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    given = {"host": "127.0.0.1", "content-length": str(len(body)), **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 5000),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # apart from Playwright's loop, which may run in this one
        thread.submit(asyncio.run, asyncio.wait_for(asgi.application(scope, receive, send), SECONDS)).result()
    named = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return {"status": sent[0]["status"], "headers": named, "size": sum(len(each.get("body", b"")) for each in sent[1:])}


def told(lines: io.StringIO, logger: str = "access") -> dict[str, Any]:
    """The one line of a logger."""
    found = [line for line in map(json.loads, lines.getvalue().splitlines()) if line["logger"] == logger]
    assert len(found) == 1
    return dict(found[0])


def test_a_request_has_a_line_with_its_id_and_whose_it_was(lines: io.StringIO) -> None:
    user = make_user()
    _, text = keys.create(user, "tests")
    answer = ask("/api/v1/me", headers={"authorization": f"Bearer {text}"})
    line = told(lines)
    assert line["request"] == answer["headers"]["x-request-id"]
    assert line["user"] == str(user.pk)
    figures = {name: line[name] for name in ("method", "route", "status", "bytes")}
    assert figures == {"method": "GET", "route": "api:me", "status": 200, "bytes": answer["size"]}
    assert line["message"].startswith("GET api:me 200 in ")
    assert (line["level"], line["ms"] > 0) == ("INFO", True)
    assert text not in lines.getvalue()


def test_so_has_one_that_waits(lines: io.StringIO) -> None:
    answer = ask("/v1/images/generations", method="POST")
    line = told(lines)
    assert line["request"] == answer["headers"]["x-request-id"]
    assert (line["method"], line["status"], "user" in line) == ("POST", 401, False)


@pytest.mark.parametrize(
    ("path", "method", "route", "level"),
    [
        ("/s/secret-token", "GET", "shared", "INFO"),
        ("/media/secret-token/picture.png", "GET", "signed_image", "INFO"),
        ("/hooks/fal/secret-token", "POST", "hook", "INFO"),
        ("/secret-token", "GET", "unmatched", "INFO"),
        ("/secret-token", "WHATEVER", "unmatched", "INFO"),
        ("/static/css/secret-token.css", "GET", "static", "DEBUG"),
        ("/healthz", "GET", "healthz", "DEBUG"),
    ],
)
def test_a_line_names_the_view_and_neither_address_nor_query(
    lines: io.StringIO, path: str, method: str, route: str, level: str
) -> None:
    ask(path, method=method, query="key=secret-token", headers={"cookie": "sessionid=secret-token"})
    line = told(lines)
    assert (line["route"], line["level"]) == (route, level)
    assert line["method"] == (method if method in {"GET", "POST"} else "OTHER")
    assert "secret-token" not in json.dumps(line)


def test_what_django_says_of_a_request_names_no_address_either(lines: io.StringIO) -> None:
    ask("/s/secret-token")
    ask("/secret-token")
    said = [json.loads(line)["message"] for line in lines.getvalue().splitlines() if "django.request" in line]
    assert said == ["Not Found: shared", "Not Found: an unknown address"]


def test_a_client_that_leaves_is_told_of(lines: io.StringIO) -> None:
    async def leave(*_: Any) -> None:
        raise asyncio.CancelledError

    async def answered() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        with pytest.raises(asyncio.CancelledError):
            await access.watched(leave, scope, None, None)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, answered()).result()
    assert told(lines)["status"] == access.LEFT


def test_a_request_is_counted_by_its_route(lines: io.StringIO) -> None:
    before = counts.REQUESTS.labels("GET", "healthz", "200")._value.get()
    ask("/healthz")
    assert counts.REQUESTS.labels("GET", "healthz", "200")._value.get() == before + 1


# What lines are about


def test_nobody_is_looked_up_for_a_line() -> None:
    request = RequestFactory().get("/")
    with context.serving() as serving:
        serving.request = request
        assert context.known() == {}
        request.user = AnonymousUser()
        assert context.known() == {}
        request.user = User(pk=7)
        assert context.known() == {"user": "7"}
    assert context.known() == {}


def test_what_work_is_about_goes_with_it_and_no_further() -> None:
    async def within() -> dict[str, str]:
        return await asyncio.to_thread(context.known)

    def working() -> dict[str, str]:
        with context.about(request="abc", generation="g"), context.about(attempt=3, user=None):
            return asyncio.run(within())

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(working).result() == {"request": "abc", "generation": "g", "attempt": "3"}
        assert thread.submit(context.known).result() == {}


def test_it_follows_into_the_threads_that_share_the_calls_of_one_attempt() -> None:
    said = []

    def call(number: int, wanted: int) -> Finished:
        said.append(context.known())
        return Finished([Picture(url=f"https://vendor.example/{number}")])

    with context.about(generation="g", attempt=3):
        first_then_rest(3, call)
    assert said == [{"generation": "g", "attempt": "3"}] * 3


def test_warnings_are_lines_of_the_log() -> None:
    """In a process of its own: here pytest has them."""
    script = "import django, warnings; django.setup(); warnings.warn('it is old', stacklevel=1)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_FORMAT": "json"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        check=True,
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["level"], line["logger"]) == ("WARNING", "py.warnings")
    assert "UserWarning: it is old" in line["message"]


def record(message: str, *arguments: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("tests", logging.WARNING, __file__, 1, message, arguments, more.pop("exc_info", None))
    vars(made).update(more)
    return made


def test_json_is_one_line_whatever_is_said() -> None:
    error = ValueError("two\nlines")
    made = record("it broke:\n%s", "ü", exc_info=(ValueError, error, None), figures={"ms": 1.5})
    with context.about(request="abc", generation="g"):
        text = Json().format(made)
    assert "\n" not in text
    line = json.loads(text)
    assert line.pop("time").endswith("Z")
    assert "ValueError: two\nlines" in line.pop("error")
    about = {"request": "abc", "generation": "g"}
    assert line == {"level": "WARNING", "logger": "tests", "message": "it broke:\nü", "ms": 1.5, **about}


def test_a_readable_line_says_the_same() -> None:
    with context.about(request="abc", user=7):
        text = Line().format(record("it broke"))
    assert text.endswith(" WARNING tests: it broke [request=abc user=7]")


@pytest.mark.parametrize("form", logs.FORMATS)
def test_celery_and_the_web_server_have_no_handlers_of_their_own(form: str) -> None:
    configured = logs.logging(form, "INFO")
    assert configured["handlers"]["console"]["formatter"] == "chosen"
    for name in ("uvicorn", "uvicorn.error", "django", "django.server"):
        assert configured["loggers"][name] == {"handlers": [], "propagate": True}
    assert configured["loggers"]["uvicorn.access"] == {"handlers": [], "propagate": False}
