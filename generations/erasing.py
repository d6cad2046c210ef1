"""The way out of the studio: the trash is emptied in time, and bytes that no image needs any more are removed.

An image's row says that it is deleted before its bytes go, so that nothing ever points to what is missing. A process
that dies on the way leaves bytes that nobody can reach, and the next one goes on with them. So does one that dies after
it has written a picture and before it has recorded it: what was claimed and never recorded goes after a while.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from generations import storage
from generations.models import Attempt, Generation, Image, StoredFile

logger = logging.getLogger(__name__)

TRASH = dt.timedelta(days=30)
REST = dt.timedelta(hours=1)  # longer than it takes from writing a picture to recording it, or it is written again
TAKEN_OVER_AFTER = dt.timedelta(minutes=10)  # longer than the storage takes to remove one picture, or to say no
SPOOLED = dt.timedelta(days=1)
BATCH = 200
SPAN = 30.0  # seconds in one call

# By hand, as every picture is claimed and recorded.
CLAIM = """
INSERT INTO generations_storedfile (sha256, media_type) VALUES (%s, %s)
ON CONFLICT (sha256) DO UPDATE SET claimed_at = statement_timestamp()
WHERE generations_storedfile.erasing_since IS NULL
"""
RECORD = """
UPDATE generations_storedfile SET recorded = true, claimed_at = statement_timestamp(), missing_since = NULL
WHERE sha256 = ANY (%(hashes)s) AND erasing_since IS NULL
"""


class BeingErased(Exception):
    """These bytes are being removed at this moment, or were: write them again when they are gone."""


def claim(sha256: str, media_type: str) -> None:
    """Say that these bytes are about to be written, so that nobody removes them; raises ``BeingErased``."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [sha256, media_type])
        if not cursor.rowcount:
            raise BeingErased(sha256)


def record(*sha256: str) -> None:
    """An image has these bytes, from the caller's transaction on; raises ``BeingErased``.

    Whoever was held up for so long that they seemed to be left over finds out here: nothing points to what is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(RECORD, {"hashes": list(sha256)})
        if cursor.rowcount < len(set(sha256)):
            raise BeingErased(*sha256)


def empty_trash() -> int:
    """Delete what has been in the trash for its thirty days; how many images."""
    return Image.objects.filter(trashed_at__lt=Now() - TRASH).delete_for_good()


def erase() -> int:
    """Remove the bytes of images that were deleted or never recorded, but for those that another image has.

    How many pictures' bytes went.
    """
    erased, began = 0, time.monotonic()
    while time.monotonic() < began + SPAN and (found := _unneeded()):
        erased += sum(_erase(sha256, media_type) for sha256, media_type in found)
    return erased


def clear_spool(now: dt.datetime) -> int:
    """Remove what was kept for deliveries that are over, one way or another; how many pictures."""
    old = storage.spooled(before=now - SPOOLED)
    if not old:
        return 0
    unfinished = Attempt.objects.filter(generation__in=Generation.objects.unfinished())
    awaited = {picture["url"] for pictures in unfinished.values_list("pictures", flat=True) for picture in pictures}
    left_over = [key for key in old if key not in awaited]
    _remove(left_over)
    return len(left_over)


def _unneeded() -> list[tuple[str, str]]:
    """Bytes that can be looked at now; not those that were written just now, or that somebody is removing."""
    busy = StoredFile.objects.filter(pk=OuterRef("sha256")).exclude(_removable())
    deleted = Image.objects.filter(deleted_at__isnull=False, erased=False).exclude(Exists(busy)).order_by("deleted_at")
    of_an_image = Image.objects.filter(sha256=OuterRef("pk"))
    left_over = StoredFile.objects.filter(_removable(), ~Exists(of_an_image), recorded=False).order_by("claimed_at")
    return [
        *deleted.values_list("sha256", "media_type")[:BATCH],
        *left_over.values_list("sha256", "media_type")[:BATCH],
    ]


def _removable() -> Q:
    return Q(claimed_at__lt=Now() - REST) & (Q(erasing_since=None) | Q(erasing_since__lt=Now() - TAKEN_OVER_AFTER))


def _erase(sha256: str, media_type: str) -> bool:
    """Whether the bytes went. Where another image has them, they stay, and this one has none any more."""
    needed = Image.objects.existing().filter(sha256=sha256)
    removed = _taken(sha256, needed)
    if removed:
        _remove(storage.keys_of(sha256, media_type))
        StoredFile.objects.filter(pk=sha256).delete()
    elif not needed.exists() and StoredFile.objects.filter(pk=sha256).exists():
        return False  # somebody claimed it meanwhile, for a picture or to remove it
    Image.objects.filter(sha256=sha256, deleted_at__isnull=False).update(erased=True)
    return removed


@transaction.atomic
def _taken(sha256: str, needed: QuerySet[Image]) -> bool:
    """Whether we are the one who removes these bytes, from now on.

    Whoever is recording a picture has the row locked. Only a look after that one's end sees the picture.
    """
    stored = StoredFile.objects.select_for_update(no_key=True).filter(_removable(), pk=sha256)
    return bool(stored and not needed.exists() and StoredFile.objects.filter(pk=sha256).update(erasing_since=Now()))


def _remove(keys: Iterable[str]) -> None:
    for key in keys:
        storage.discard(key)
