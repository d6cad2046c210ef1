"""Rows that count their changes, so that a change which did not know of another is noticed."""

from __future__ import annotations

from typing import Self

from django.db import models


class Versioned(models.Model):
    """A row with a version, which every change raises."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def change(self, version: int | None = None, **changes: object) -> bool:
        """Write changes, as of this version where one is named; False when it has another by now, or is gone."""
        if not self._as_of(version).update(version=models.F("version") + 1, **changes):
            return False
        self.refresh_from_db()
        return True

    def remove(self, version: int | None = None) -> bool:
        """Delete it, as of this version where one is named; False as ``change`` says it."""
        return bool(self._as_of(version).delete()[0])

    def _as_of(self, version: int | None) -> models.QuerySet[Self]:
        same = type(self)._default_manager.filter(pk=self.pk)  # noqa: SLF001 - Django's documented name
        return same if version is None else same.filter(version=version)
