"""Pages that are walks down an index: page 10,000 costs what the first does, and new rows move none."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

ROW = TypeVar("ROW", bound=Model)


class BadCursor(Exception):
    """The cursor is none that a page of this list gave."""


@dataclass(frozen=True, slots=True)
class Page(Generic[ROW]):
    """Some rows, and the cursor of the next page, empty at the end."""

    rows: list[ROW]
    next: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a list is ordered by: a column or an annotation, and how its values are read from a cursor."""

    name: str
    read: Callable[[str], Any]
    descending: bool = True

    @property
    def order(self) -> Any:
        """For ``order_by``."""
        return F(self.name).desc() if self.descending else F(self.name).asc()

    def beyond(self, value: Any, *, included: bool = False) -> Q:
        """What comes after this value, or has it where that is ``included``."""
        return Q((f"{self.name}__{'lt' if self.descending else 'gt'}{'e' if included else ''}", value))


def moment(text: str) -> dt.datetime:
    """As ``str`` writes it; one without a zone is none."""
    read = dt.datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(text)
    return read


NEWEST = (Key("id", UUID),)
OLDEST = (Key("id", UUID, descending=False),)


def page(rows: QuerySet[ROW], keys: Sequence[Key], *, cursor: str, limit: int) -> Page[ROW]:
    """At most so many rows beyond the cursor, in the order of the keys, the last of which tells every two apart."""
    if cursor:
        rows = rows.filter(_beyond(keys, values(keys, cursor)))
    found = list(rows.order_by(*(key.order for key in keys))[: limit + 1])
    return Page(found[:limit], _cursor(keys, found[limit - 1]) if len(found) > limit else "")


def values(keys: Sequence[Key], cursor: str) -> list[Any]:
    """What the keys of the row had that this cursor was made of; raises ``BadCursor``."""
    try:
        texts = [cursor] if len(keys) == 1 else _unpacked(cursor)
        return [key.read(text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, TypeError, AttributeError) as error:  # whatever a foreign text may be
        raise BadCursor(cursor) from error


def packed(found: Sequence[object]) -> str:
    """The cursor of a row with these values. An id by itself is its own cursor."""
    texts = [str(value) for value in found]
    if len(texts) == 1:
        return texts[0]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _beyond(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The first column is named twice, so that an index finds the place by it."""
    key, value = keys[0], values[0]
    if len(keys) == 1:
        return key.beyond(value)
    return key.beyond(value, included=True) & (key.beyond(value) | _beyond(keys[1:], values[1:]))


def _cursor(keys: Sequence[Key], row: Model) -> str:
    return packed([getattr(row, key.name) for key in keys])


def _unpacked(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
