"""What an export contains: pictures as they are, a record of each, and for a whole account all else that it has.

Nothing is ever whole in memory but a piece of a picture and a batch of rows.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from accounts.models import User
from generations import records, storage
from generations.models import AlbumImage, Generation, Image, SavedSearch

BATCH = 100
PIECE = 256 * 1024
READABLE = 0o644  # by others too, as what one unpacks is


def write(into: IO[bytes], user: User, images: Sequence[UUID], *, whole: bool, report: Callable[[int], object]) -> None:
    """Write the archive. ``report`` is told how many pictures are done, after each; what it raises ends the writing."""
    missing: list[UUID] = []
    with ZipFile(into, "w", ZIP_STORED) as archive:  # pictures are compressed already
        if whole:
            for name, rows in _account(user):
                _write_rows(archive, name, rows)
        done = 0
        for batch in (images[first : first + BATCH] for first in range(0, len(images), BATCH)):
            found = Image.objects.of(user).select_related("attempt__route__model").in_bulk(batch)
            for pk in batch:
                if pk not in found or not _write_picture(archive, found[pk]):
                    missing.append(pk)
                done += 1
                report(done)
        _write_rows(archive, "missing.json", missing)


def _write_picture(archive: ZipFile, image: Image) -> bool:
    """The picture and its record; False when its bytes are gone, as those of a picture deleted meanwhile are."""
    name = f"{image.created:%Y-%m-%d}-{image.pk}"
    try:
        content = storage.open_file(storage.original_key(image.sha256, image.media_type))
    except FileNotFoundError:
        return False
    picture = _entry(f"pictures/{name}.{storage.EXTENSIONS[image.media_type]}", image.created)
    with content, archive.open(picture, "w") as entry:
        shutil.copyfileobj(content, entry, PIECE)
    told = records.record(image) | {"owner": {"starred": image.starred, "trashed": image.trashed_at}}
    archive.writestr(_entry(f"records/{name}.json", image.created), _json(told, indent=2))
    return True


def _write_rows(archive: ZipFile, name: str, rows: Iterable[Any]) -> None:
    """A JSON array, a row at a time."""
    with archive.open(_entry(name, timezone.now()), "w") as entry:
        between = "[\n"
        for row in rows:
            entry.write(f"{between}{_json(row)}".encode())
            between = ",\n"
        entry.write(b"\n]\n" if between == ",\n" else b"[]\n")


def _entry(name: str, moment: dt.datetime) -> ZipInfo:
    """A file of the archive with its own date, in UTC; without one it would be of 1980."""
    entry = ZipInfo(name, moment.astimezone(dt.UTC).timetuple()[:6])
    entry.external_attr = READABLE << 16
    return entry


def _account(user: User) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Everything but pictures, by the name of its file. No secret is among it."""
    yield "account.json", [_chosen(user, "email", "name", "language", "accepts_successors", "created")]
    entries = ("kind", "amount", "posted_after", "held_after", "reason", "created", "hold__generation")
    yield "credits.json", user.wallet.entries.order_by("pk").values(*entries).iterator(BATCH)
    yield "keys.json", user.api_keys.order_by("pk").values("name", "prefix", "scopes", "created", "expires", "revoked")
    prompts = ("text", "negative", "starred", "hidden", "created", "last_used")
    yield "prompts.json", user.prompts.order_by("pk").values(*prompts).iterator(BATCH)
    presets = ("name", "prompt", "negative_prompt", "parameters", "created")
    yield "presets.json", user.presets.order_by("pk").values(*presets)
    yield (
        "searches.json",
        SavedSearch.objects.filter(user=user).order_by("pk").values("name", "filter", "sort", "created"),
    )
    yield "webhooks.json", user.endpoints.order_by("pk").values("url", "description", "events", "created")
    yield "albums.json", _albums(user)
    yield "generations.json", _generations(user)


def _albums(user: User) -> Iterator[Mapping[str, Any]]:
    for album in user.albums.order_by("pk").iterator(BATCH):
        places = AlbumImage.objects.filter(album=album).order_by("position", "image")
        yield {
            **_chosen(album, "id", "name", "description", "created"),
            "images": places.values_list("image", flat=True),
        }


def _generations(user: User) -> Iterator[Mapping[str, Any]]:
    names = ("id", "status", "aspect_ratio", "resolution", "count", "seed", "output_format", "price")
    times = ("created", "started", "finished")
    own = Generation.objects.filter(user=user).select_related("prompt", "model").defer("prompt__words").order_by("pk")
    for one in own.iterator(BATCH):
        words = {"prompt": one.prompt.text, "negative_prompt": one.prompt.negative, "model": one.model.slug}
        yield _chosen(one, *names) | words | _chosen(one, *times, "error_code", "error_detail")


def _chosen(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, indent=indent)
