"""Trees as outlines: conifers along a line, bare trunks, round crowns."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.fields import Field
from generations.providers.sketch.shapes import Points, covered, tapered


def conifer(rng: np.random.Generator, foot: tuple[float, float], height: float) -> Points:
    """A fir standing at ``foot``: tiers of branches that droop a little, none quite like the next."""
    tiers = int(rng.integers(7, 11))
    half = height * rng.uniform(0.15, 0.22)
    levels = np.linspace(0.04, 0.93, tiers)
    out = half * levels**0.85 * rng.uniform(0.8, 1.15, (2, tiers))
    inner = out * 0.42
    rise = height * 0.035
    side = []
    for k in range(2):
        xs = np.stack([out[k], inner[k]], axis=1).ravel()
        ys = np.stack([levels * height, levels * height - rise], axis=1).ravel()
        side.append(np.stack([xs if k else -xs, ys], axis=1))
    outline = np.concatenate([[[0.0, 0.0]], side[1], [[half * 0.1, height]], [[-half * 0.1, height]], side[0][::-1]])
    lean = rng.normal(0, 0.012) * (height - outline[:, 1])
    return outline + np.array([foot[0], foot[1] - height]) + np.stack([lean, np.zeros(len(lean))], axis=1)


def conifers(canvas: Canvas, rng: np.random.Generator, line: Field, size: float, dense: float = 1.0) -> Patch:
    """Firs of about ``size`` pixels standing along a line of heights, in clumps with gaps."""
    width = len(line)
    count = int(width / size * 4.2 * dense)
    places = np.sort(rng.random(count)) * width
    clumps = np.sin(places / width * rng.uniform(7, 15) + rng.uniform(0, 6)) * 0.22 + 0.85
    sizes = size * clumps * rng.uniform(0.5, 1.15, count)
    trees = [
        conifer(rng, (x, float(line[min(width - 1, int(x))]) + size * 0.08), s)
        for x, s in zip(places, sizes, strict=True)
    ]
    return covered(canvas, trees)


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


def crown(rng: np.random.Generator, centre: tuple[float, float], radius: float, leaves: int = 150) -> list[Points]:
    """Foliage: many small leaf clumps that together make a round, airy crown."""
    angle = rng.uniform(0, 2 * np.pi, leaves)
    away = np.sqrt(rng.random(leaves)) * radius
    sizes = radius * rng.uniform(0.09, 0.24, leaves)
    turns = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    blobs = []
    for a, r, size in zip(angle, away, sizes, strict=True):
        wobble = size * rng.uniform(0.7, 1.15, 9)
        x = centre[0] + np.cos(a) * r + np.cos(turns) * wobble
        y = centre[1] + np.sin(a) * r * 0.82 + np.sin(turns) * wobble * 0.85
        blobs.append(np.stack([x, y], axis=1))
    return blobs
