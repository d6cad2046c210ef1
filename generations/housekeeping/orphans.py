"""What is stored and belongs to nobody: left by somebody who died, or by a backup that brought back more than its rows.

Nothing of a picture is removed here. Its hash is written down as bytes that no image ever had, and ``erasing`` removes
them by its own rules: whoever writes the same bytes meanwhile keeps them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from generations import storage
from generations.housekeeping.listing import Stored
from generations.models import Export, Image, StoredFile

YOUNG = dt.timedelta(days=1)  # longer than anybody takes from writing something to recording it
OF_A_PICTURE = re.compile(r"(?:originals|renditions|thumbnails)/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})(?:-\d+)?\.\w+")
OF_AN_EXPORT = re.compile(rf"{storage.EXPORTS}[0-9a-f-]{{36}}-[0-9a-f]{{32}}\.zip")
WRITTEN_ASIDE = re.compile(r"(?:[\w-]+/)+\.\w+")  # by ``files.FileStorage``, and never renamed
MEDIA_TYPES = {ending: media_type for media_type, ending in storage.EXTENSIONS.items()}


@dataclass(slots=True)
class Judged:
    """Objects by what they are to us. What is ``foreign`` is none of ours, and stays."""

    pictures: dict[str, list[Stored]] = field(default_factory=dict)  # by hash
    exports: list[Stored] = field(default_factory=list)
    torn: list[Stored] = field(default_factory=list)
    foreign: list[Stored] = field(default_factory=list)

    @property
    def left_over(self) -> list[Stored]:
        """Everything that belongs to nobody."""
        return [*(stored for those in self.pictures.values() for stored in those), *self.exports, *self.torn]


def judge(objects: Sequence[Stored]) -> Judged:
    """Which of these nobody needs, and which are not ours. What is young is left alone."""
    judged, young = Judged(), timezone.now() - YOUNG
    for stored in objects:
        if found := OF_A_PICTURE.fullmatch(stored.key):
            judged.pictures.setdefault(found["sha256"], []).append(stored)
        elif OF_AN_EXPORT.fullmatch(stored.key):
            judged.exports.append(stored)
        elif WRITTEN_ASIDE.fullmatch(stored.key):
            judged.torn.append(stored)
        elif not stored.key.startswith(storage.SPOOL):  # which ``erasing.clear_spool`` looks after
            judged.foreign.append(stored)
    _spare(judged, young)
    return judged


def hand_over(judged: Judged) -> None:
    """Have what is left over removed: pictures by ``erasing``, in an hour; the rest, which nobody writes again, now."""
    for sha256, objects in judged.pictures.items():
        _write_down(sha256, objects)
    for stored in (*judged.exports, *judged.torn):
        storage.discard(stored.key)


def _spare(judged: Judged, young: dt.datetime) -> None:
    """Take out what somebody has, and what is young."""
    needed = _needed(judged.pictures)
    judged.pictures = {
        sha256: objects
        for sha256, objects in judged.pictures.items()
        if sha256 not in needed and all(stored.modified < young for stored in objects)
    }
    known = set(Export.objects.filter(key__in=[stored.key for stored in judged.exports]).values_list("key", flat=True))
    judged.exports = [stored for stored in judged.exports if stored.key not in known and stored.modified < young]
    judged.torn = [stored for stored in judged.torn if stored.modified < young]


def _needed(hashes: Iterable[str]) -> set[str]:
    """Those that an image has, and those that an image had, which ``erasing`` sees to by itself."""
    wanted = list(hashes)
    images = Image.objects.existing().filter(sha256__in=wanted).values_list("sha256", flat=True)
    return {*images, *StoredFile.objects.filter(pk__in=wanted, recorded=True).values_list("pk", flat=True)}


def _write_down(sha256: str, objects: list[Stored]) -> None:
    endings = [stored.key.rpartition(".")[2] for stored in objects if stored.key.startswith("originals/")]
    media_type = MEDIA_TYPES.get(endings[0] if endings else "webp", "image/webp")
    StoredFile.objects.get_or_create(sha256=sha256, defaults={"media_type": media_type})
    # One that had them once and was said to have none any more: they are back.
    Image.objects.filter(sha256=sha256, deleted_at__isnull=False).update(erased=False)
