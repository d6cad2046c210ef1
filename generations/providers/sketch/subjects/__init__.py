"""What a picture can be of, apart from a place: animals, people, boats, houses, trees, balloons."""

from __future__ import annotations
