"""Making a backup of a studio, which may go on working meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Entry, User
from config.backup import programs
from config.backup.folder import Folder, Manifest, digest
from generations import storage
from generations.housekeeping import listing
from generations.housekeeping.listing import Stored
from generations.models import Generation, Image

COUNTED = (User, Entry, Generation, Image)
MADE_AGAIN = (storage.EXPORTS, "renditions/")  # archives are asked for anew, other formats made when they are asked for


def back_up(path: Path, say: Callable[[str], object]) -> Manifest:
    """Bring the folder up to the studio as it is now. Interrupted, it leaves the backup that was there before."""
    folder, new = Folder(path), Folder(path / ".new")
    for made in (path, new.path):  # by itself: to its parents, mkdir would give the usual mode
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
    say(f"{_copy(folder)} objects copied")
    taken = dt.datetime.now(dt.UTC)
    rows = _dump(new.dump)
    say(f"{_copy(folder)} objects copied that came meanwhile")
    objects, weight = _list(folder, new.listing)
    manifest = Manifest(
        atelier=_version(),
        postgresql=programs.server_version(),
        migrations=_migrations(),
        taken=taken.isoformat(timespec="seconds"),
        database_bytes=new.dump.stat().st_size,
        database_sha256=digest(new.dump),
        rows=rows,
        objects=objects,
        objects_bytes=weight,
        objects_sha256=digest(new.listing),
        missing=_missing(folder, taken),
    )
    for made, place in ((new.dump, folder.dump), (new.listing, folder.listing)):
        made.replace(place)
    folder.write(manifest)
    return manifest


def _dump(into: Path) -> dict[str, int]:
    """The database as of one moment, and how many rows some tables had at that moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        rows = {model._meta.db_table: model._default_manager.count() for model in COUNTED}  # noqa: SLF001
        programs.run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={into}")
    return rows


def _copy(folder: Folder) -> int:
    """Copy what the folder does not have; how many objects."""
    copied = 0
    for stored in _stored():
        path = folder.object(stored.key)
        if path.is_file() and path.stat().st_size == stored.size:
            continue
        try:
            with storage.open_file(stored.key) as content:
                folder.keep(stored.key, content)
        except FileNotFoundError:  # removed since it was listed
            continue
        copied += 1
    return copied


def _stored() -> Iterator[Stored]:
    after = ""
    while page := listing.page(after):
        yield from (stored for stored in page if not stored.key.startswith(MADE_AGAIN))
        after = page[-1].key


def _list(folder: Folder, into: Path) -> tuple[int, int]:
    """Write down what is in the storage and in the folder; how many objects, and how many bytes."""
    objects = weight = 0
    with into.open("w", encoding="utf-8") as lines:
        for stored in _stored():
            if folder.object(stored.key).is_file():
                lines.write(f"{stored.size} {stored.key}\n")
                objects, weight = objects + 1, weight + stored.size
    return objects, weight


def _missing(folder: Folder, taken: dt.datetime) -> int:
    """Pictures of which the folder has no original: those that are gone from the storage itself."""
    images = Image.objects.existing().filter(created__lt=taken).values_list("sha256", "media_type").distinct()
    keys = (storage.original_key(sha256, media_type) for sha256, media_type in images.iterator())
    return sum(not folder.object(key).is_file() for key in keys)


def _migrations() -> dict[str, str]:
    """The last one of each app."""
    return dict(sorted(MigrationRecorder(connection).applied_migrations()))


def _version() -> str:
    try:
        return metadata.version("atelier")
    except metadata.PackageNotFoundError:  # a checkout is not installed
        return "checkout"
