"""Exports: asked for, made by one worker at a time, kept for a week.

A worker has an export for as long as it renews its lease. Should it die, another one begins anew: what it wrote was
nothing but a temporary file of its own.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO
from uuid import UUID, uuid4

from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from accounts import redis
from accounts.models import User
from generations import archive, storage
from generations.models import Export, Image
from generations.searching import Search, matching

logger = logging.getLogger(__name__)

MOST = 20_000  # pictures in one archive
LEASE = dt.timedelta(minutes=3)
RENEWED_EVERY = 2.0  # seconds; as often the progress is written
MOST_TRIES = 5
KEPT = dt.timedelta(days=7)
LINE = "exports"

CLAIM = """
UPDATE generations_export SET status = 'running', tries = tries + 1, done = 0, lease_token = %s,
    lease_until = statement_timestamp() + make_interval(secs => %s)
WHERE id = (
    SELECT id FROM generations_export
    WHERE status IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < statement_timestamp())
    ORDER BY created LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


class TooMany(Exception):
    """These are more pictures than one archive may have."""


class OneAtATime(Exception):
    """The person has an export that is not made yet."""


class Lost(Exception):
    """The export was deleted, or another worker has it."""


class Stopped(Exception):
    """This worker is to begin nothing more."""


def ask(user: User, *, ids: Sequence[UUID] = (), search: Search | None = None) -> Export:
    """Have an archive made of one's images that are named, or found; of the whole account where neither is given.

    Raises ``TooMany`` or ``OneAtATime``.
    """
    whole = not ids and search is None
    own = matching(user, search) if search else Image.objects.of(user)
    wanted = own.filter(pk__in=ids) if ids else own
    images = list(wanted.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(images) > MOST:
        raise TooMany
    try:
        with transaction.atomic():
            export = Export.objects.create(user=user, whole=whole, images=images, total=len(images))
            transaction.on_commit(hint)
    except IntegrityError as error:
        raise OneAtATime from error
    return export


def hint() -> None:
    """Have a worker look for it now, if Redis answers; beat looks every second."""
    redis.attempt(partial(current_app.send_task, "generations.tasks.sweep", retry=False))


def waiting() -> bool:
    """Whether there is any to be made."""
    return Export.objects.due().exists()


def next_in(_line: str) -> UUID | None:
    """Take the one that has waited for longest; its ``lease_token`` is new."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [uuid4(), LEASE.total_seconds()])
        row = cursor.fetchone()
    return row[0] if row else None


def make(pk: UUID, stopped: Callable[[], bool] = lambda: False) -> None:
    """Make an export that was taken. Should ``stopped`` say so on the way, it is left to others at once."""
    export = Export.objects.select_related("user__wallet").filter(pk=pk).first()
    if export is None:
        return
    if export.tries > MOST_TRIES:
        export.move(Export.Status.FAILED, error="Every worker that tried it died of it.", finished=Now())
        return
    try:
        _make(export, stopped)
    except Lost:
        logger.info("export %s was given up: it is gone, or another worker's", pk)
    except Stopped:
        export.move(Export.Status.QUEUED, lease_until=None, tries=export.tries - 1)
    except Exception as error:
        logger.exception("export %s could not be made", pk)
        if export.tries == MOST_TRIES:
            export.move(Export.Status.FAILED, error=f"It could not be written: {type(error).__name__}", finished=Now())


def make_all() -> int:
    """Make every export that waits, here; how many."""
    made = 0
    while export := next_in(LINE):
        make(export)
        made += 1
    return made


def delete(export: Export) -> bool:
    """Forget it, with its archive; a worker that makes it stops. False when it is gone already."""
    if not Export.objects.filter(pk=export.pk).delete()[0]:
        return False
    if export.key:
        storage.discard(export.key)
    return True


def expire() -> int:
    """Remove archives that are older than ``KEPT``; how many. First nobody is sent there any more."""
    Export.objects.filter(status=Export.Status.READY, expires__lt=Now()).update(status=Export.Status.EXPIRED)
    old = list(Export.objects.filter(status=Export.Status.EXPIRED).exclude(key="").defer("images"))
    for export in old:
        storage.discard(export.key)
        Export.objects.filter(pk=export.pk).update(key="", images=[])
    return len(old)


def _make(export: Export, stopped: Callable[[], bool]) -> None:
    with storage.aside() as file:
        archive.write(file, export.user, export.images, whole=export.whole, report=_Progress(export, stopped))
        _publish(export, file)


def _publish(export: Export, file: IO[bytes]) -> None:
    """Store the archive under a name of its own, so that two workers never write to the same."""
    key, size = f"{storage.EXPORTS}{export.pk}-{uuid4().hex}.zip", file.tell()
    if not export.move(Export.Status.RUNNING, lease_until=Now() + LEASE * 10):  # for one long call
        raise Lost
    storage.put(key, file)
    ready = {"key": key, "size": size, "done": export.total, "finished": Now(), "expires": Now() + KEPT}
    if not export.move(Export.Status.READY, **ready, error=""):
        storage.discard(key)
        raise Lost


class _Progress:
    """Says how far an export is, and that its worker lives."""

    def __init__(self, export: Export, stopped: Callable[[], bool]) -> None:
        self._export = export
        self._stopped = stopped
        self._said = time.monotonic()

    def __call__(self, done: int) -> None:
        if self._stopped():
            raise Stopped
        if time.monotonic() > self._said + RENEWED_EVERY:
            self._said = time.monotonic()
            if not self._export.move(Export.Status.RUNNING, done=done, lease_until=Now() + LEASE):
                raise Lost
