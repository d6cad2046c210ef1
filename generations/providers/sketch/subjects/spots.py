"""Where a subject goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """The point a subject stands, floats or hangs at, and its height, in pixels; it faces -1 left or 1 right."""

    x: float
    y: float
    size: float
    facing: float = 1.0
