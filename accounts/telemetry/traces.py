"""Spans for OpenTelemetry, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` says where they go; else nothing of it is imported.

A span is around what is done inside. It belongs to the trace of whoever asked for it, in this process or another:
``current`` is what to hand on, ``parent`` what was handed on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Literal

from django.conf import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger(__name__)

Kind = Literal["INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
Value = str | int | float | bool
NOTHING: Mapping[str, str] = {}
OFF = nullcontext()


def span(name: str, kind: Kind = "INTERNAL", parent: str = "", /, **attributes: Value) -> AbstractContextManager[None]:
    """Around a piece of work; ``parent`` is a ``traceparent`` of W3C's, where there is none around it already."""
    return _span(name, kind, parent, attributes) if _provider() else OFF


def note(name: str, attributes: Mapping[str, Value]) -> None:
    """What became known of the work at hand, and a better name for it."""
    if _provider():
        from opentelemetry import trace  # noqa: PLC0415

        present = trace.get_current_span()
        present.set_attributes(attributes)
        present.update_name(name)


def current() -> str:
    """The ``traceparent`` that makes what is done elsewhere a part of this; empty where nothing is traced."""
    if not _provider():
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def known() -> Mapping[str, str]:
    """The trace that is under way, for the log."""
    present = current()
    return {"trace": present.split("-")[1]} if present else NOTHING


def flush() -> None:
    """Send what has not been sent yet; a process that is about to end does this."""
    if provider := _provider():
        provider.force_flush()


@contextmanager
def _span(name: str, kind: Kind, parent: str, attributes: Mapping[str, Value]) -> Iterator[None]:
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    around = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
    provider = _provider()
    assert provider is not None  # noqa: S101 - for the type
    with provider.get_tracer("atelier").start_as_current_span(
        name,
        around,
        trace.SpanKind[kind],
        attributes=attributes,
        record_exception=False,  # what an error says may be a secret
        set_status_on_exception=False,
    ) as started:
        try:
            yield
        except Exception as error:
            started.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


@cache
def _provider() -> TracerProvider | None:
    """What makes spans in this process, begun when the first is asked for; None where nobody wants any.

    Everything else that OpenTelemetry's variables say (headers, sampling, the service's name) it reads itself.
    """
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        logger.exception("OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends traces is not installed")
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": settings.OTEL_SERVICE_NAME}))
    exporter = OTLPSpanExporter(f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
