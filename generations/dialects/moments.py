"""Points in time as the vendors write them."""

from __future__ import annotations

import datetime as dt


def zulu(moment: dt.datetime) -> str:
    """In UTC, to the millisecond, as JavaScript writes it: ``2026-03-15T10:00:32.000Z``."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
