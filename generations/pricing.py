"""Credits: whole numbers, fixed when a generation is submitted."""

from __future__ import annotations


def total(per_image: int, count: int) -> int:
    """Credits to hold for ``count`` images."""
    return per_image * count
