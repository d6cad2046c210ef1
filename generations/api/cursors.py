"""Cursors that are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework import serializers

from generations.keyset import BadCursor


@contextmanager
def cursor_problems(name: str) -> Iterator[None]:
    """A cursor that no page of the list gave, as a problem with the parameter of this name."""
    try:
        yield
    except BadCursor as error:
        raise serializers.ValidationError({name: "This is no cursor of this list; take `next` as it is."}) from error
