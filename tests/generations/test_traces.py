"""Traces: one for all that an order comes to, received as a collector receives it; and none where nobody wants any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pytest_django.fixtures import Settings

from accounts import keys, redis
from accounts.telemetry import context, traces
from config.celery import app
from generations import tasks
from generations.models import Generation
from generations.providers.base import RequestRejected
from generations.providers.watched import watched
from tests.config.test_access import ask
from tests.factories import make_catalogue, make_user
from tests.fakes import FakeProvider
from tests.generations.steps import take_steps
from tests.patience import SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Takes what OTLP's exporters send."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.spans: list[Span] = []

    def named(self, name: str) -> Span:
        """The one span of this name."""
        [found] = [span for span in self.spans if span.name == name]
        return found


class Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        assert self.path == "/v1/traces"
        for resource in body.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans.extend(scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def collector(settings: Settings) -> Iterator[Collector]:
    """One that this process sends its spans to."""
    with Collector() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
        traces._provider.cache_clear()
        yield server
        if provider := traces._provider():
            provider.shutdown()
        server.shutdown()
    traces._provider.cache_clear()


def step(provider: FakeProvider) -> None:
    """A worker takes the only generation's next step, in a thread that knows nothing of the request."""

    def taking() -> None:
        try:
            take_steps(Generation.objects.get().pk, lambda _: watched(provider))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(taking).result()


def attributes(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes}


def test_one_trace_goes_from_the_request_to_the_vendors_call(collector: Collector, files: object) -> None:
    make_catalogue()
    _, text = keys.create(make_user(balance=9), "tests")
    body = json.dumps({"model": "sketch", "prompt": "a lamp in the window"}).encode()
    headers = {"authorization": f"Bearer {text}", "content-type": "application/json", "traceparent": PARENT}
    assert ask("/api/v1/generations", method="POST", headers=headers, body=body)["status"] == 202
    step(FakeProvider())
    traces.flush()
    request, taken = collector.named("POST api:generations"), collector.named("step")
    call = collector.named("sketch submit")
    assert {span.trace_id.hex() for span in (request, taken, call)} == {PARENT.split("-")[1]}
    assert request.parent_span_id.hex() == PARENT.split("-")[2]
    assert (taken.parent_span_id, call.parent_span_id) == (request.span_id, taken.span_id)
    kinds = (request.kind, taken.kind, call.kind)
    assert kinds == (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER, Span.SPAN_KIND_CLIENT)
    assert attributes(request) == {"http.route": "api:generations", "http.response.status_code": "202"}
    assert attributes(call) == {"provider": "sketch", "kind": "submit", "result": "finished"}


def test_a_call_that_fails_says_so_and_not_what_the_vendor_said(collector: Collector) -> None:
    provider = watched(FakeProvider(polls=[RequestRejected("the key sk-secret is wrong", code="bad_request")]))
    with pytest.raises(RequestRejected):
        provider.poll("job")
    traces.flush()
    call = collector.named("sketch poll")
    assert (call.status.code, call.status.message) == (2, "RequestRejected")
    assert attributes(call)["result"] == "bad_request"
    assert "sk-secret" not in str(call)


def test_a_message_carries_trace_and_request_to_the_worker(collector: Collector) -> None:
    queue = redis.client()
    queue.delete("steps")
    with context.about(request="abc", user=7), traces.span("somebody"):
        trace = traces.current().split("-")[1]
        tasks.hint_cancel(uuid4())
    sent = json.loads(queue.lpop("steps"))  # type: ignore[arg-type]
    assert sent["headers"]["sender"]["about"] == {"request": "abc", "user": "7"}
    seen: list[dict[str, str]] = []

    @app.task(name="tests.seen")
    def look() -> None:
        seen.append({**context.known(), **traces.known()})

    look.push_request(sender=sent["headers"]["sender"])
    look()
    look.pop_request()
    assert seen == [{"request": "abc", "user": "7", "task": "seen", "trace": trace}]
    assert context.known() == {}
    app.tasks.unregister("tests.seen")


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:1"])
def test_without_opentelemetry_everything_works_and_its_absence_is_told_where_it_is_wanted(endpoint: str) -> None:
    program = """
import sys
sys.modules["opentelemetry"] = None  # as if it were not installed
import django; django.setup()
from config.asgi import application
from accounts.telemetry import traces
with traces.span("anything"):
    traces.note("something", {})
assert not traces.current()
traces.flush()
"""
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], check=True, timeout=SECONDS, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert done.stderr.count("what sends traces is not installed") == bool(endpoint)
