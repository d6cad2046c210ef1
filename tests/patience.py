"""How long tests wait for other programs, so that what hangs fails instead of holding up all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from threading import Timer
from typing import Any

SECONDS = 300  # more than anything takes on a machine that is busy with other things


@contextmanager
def limited(process: Popen[Any], seconds: float = SECONDS) -> Iterator[None]:
    """Whoever reads from this process or waits for it here does so no longer than that: then it is killed."""
    timer = Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
