"""pg_dump and pg_restore: those on the PATH or, where the server is newer than they, the embedded database's."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from config.embedded.binaries import binaries
from config.program import StartFailed

OLDEST = 17  # pg_restore sets transaction_timeout, which servers before do not know


class Failed(Exception):
    """A program of PostgreSQL's did not do what it was asked; the message is for the person at the terminal."""


def run(name: str, *words: str) -> str:
    """Run it on the studio's database to its end; what it printed. No password is among its arguments."""
    command = [str(program(name, server_version())), *words]
    ended = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise Failed(f"{name} failed: {ended.stderr.strip()[-2000:]}")
    return ended.stdout


def server_version() -> int:
    """The major version of the database's server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        [number] = cursor.fetchone()
    return int(number) // 10_000


def program(name: str, wanted: int) -> Path:
    """One that a server of this major version understands, and that understands it."""
    if wanted < OLDEST:
        raise Failed(f"the database is PostgreSQL {wanted}: a backup comes back from {OLDEST} or newer")
    for path in _candidates(name):
        if _major(path) >= wanted:
            return path
    raise Failed(f"{name} of PostgreSQL {wanted} or newer is needed: install its client programs")


def _candidates(name: str) -> Iterator[Path]:
    if found := shutil.which(name):
        yield Path(found)
    try:
        yield binaries(None) / name
    except StartFailed:  # the wheel is not installed where there is a database server
        return


def _major(path: Path) -> int:
    said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r" (\d+)", said.stdout)
    return int(found[1]) if found else 0


def _environment() -> dict[str, str]:
    """The connection as libpq reads it."""
    known = connection.settings_dict
    named = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    environment = {variable: str(known[name]) for variable, name in named.items() if known[name]}
    tls = {name: value for name, value in known["OPTIONS"].items() if name.startswith("ssl")}
    return environment | {f"PG{name.upper()}": str(value) for name, value in tls.items()} | {"LC_ALL": "C"}
