"""What the processes of a studio count, and what all of them have counted together.

Each counts in its own memory and adds the news to sums in Redis, every few seconds, in one message. So whichever
process is asked answers for all of them, on however many machines they are, and what one counted outlives it. While
Redis is away news is kept; should Redis be emptied the sums begin anew, which those who read counters expect.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from accounts import redis

logger = logging.getLogger(__name__)

SUMS, PROCESSES = "metrics:sums", "metrics:processes"
CARRIED_EVERY = 5.0  # seconds
GONE_AFTER = 30.0  # seconds of silence
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LONG = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 90, 180, 600)

registry = CollectorRegistry()


def counter(name: str, about: str, labels: Sequence[str] = ()) -> Counter:
    """One that all processes count together."""
    return Counter(f"atelier_{name}", about, labels, registry=registry)


def histogram(name: str, about: str, labels: Sequence[str] = (), buckets: Iterable[float] = SHORT) -> Histogram:
    """Seconds, of all processes together."""
    return Histogram(f"atelier_{name}", about, labels, registry=registry, buckets=tuple(buckets))


REQUESTS = counter("requests", "Requests that were answered; 499 where the client left.", ["method", "route", "status"])
REQUEST_SECONDS = histogram("request_seconds", "From a request to the end of its answer.", ["route"])
TASKS = counter("tasks", "Celery's messages that a worker took.", ["task", "result"])
TASK_SECONDS = histogram("task_seconds", "What such a message took.", ["task"])


@dataclass(frozen=True, slots=True)
class Process:
    """One process that said something lately. ``progressed`` is when it last did what it is there for."""

    program: str
    name: str
    cpu: float
    memory: int
    said: float
    progressed: float


class Carrier:
    """Carries what this process counts to where all of them add up."""

    def __init__(self) -> None:
        self._program = ""
        self._progressed = 0.0
        self._carried: dict[str, float] = {}
        self._lock = threading.Lock()

    def start(self, program: str) -> None:
        """Begin, in a thread of its own that ends with the process; ``program`` is web, worker or beat."""
        if not self._program:
            self._program = program
            atexit.register(self.carry)
            threading.Thread(target=self._run, name="counts", daemon=True).start()

    def progress(self, program: str) -> None:
        """This program has just done what it is there for."""
        if self._program == program:
            self._progressed = time.time()

    def carry(self) -> None:
        """Add the news to the sums, now. None of it is lost if Redis does not take it."""
        with self._lock:
            counted = dict(_counted())
            new = [field for field, value in counted.items() if value != self._carried.get(field)]  # the first zero too
            news = {field: counted[field] - self._carried.get(field, 0) for field in new}
            if redis.attempt(lambda: self._add(news)):
                self._carried = counted

    def _add(self, news: Mapping[str, float]) -> bool:
        with redis.client().pipeline() as pipeline:
            for field, value in news.items():
                pipeline.hincrbyfloat(SUMS, field, value)
            if self._program:
                pipeline.hset(PROCESSES, f"{self._program}@{socket.gethostname()}:{os.getpid()}", self._state())
            pipeline.execute()
        return True

    def _state(self) -> str:
        used = os.times()
        said = {"cpu": used.user + used.system, "memory": _resident(), "said": time.time()}
        return json.dumps(said | {"progressed": self._progressed})

    def _run(self) -> None:
        while True:
            time.sleep(CARRIED_EVERY)
            try:
                self.carry()
            except Exception:
                logger.exception("what was counted could not be carried and will be again")


carrier = Carrier()


def summed() -> list[Metric]:
    """What all processes have counted. Raises Redis's errors."""
    sums = [(*json.loads(field), float(value)) for field, value in redis.client().hgetall(SUMS).items()]
    metrics = [Metric(metric.name, metric.documentation, metric.type) for metric in registry.collect()]
    homes = {f"{metric.name}{suffix}": metric for metric in metrics for suffix in SUFFIXES[metric.type]}
    for name, labels, value in sorted(sums, key=_place):
        if name in homes:  # else an earlier version counted it
            homes[name].add_sample(name, labels, value)
    return metrics


def processes() -> list[Process]:
    """Those that live; what those have left that do not is removed. Raises Redis's errors."""
    kept = dict(map(_process, redis.client().hgetall(PROCESSES).items()))
    gone = [field for field, process in kept.items() if process.said < time.time() - GONE_AFTER]
    if gone:
        redis.client().hdel(PROCESSES, *gone)
    return [process for field, process in kept.items() if field not in gone]


def _process(kept: tuple[Any, Any]) -> tuple[str, Process]:
    field, state = kept[0].decode(), json.loads(kept[1])
    program, _, name = field.partition("@")
    return field, Process(program, name, **state)


def _place(sample: tuple[str, dict[str, str], float]) -> tuple[list[str], float, str]:
    """The buckets of a histogram stand together, the smallest first."""
    name, labels, _ = sample
    return [labels[label] for label in sorted(labels) if label != "le"], float(labels.get("le", "inf")), name


def _counted() -> Iterator[tuple[str, float]]:
    for metric in registry.collect():
        for sample in metric.samples:
            if not sample.name.endswith("_created"):
                yield json.dumps([sample.name, sample.labels]), sample.value


def _resident() -> int:
    """Bytes of memory that this process has; nothing where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
