"""Rows of models in statements that are written by hand: every column is there, so that no new one is forgotten."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from typing import Any

from django.db import connection, models


class Row:
    """What a statement inserts of a model: ``columns``, ``values`` in the same order, and what these are given.

    ``but`` are the fields that the statement fills itself, or the database.
    """

    def __init__(self, model: type[models.Model], *, but: Collection[str] = ()) -> None:
        self._fields = [field for field in model._meta.concrete_fields if field.name not in but]  # noqa: SLF001

    @cached_property
    def columns(self) -> str:
        """Their names."""
        return ", ".join(str(field.column) for field in self._fields)

    @cached_property
    def values(self) -> str:
        """A typed place for each; a length is left to the column, which refuses what a cast would cut off."""
        types = {field.attname: re.sub(r"\(.*?\)", "", field.db_type(connection) or "") for field in self._fields}
        return ", ".join(f"%({name})s::{kind}" for name, kind in types.items())

    def of(self, instance: models.Model) -> dict[str, Any]:
        """What stands in those places for this instance."""
        return {
            field.attname: field.get_db_prep_save(getattr(instance, field.attname), connection)
            for field in self._fields
        }
