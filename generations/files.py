"""Object storage on a disk of our own, for studios without S3."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

UNNAMED = getattr(os, "O_TMPFILE", os.O_EXCL)  # Linux alone has it, and not on every disk


class FileStorage(FileSystemStorage):
    """Files that appear whole or not at all: written aside, synced, then renamed over whatever was there.

    Django's own storage writes in place, so that a killed process would leave a torn picture under its final name.
    """

    def aside(self) -> IO[bytes]:
        """An empty file under no name, gone when it is closed. Saved here it is not written a second time."""
        root = Path(self.location)
        root.mkdir(parents=True, exist_ok=True)
        try:
            return os.fdopen(os.open(root, UNNAMED | os.O_RDWR, 0o600), "w+b")
        except OSError:
            return cast("IO[bytes]", tempfile.TemporaryFile())

    def _save(self, name: str, content: File[bytes] | IO[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f".{uuid4().hex}")
        try:
            if not _named(content, written):
                _copy(content, written)
            written.replace(path)
        except OSError:
            written.unlink(missing_ok=True)  # a full disk is not to be filled further by what did not fit
            raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: names are content hashes, so that what is there is what would be written."""
        return name


def _named(content: File[bytes] | IO[bytes], path: Path) -> bool:
    """Whether a file that had no name has this one now. One that had is left to its owner, who may write to it."""
    try:
        content.flush()
        number = content.fileno()
        if os.fstat(number).st_nlink:
            return False
        # Only where a folder is named does Python follow a link on Linux; an absolute path makes nothing of it.
        os.link(f"/proc/self/fd/{number}", path, src_dir_fd=number, follow_symlinks=True)
    except OSError:  # it is in memory, or on another disk
        return False
    os.fsync(number)
    return True


def _copy(content: File[bytes] | IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as copy:
        shutil.copyfileobj(content, copy)
        copy.flush()
        os.fsync(copy.fileno())
