"""An archive as it is opened: so many files of such a size, and JSON that can be read."""

from __future__ import annotations

import json
import lzma
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from generations import exports, storage

MEGABYTE = 1_000_000
MOST_FILES = 2 * exports.MOST + 50
LARGEST_RECORD = MEGABYTE
LARGEST_LIST = 50 * MEGABYTE
PIECE = 256 * 1024
BROKEN = (
    *(BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, OverflowError, RuntimeError, ValueError),
)


class Unusable(Exception):
    """This is no archive of a studio's, or a file of it cannot be read; says why."""


class Archive:
    """What was in a file that somebody brought; a context that closes it."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = ZipFile(file)
        except BROKEN as error:
            raise Unusable("This is no zip file.") from error
        self._files = {info.filename: info for info in self._zip.infolist()}
        if len(self._zip.infolist()) > MOST_FILES:
            raise Unusable(f"An archive has at most {MOST_FILES} files.")
        if not any(name.startswith("records/") for name in self._files) and "account.json" not in self._files:
            raise Unusable("This zip file is no archive of a studio's.")

    def names(self, folder: str) -> list[str]:
        """The files of a folder, in the order of their names, which begin with their day."""
        return sorted(name for name in self._files if name.startswith(f"{folder}/") and not name.endswith("/"))

    def record(self, name: str) -> Any:
        """The JSON of a picture's record; raises ``Unusable``."""
        return self._json(name, LARGEST_RECORD)

    def rows(self, name: str) -> list[Any]:
        """The rows of a list, none where the archive has no such file; raises ``Unusable``."""
        rows = self._json(name, LARGEST_LIST) if name in self._files else []
        if not isinstance(rows, list):
            raise Unusable(f"{name} is no list.")
        return rows

    @contextmanager
    def picture(self, name: str) -> Iterator[IO[bytes]]:
        """Its bytes, as a file under no name; raises ``Unusable``."""
        with tempfile.TemporaryFile(prefix="atelier-import-") as whole:
            for piece in self._pieces(name, storage.MAX_BYTES):
                whole.write(piece)
            whole.seek(0)
            yield whole

    def _json(self, name: str, most: int) -> Any:
        try:
            return json.loads(b"".join(self._pieces(name, most)))
        except (ValueError, RecursionError) as error:
            raise Unusable(f"{name} is no JSON.") from error

    def _pieces(self, name: str, most: int) -> Iterator[bytes]:
        """What is said of a file's size is not believed: it is read piece by piece, and not for longer than that."""
        info = self._files.get(name)
        if info is None:
            raise Unusable(f"{name} is missing.")
        read = 0
        try:
            with self._zip.open(info) as file:
                while piece := file.read(PIECE):
                    read += len(piece)
                    if read > most:
                        raise Unusable(f"{name} has more than {most} bytes.")
                    yield piece
        except BROKEN as error:
            raise Unusable(f"{name} cannot be read: {type(error).__name__}.") from error
