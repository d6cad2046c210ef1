"""``/metrics``: what Prometheus asks for. Any web process answers for the whole studio."""

from __future__ import annotations

import hmac
import logging
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis import RedisError

from accounts.telemetry import counts
from accounts.telemetry.counts import Process
from generations import heartbeat
from generations.metrics import asked

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever sends ``METRICS_TOKEN`` or asks from ``METRICS_NETWORKS``.

    Others are answered 401 where there is a token, and else that there is nothing here.
    """
    if not (_has_token(request) or _is_near(request)):
        if not settings.METRICS_TOKEN:
            raise Http404
        return HttpResponse("a token is needed\n", "text/plain", 401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    known = settings.METRICS_TOKEN.encode()
    return bool(known) and kind.lower() == "bearer" and hmac.compare_digest(token.encode(), known)


def _is_near(request: HttpRequest) -> bool:
    """Whether it comes straight from one of the networks: what a proxy hands on may come from anywhere."""
    handed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    address = request.META.get("REMOTE_ADDR", "")
    if handed_on or not address:
        return False
    return any(ip_address(address) in ip_network(network) for network in settings.METRICS_NETWORKS)


class Studio:
    """All figures of the studio. While a part is away those that it has are left out, and ``atelier_up`` says so."""

    def collect(self) -> Iterator[Metric]:
        """As Prometheus's library asks for them."""
        up = GaugeMetricFamily("atelier_up", "1 while the database, or Redis, answers.", labels=["part"])
        for part, figures, errors in (
            ("database", asked.figures, (DatabaseError, InterfaceError)),
            ("redis", _from_redis, (RedisError, OSError)),
        ):
            try:
                found = list(figures())
            except errors as error:
                logger.warning("metrics without the %s: %s", part, error)
                found = []
            yield from found
            up.add_metric([part], bool(found))
        yield up


@cache
def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Studio())
    return registry


def _from_redis() -> Iterator[Metric]:
    counts.carrier.carry()
    yield from _named(counts.summed())
    processes = counts.processes()
    yield from _processes(processes)
    yield _heartbeats(processes)


def _named(metrics: Iterable[Metric]) -> Iterator[Metric]:
    """With the names of models instead of their ids, as far as the database tells."""
    try:
        names = asked.models()
    except (DatabaseError, InterfaceError):
        names = {}
    for metric in metrics:
        metric.samples = [
            sample._replace(labels=sample.labels | {"model": names.get(sample.labels["model"], sample.labels["model"])})
            if "model" in sample.labels
            else sample
            for sample in metric.samples
        ]
        yield metric


def _processes(processes: list[Process]) -> Iterator[Metric]:
    labels = ["program", "instance"]
    cpu = CounterMetricFamily("atelier_process_cpu_seconds", "CPU time that a process has used.", labels=labels)
    memory = GaugeMetricFamily("atelier_process_memory_bytes", "Memory that it has.", labels=labels)
    alive = GaugeMetricFamily("atelier_processes", "Processes that said something lately.", labels=["program"])
    number = dict.fromkeys(("web", "worker", "beat"), 0) | defaultdict(int)
    for process in processes:
        cpu.add_metric([process.program, process.name], process.cpu)
        memory.add_metric([process.program, process.name], process.memory)
        number[process.program] += 1
    for program, count in number.items():
        alive.add_metric([program], count)
    yield from (cpu, memory, alive)


def _heartbeats(processes: list[Process]) -> Metric:
    about = "How long ago any worker took something up, and beat sent something; +Inf when nobody knows."
    family = GaugeMetricFamily("atelier_heartbeat_age_seconds", about, labels=["program"])
    beats = [process.progressed for process in processes if process.program == "beat"]
    for program, last in (("worker", heartbeat.last()), ("beat", max(beats, default=0))):
        family.add_metric([program], max(time.time() - last, 0) if last else math.inf)
    return family
