"""The Celery app: queues, limits and the beat table. Messages are hints, so losing all of them loses nothing."""

from __future__ import annotations

import os
import time
from typing import Any

from celery import Celery, Task
from celery.signals import (
    beat_init,
    before_task_publish,
    setup_logging,
    task_prerun,
    worker_ready,
    worker_shutting_down,
)
from django.db import close_old_connections

from accounts.telemetry import context, counts, traces

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Message(Task):  # type: ignore[type-arg]
    """One that a worker takes: counted, and taken in the name of whoever sent it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, sender = self.name.rpartition(".")[2], self.request.get("sender") or {}
        began, result = time.perf_counter(), "failed"
        with context.about(**{**sender.get("about", {}), "task": name}):
            try:
                with traces.span(name, "CONSUMER", sender.get("traceparent", "")):
                    answer = super().__call__(*args, **kwargs)
                result = "done"
            finally:
                counts.TASKS.labels(name, result).inc()
                counts.TASK_SECONDS.labels(name).observe(time.perf_counter() - began)
        return answer


app = Celery("atelier", task_cls=Message)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_the_log_alone(**kwargs: object) -> None:
    """Celery's lines are written as all others are; that somebody listens keeps it from setting up its own."""


@task_prerun.connect
def refresh_connections(**kwargs: object) -> None:
    """Give up a connection that is old or broken, and keep a good one, as Django does around a request."""
    close_old_connections()


@before_task_publish.connect
def name_the_sender(headers: dict[str, Any], **kwargs: object) -> None:
    """With the message goes whose request it is for, and the trace that it belongs to."""
    headers["sender"] = {"about": context.known(), "traceparent": traces.current()}
    counts.carrier.progress("beat")


@beat_init.connect
def count_in_beat(**kwargs: object) -> None:
    """How beat does is known as it is of other processes."""
    counts.carrier.start("beat")


@worker_ready.connect
def look_around(**kwargs: object) -> None:
    """A worker's first task: it finds what waited for it, and shows that it works, before beat has said a word."""
    from generations import tasks  # noqa: PLC0415 - Django is not set up when this module is imported

    counts.carrier.start("worker")
    tasks.watch.start()
    app.send_task("generations.tasks.sweep", ignore_result=True)


@worker_shutting_down.connect
def begin_no_more_calls(**kwargs: object) -> None:
    """What waits in any line is left to other workers."""
    from generations import tasks  # noqa: PLC0415

    for at_work in (tasks.steps, tasks.artists, tasks.callers, tasks.messengers, tasks.archivists):
        at_work.close()
