"""The Celery app: queues, limits and the beat table. Messages are hints, so losing all of them loses nothing."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import task_prerun, worker_ready, worker_shutting_down
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("atelier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def refresh_connections(**kwargs: object) -> None:
    """Give up a connection that is old or broken, and keep a good one, as Django does around a request."""
    close_old_connections()


@worker_ready.connect
def look_around(**kwargs: object) -> None:
    """A worker's first task: it finds what waited for it, and shows that it works, before beat has said a word."""
    from generations import tasks  # noqa: PLC0415 - Django is not set up when this module is imported

    tasks.watch.start()
    app.send_task("generations.tasks.sweep", ignore_result=True)


@worker_shutting_down.connect
def begin_no_more_calls(**kwargs: object) -> None:
    """What waits in any line is left to other workers."""
    from generations import tasks  # noqa: PLC0415

    for at_work in (tasks.steps, tasks.artists, tasks.callers, tasks.messengers, tasks.archivists):
        at_work.close()
