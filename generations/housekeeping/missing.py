"""Pictures that somebody has and that the storage has no more: noticed, told, and got again while that is possible."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import IO

from django.db.models import F, Q
from django.db.models.functions import Now

from generations import delivery, erasing, records, storage
from generations.housekeeping import again
from generations.models import Image, StoredFile
from generations.providers import registry
from generations.providers.base import Provider, ProviderError

logger = logging.getLogger(__name__)

BATCH = 500
AT_ONCE = 20  # as many are fetched in one call, so that it is short
ALL = 1_000_000
SOUGHT_EVERY = dt.timedelta(hours=20)
BELOW = re.compile(r"[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})")
LAST = "g"  # behind every hash

Providers = Callable[[str], Provider]


def between(after: str, until: str | None, there: set[str]) -> Iterator[tuple[str, str]]:
    """Hash and media type of pictures that lack a key after one key and up to another, the end if there is none.

    ``there`` are the keys that were listed. Each picture is looked for once more: it may have come since.
    """
    for prefix, keys, lacks in KINDS:
        span = _hashes(prefix, after, until)
        if span is None:
            continue
        rows = Image.objects.existing().filter(sha256__gte=span[0], sha256__lte=span[1]).order_by("sha256")
        for sha256, media_type in rows.values_list("sha256", "media_type").distinct().iterator(BATCH):
            expected = [key for key in keys(sha256, media_type) if after < key and (until is None or key <= until)]
            if not there.issuperset(expected) and lacks(sha256, media_type) and _is_needed(sha256):
                yield sha256, media_type


def mark(pictures: Iterator[tuple[str, str]]) -> int:
    """Remember that these are missing; how many are."""
    marked = 0
    while some := dict(islice(pictures, BATCH)):
        rows = [StoredFile(sha256=sha256, media_type=media_type, recorded=True) for sha256, media_type in some.items()]
        StoredFile.objects.bulk_create(rows, ignore_conflicts=True)
        StoredFile.objects.filter(pk__in=some, missing_since=None).update(missing_since=Now())
        marked += len(some)
    return marked


def seek(providers: Providers = registry.provider, *, most: int = AT_ONCE) -> int:
    """Try to get back what is missing and was not sought lately; how many pictures are there again."""
    lately = Q(sought_at=None) | Q(sought_at__lt=Now() - SOUGHT_EVERY)
    missing = StoredFile.objects.filter(lately, missing_since__isnull=False)
    found = missing.order_by(F("sought_at").asc(nulls_first=True), "pk")[:most]
    return sum(_seek(stored, providers) for stored in found)


def _seek(stored: StoredFile, providers: Providers) -> bool:
    StoredFile.objects.filter(pk=stored.pk).update(sought_at=Now())
    wanted = (
        Image.objects.existing()
        .filter(sha256=stored.sha256)
        .select_related("attempt__generation__prompt", "generation")
    )
    gone = any(lacks(stored.sha256, stored.media_type) for _prefix, _keys, lacks in KINDS)
    back = not gone or any(_got(image, providers) for image in wanted)
    if back or not wanted.exists():
        StoredFile.objects.filter(pk=stored.pk).update(missing_since=None)
    if back:
        logger.info("the picture %s is in the storage again", stored.sha256)
    return back


def _got(image: Image, providers: Providers) -> bool:
    """Whether its bytes were to be had somewhere, the very same, and are stored again."""
    ways = _ways(image, providers)
    while True:
        try:
            if (way := next(ways, None)) is None:
                return False
            with way as content:
                if _hash(content) == image.sha256:
                    storage.keep(content, trained=records.is_trained(image), claim=erasing.claim)
                    erasing.record(image.sha256)
                    return True
        except (ProviderError, OSError, KeyError, storage.UnusablePicture, erasing.BeingErased) as error:
            logger.info("image %s: not to be had in this way: %s", image.pk, error)


def _ways(image: Image, providers: Providers) -> Iterator[AbstractContextManager[IO[bytes]]]:
    """The original, where only thumbnails are gone; then whatever the vendor still has, or draws the same again."""
    yield _original_of(image)
    provider = providers(image.attempt.provider)
    for pictures in again.made(image.attempt, provider):
        if image.position < len(pictures):
            yield delivery.opened(pictures[image.position], provider)


@contextmanager
def _original_of(image: Image) -> Iterator[IO[bytes]]:
    with storage.open_file(storage.original_key(image.sha256, image.media_type)) as content:
        yield content


def _hash(content: IO[bytes]) -> str:
    content.seek(0)
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # IO names no readinto


def _is_needed(sha256: str) -> bool:
    return Image.objects.existing().filter(sha256=sha256).exists()


def _lacks_original(sha256: str, media_type: str) -> bool:
    return not all(map(storage.exists, _original(sha256, media_type)))


def _lacks_thumbnails_alone(sha256: str, media_type: str) -> bool:
    return not (_lacks_original(sha256, media_type) or all(map(storage.exists, _thumbnails(sha256, media_type))))


def _original(sha256: str, media_type: str) -> list[str]:
    return [storage.original_key(sha256, media_type)]


def _thumbnails(sha256: str, _media_type: str) -> list[str]:
    return [storage.thumbnail_key(sha256, width) for width in storage.THUMBNAIL_WIDTHS]


def _hashes(prefix: str, after: str, until: str | None) -> tuple[str, str] | None:
    """From which hash to which keys below a prefix lie in this span of all keys; nothing where none can."""
    if after >= f"{prefix}{LAST}" or (until is not None and until < prefix):
        return None
    first = _hash_of(after.removeprefix(prefix)) if after.startswith(prefix) else ""
    last = _hash_of(until.removeprefix(prefix)) + LAST if until and until.startswith(prefix) else LAST
    return first, last


def _hash_of(name: str) -> str:
    """The hash that a name has or, of a name that is not ours, as much of one as it could have."""
    found = BELOW.match(name)
    return found["sha256"] if found else name[:2]


KINDS = (("originals/", _original, _lacks_original), ("thumbnails/", _thumbnails, _lacks_thumbnails_alone))
