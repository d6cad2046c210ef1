"""Outlines and the patches they cover. Points are (n, 2) arrays of pixels, y down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.fields import Field

Points = NDArray[np.float64]

_NOTHING = Patch(np.zeros((0, 0), dtype=np.float32))
_FINE = ((400, 4), (1500, 3))  # long side of a patch in pixels: samples across a pixel; larger patches take 2


def points(*pairs: tuple[float, float]) -> Points:
    """An outline through the given points."""
    return np.array(pairs, dtype=np.float64)


def spline(anchors: Points, *, closed: bool = True, steps: int = 12) -> Points:
    """A smooth line through the anchors (centripetal enough for hand-placed points)."""
    if closed:
        ring = np.concatenate([anchors[-1:], anchors, anchors[:2]])
    else:
        ring = np.concatenate([2 * anchors[:1] - anchors[1:2], anchors, 2 * anchors[-1:] - anchors[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (ring[i : len(ring) - 3 + i, None, :] for i in range(4))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    line = curve.reshape(-1, 2)
    return line if closed else np.concatenate([line, anchors[-1:]])


def oval(centre: tuple[float, float], radii: tuple[float, float], turn: float = 0.0, count: int = 96) -> Points:
    """An ellipse, turned by ``turn`` radians."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = np.cos(angles) * radii[0], np.sin(angles) * radii[1]
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([centre[0] + x * c - y * s, centre[1] + x * s + y * c], axis=1)


def placed(outline: Points, centre: tuple[float, float], scale: float, turn: float = 0.0) -> Points:
    """An outline drawn round the origin, scaled, turned and moved to ``centre``."""
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    x, y = outline[:, 0], outline[:, 1]
    return np.stack([centre[0] + x * c - y * s, centre[1] + x * s + y * c], axis=1)


def tapered(line: Points, start: float, end: float) -> Points:
    """The outline of a stroke along ``line`` whose half-width runs from ``start`` to ``end``."""
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across /= np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-9)[:, None]
    half = np.linspace(start, end, len(line))[:, None]
    return np.concatenate([line + across * half, (line - across * half)[::-1]])


def covered(canvas: Canvas, outlines: Sequence[Points], *, holes: Sequence[Points] = ()) -> Patch:
    """What the filled outlines cover of the canvas, less the holes, with smooth edges."""
    if not outlines:
        return _NOTHING
    every = np.concatenate(outlines)
    low, high = every.min(axis=0), every.max(axis=0)
    left, top = max(0, int(low[0]) - 1), max(0, int(low[1]) - 1)
    right, bottom = min(canvas.width, int(high[0]) + 2), min(canvas.height, int(high[1]) + 2)
    if right <= left or bottom <= top:
        return _NOTHING
    fine = next((samples for size, samples in _FINE if max(right - left, bottom - top) <= size), 2)
    stencil = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
    pen = ImageDraw.Draw(stencil)
    for shapes, fill in ((outlines, 255), (holes, 0)):
        flat = ((np.concatenate([*shapes, np.zeros((0, 2))]) - (left, top)) * fine - 0.5).ravel().tolist()
        start = 0
        for outline in shapes:
            pen.polygon(flat[start : start + 2 * len(outline)], fill=fill)
            start += 2 * len(outline)
    cover = np.asarray(stencil.reduce(fine), dtype=np.float32) * np.float32(1 / 255)
    return Patch(cover, left, top)


def disc(canvas: Canvas, centre: tuple[float, float], radius: float, edge: float = 1.0) -> Patch:
    """A round patch whose rim fades over ``edge`` pixels."""
    reach = radius + edge
    left, top = max(0, int(centre[0] - reach)), max(0, int(centre[1] - reach))
    right = min(canvas.width, int(centre[0] + reach) + 2)
    bottom = min(canvas.height, int(centre[1] + reach) + 2)
    if right <= left or bottom <= top:
        return _NOTHING
    xs = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - centre[0])
    ys = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5 - centre[1])
    cover = np.clip((np.float32(radius) - np.sqrt(xs * xs + ys * ys)) / np.float32(edge) + 0.5, 0, 1)
    return Patch(cover.astype(np.float32), left, top)


def across(patch: Patch) -> tuple[Field, Field]:
    """Pixel coordinates of a patch: a row of x and a column of y."""
    rows, columns = patch.cover.shape
    xs = np.arange(patch.left, patch.left + columns, dtype=np.float32)[None, :] + 0.5
    ys = np.arange(patch.top, patch.top + rows, dtype=np.float32)[:, None] + 0.5
    return xs.astype(np.float32), ys.astype(np.float32)
