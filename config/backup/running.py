"""The embedded database for a command that needs it while no studio runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from config import embedded
from config.studio import alone


@contextmanager
def database() -> Iterator[None]:
    """Start the embedded services unless they run, or the environment names others; stop those that were started."""
    services = embedded.Services(settings.VAR)
    if not settings.EMBEDDED or services.healthy():
        yield
        return
    with alone(settings.VAR), services:
        yield
