"""What is in the storage, a page at a time in the order of the keys, so that a walk can go on after any key."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, default_storage

PAGE = 1_000  # as many as S3 lists at once


class OutOfOrder(Exception):
    """The storage does not list its keys in their order, after the one that was named."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    key: str
    size: int
    modified: dt.datetime


def page(after: str = "") -> list[Stored]:
    """The next objects behind a key, at most ``PAGE``; none at the end. Raises ``OutOfOrder``."""
    if isinstance(default_storage, FileSystemStorage):
        return list(islice(_files(Path(default_storage.location), "", after), PAGE))
    found = _objects(default_storage, after)
    keys = [after, *(stored.key for stored in found)]
    if found and not all(earlier < later for earlier, later in pairwise(keys)):
        raise OutOfOrder(f"after {after!r} came {found[0].key!r}")
    return found


def _objects(storage: Any, after: str) -> list[Stored]:
    answer = storage.connection.meta.client.list_objects_v2(Bucket=storage.bucket_name, StartAfter=after, MaxKeys=PAGE)
    return [Stored(one["Key"], one["Size"], one["LastModified"]) for one in answer.get("Contents", [])]


def _files(folder: Path, prefix: str, after: str) -> Iterator[Stored]:
    """Those below a folder; one folder's names are in memory at a time, and no folder that lies wholly before."""
    try:
        with os.scandir(folder) as entries:
            named = sorted((f"{entry.name}/" if entry.is_dir() else entry.name) for entry in entries)
    except FileNotFoundError:  # nothing was ever stored, or its last file went meanwhile
        return
    for name in named:
        key = prefix + name
        if name.endswith("/") and (key > after or after.startswith(key)):
            yield from _files(folder / name, key, after)
        elif not name.endswith("/") and key > after:
            yield from _file(folder / name, key)


def _file(path: Path, key: str) -> Iterator[Stored]:
    try:
        found = path.stat()
    except FileNotFoundError:  # removed since its folder was read
        return
    yield Stored(key, found.st_size, dt.datetime.fromtimestamp(found.st_mtime, dt.UTC))
