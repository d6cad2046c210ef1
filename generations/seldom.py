"""What changes seldom and is asked for by every submit: each process reads it anew every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")

SECONDS = 5.0  # so old it may be


class Seldom(Generic[Value]):
    """A value, and how it is read: given what it was before, if it was read before."""

    def __init__(self, read: Callable[[Value | None], Value]) -> None:
        self._read = read
        self._value: Value | None = None
        self._until = float("-inf")

    def __call__(self) -> Value:
        """As it is, or was a moment ago."""
        value = self._value
        if value is None or time.monotonic() > self._until:
            value = self._read(value)
            self.keep(value, SECONDS)
        return value

    def keep(self, value: Value, seconds: float) -> None:
        """Take it for so long to be this."""
        self._value, self._until = value, time.monotonic() + seconds

    def forget(self) -> None:
        """Read it when it is asked for next."""
        self._value, self._until = None, float("-inf")
