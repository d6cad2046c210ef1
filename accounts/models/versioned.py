"""Rows that say which version of them one has read."""

from __future__ import annotations

from typing import Any

from django.db import models


def changed(row: models.Model, same: models.QuerySet[Any], changes: dict[str, Any]) -> bool:
    """Write changes and the next version to the one row there may be; read back only what was written."""
    if not same.update(version=models.F("version") + 1, **changes):
        return False
    row.refresh_from_db(fields=["version", *changes])
    return True
