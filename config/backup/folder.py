"""What is in the folder of a backup: `database.dump`, `objects/`, the list of them, and `manifest.json`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = 1


class Damaged(Exception):
    """The folder holds no backup, or one that cannot be relied on."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``rows`` are counts of the most telling tables."""

    atelier: str
    postgresql: int
    migrations: dict[str, str]
    taken: str
    database_bytes: int
    database_sha256: str
    rows: dict[str, int]
    objects: int
    objects_bytes: int
    objects_sha256: str
    missing: int
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one backup."""

    path: Path

    @property
    def dump(self) -> Path:
        return self.path / "database.dump"

    @property
    def listing(self) -> Path:
        """A line for each object: its size and its key."""
        return self.path / "objects.txt"

    def object(self, key: str) -> Path:
        """Where the copy of an object is; a key that would lead out of the folder is ``Damaged``."""
        path = self.path / "objects" / key
        if ".." in Path(key).parts or Path(key).is_absolute():
            raise Damaged(f"{key!r} is no key of an object")
        return path

    def listed(self) -> Iterator[tuple[str, int]]:
        """Key and size of every object."""
        with self.listing.open(encoding="utf-8") as lines:
            for line in lines:
                size, _, key = line.rstrip("\n").partition(" ")
                yield key, int(size)

    def keep(self, key: str, content: IO[bytes]) -> None:
        """Write a copy; whole, or not at all."""
        path = self.object(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}")
        with aside.open("wb") as file:
            shutil.copyfileobj(content, file, 1024**2)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)

    def write(self, manifest: Manifest) -> None:
        """Last of all: without a manifest there is no backup."""
        aside = self.path / ".manifest.json"
        aside.write_text(json.dumps(dataclasses.asdict(manifest), indent=2) + "\n", encoding="utf-8")
        aside.replace(self.path / "manifest.json")

    def manifest(self) -> Manifest:
        """Raises ``Damaged``."""
        try:
            found: dict[str, Any] = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
            manifest = Manifest(**found)
        except (OSError, ValueError, TypeError) as error:
            raise Damaged(f"{self.path} holds no whole backup: {error}") from error
        if manifest.format != FORMAT:
            raise Damaged(f"this is a backup of format {manifest.format}; this version reads {FORMAT}")
        return manifest

    def verify(self, *, contents: bool = True) -> Iterator[str]:
        """Every fault there is: what is not there, not as long, or not the same as when it was copied.

        Without ``contents`` no object is read. A list that is not the one that was written says nothing of objects.
        """
        manifest = self.manifest()
        expected = {self.dump: manifest.database_sha256, self.listing: manifest.objects_sha256}
        altered = [path for path, sha256 in expected.items() if not path.is_file() or digest(path) != sha256]
        yield from (f"{path.name} is not what was written" for path in altered)
        if self.listing not in altered:
            yield from (fault for key, size in self.listed() if (fault := self._fault(key, size, contents)))

    def _fault(self, key: str, size: int, contents: bool) -> str:  # noqa: FBT001
        path = self.object(key)
        if not path.is_file():
            return f"{key} is not there"
        if path.stat().st_size != size:
            return f"{key} has {path.stat().st_size} bytes, not {size}"
        if contents and key.startswith("originals/") and digest(path) != path.name.partition(".")[0]:
            return f"{key} is not what its name says"
        return ""


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
