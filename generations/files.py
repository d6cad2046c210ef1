"""Object storage on a disk of our own, for studios without S3."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class FileStorage(FileSystemStorage):
    """Files that appear whole or not at all: written aside, synced, then renamed over whatever was there.

    Django's own storage writes in place, so that a killed process would leave a torn picture under its final name.
    """

    def _save(self, name: str, content: File[bytes] | IO[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as aside:
            try:
                shutil.copyfileobj(content, aside)
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).replace(path)
            except OSError:
                Path(aside.name).unlink()  # a full disk is not to be filled further by what did not fit
                raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: names are content hashes, so that what is there is what would be written."""
        return name
