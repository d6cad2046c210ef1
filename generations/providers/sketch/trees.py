"""Trees as outlines: conifers along a line, bare trunks, round crowns."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.fields import Field
from generations.providers.sketch.shapes import Points, covered, tapered

_TIERS = 9


def conifers(canvas: Canvas, rng: np.random.Generator, line: Field, size: float, dense: float = 1.0) -> Patch:
    """Firs of about ``size`` pixels standing along a line of heights, in clumps with gaps."""
    width = len(line)
    count = int(width / size * 4.2 * dense)
    places = np.sort(rng.random(count)) * width
    clumps = np.sin(places / width * rng.uniform(7, 15) + rng.uniform(0, 6)) * 0.22 + 0.85
    sizes = size * clumps * rng.uniform(0.5, 1.15, count)
    feet = line[np.minimum(places.astype(int), width - 1)] + size * 0.08
    return covered(canvas, list(_firs(rng, np.stack([places, feet], axis=1), sizes)))


def _firs(rng: np.random.Generator, feet: Points, heights: Points) -> Points:
    """Outlines (n, points, 2): tiers of branches that droop a little, none quite like the next."""
    count = len(heights)
    half = heights * rng.uniform(0.15, 0.22, count)
    levels = np.linspace(0.04, 0.93, _TIERS)
    out = half[:, None, None] * levels**0.85 * rng.uniform(0.8, 1.15, (count, 2, _TIERS))
    xs = np.stack([out, out * 0.42], axis=3).reshape(count, 2, 2 * _TIERS)
    drop = heights[:, None] * levels[None]
    ys = np.stack([drop, drop - heights[:, None] * 0.035], axis=2).reshape(count, 2 * _TIERS)
    tall, thin, zero = heights[:, None], half[:, None] * 0.1, np.zeros((count, 1))
    x = np.concatenate([zero, xs[:, 1], thin, -thin, -xs[:, 0, ::-1]], axis=1)
    y = np.concatenate([zero, ys, tall, tall, ys[:, ::-1]], axis=1)
    lean = rng.normal(0, 0.012, count)[:, None] * (tall - y)
    return np.stack([feet[:, :1] + x + lean, feet[:, 1:] - tall + y], axis=2)


def branches(rng: np.random.Generator, foot: tuple[float, float], length: float, spread: float = 1.0) -> list[Points]:
    """A bare tree: a trunk that forks until its twigs are thin."""
    grown: list[Points] = []
    ends = [(foot, -np.pi / 2 + rng.normal(0, 0.06), length * 0.34, length * 0.034)]
    for level in range(6):
        following = []
        for start, angle, reach, thick in ends:
            bend = rng.normal(0, 0.16)
            steps = np.linspace(0, 1, 6)
            heading = angle + bend * steps
            line = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * reach / 5, axis=0)
            line = line - line[0] + np.array(start)
            grown.append(tapered(line, thick, thick * 0.68))
            for side in (-1, 1) if level < 5 else ():
                turn = side * rng.uniform(0.28, 0.62) * spread
                following.append((tuple(line[-1]), angle + bend + turn, reach * rng.uniform(0.66, 0.88), thick * 0.64))
        ends = following
    return grown
