"""Putting a backup into an empty studio."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, connections

from config.backup import programs
from config.backup.folder import Damaged, Folder
from generations import storage
from generations.housekeeping import restored

FOREIGN = ("information_schema", "pg_catalog", "pg_toast")


class NotEmpty(Exception):
    """The database has tables already: a restore overwrites nothing."""


def restore(folder: Folder, say: Callable[[str], object]) -> restored.Settled:
    """Fill database and storage, then settle what was under way when the backup was made.

    Raises ``NotEmpty``, ``Damaged`` or ``programs.Failed``; the database is filled wholly or not at all.
    """
    manifest = folder.manifest()
    if fault := next(folder.verify(contents=False), ""):
        raise Damaged(fault)
    if tables := _tables():
        raise NotEmpty(f"the database has {tables} tables: restore into an empty one")
    say(f"{_bring_back(folder)} of {manifest.objects} objects copied")
    programs.run(
        "pg_restore",
        *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
        *(f"--dbname={connection.settings_dict['NAME']}", str(folder.dump)),
    )
    connections.close_all()  # their plans are of an empty database
    say(f"{sum(manifest.rows.values())} rows and all that belongs to them restored, as of {manifest.taken}")
    return restored.settle_all()


def _bring_back(folder: Folder) -> int:
    """Copy what the storage does not have; how many objects."""
    copied = 0
    for key, _size in folder.listed():
        if not storage.exists(key):
            with folder.object(key).open("rb") as content:
                storage.put(key, content)
            copied += 1
    return copied


def _tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname <> ALL(%s)", [list(FOREIGN)])
        [tables] = cursor.fetchone()
    return int(tables)
