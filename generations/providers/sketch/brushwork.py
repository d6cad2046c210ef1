"""Oil paint: strokes laid along the forms of a picture, with light on their ridges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.fields import Field, fractal, resized
from generations.providers.sketch.paper import tooth
from generations.providers.sketch.stage import Stage


@dataclass(frozen=True, slots=True)
class Brush:
    """Length and breadth of a stroke and the distance between strokes, in short sides."""

    length: float
    breadth: float
    apart: float


_BRUSHES = (Brush(0.060, 0.020, 0.025), Brush(0.024, 0.0072, 0.0112))

_FINE = 0.02  # strokes closer together than this are laid only where something happens


def oil(stage: Stage, canvas: Canvas) -> Canvas:
    """The picture in thick strokes, broad ones first."""
    source = canvas.pixels(stage.random("oil"), 0.0)
    flow = _flow(stage, source)
    picture = Image.fromarray(source)
    for i, brush in enumerate(_BRUSHES):
        _strokes(stage, picture, (source, flow), brush, f"strokes-{i}")
    painted = Canvas.of_picture(picture)
    _ridges(stage, painted)
    return painted


def _flow(stage: Stage, source: NDArray[np.uint8]) -> Field:
    """The direction of the brush at each point of a small grid: along edges, and wandering between them."""
    width, height = max(2, source.shape[1] * 96 // int(stage.unit)), max(2, source.shape[0] * 96 // int(stage.unit))
    small = np.asarray(Image.fromarray(source).convert("L").resize((width, height)), dtype=np.float32)
    down, across = np.gradient(small)
    along = np.arctan2(across, -down) + 0.0
    strength = np.clip(np.hypot(down, across) / 9, 0, 1)
    wander = fractal(stage.random("flow"), width, height, slope=2.6) * np.float32(0.75)
    # Directions have no sign: they are mixed as doubled angles.
    x = np.cos(2 * along) * strength + np.cos(2 * wander) * (1 - strength)
    y = np.sin(2 * along) * strength + np.sin(2 * wander) * (1 - strength)
    return np.asarray(np.arctan2(y, x) / 2, dtype=np.float32)


def _strokes(
    stage: Stage, picture: Image.Image, seen: tuple[NDArray[np.uint8], Field], brush: Brush, name: str
) -> None:
    source, flow = seen
    rng = stage.random(name)
    columns, rows = round(stage.width / stage.unit / brush.apart), round(stage.height / stage.unit / brush.apart)
    count = columns * rows
    spots = rng.random((count, 2)) * 1.6 - 0.3
    spots[:, 0] = (np.arange(count) % columns + spots[:, 0]) / columns
    spots[:, 1] = (np.arange(count) // columns + spots[:, 1]) / rows
    spots = np.clip(spots, 0, 0.9999)[rng.permutation(count)]
    if brush.apart < _FINE:
        spots = spots[_busy(source, spots) > rng.random(count)]
        count = len(spots)
    angle = flow[(spots[:, 1] * flow.shape[0]).astype(int), (spots[:, 0] * flow.shape[1]).astype(int)]
    angle = angle + rng.normal(0, 0.16, count)
    outlines = _outlines(stage, rng, (spots, angle), brush)
    ys, xs = (spots[:, 1] * stage.height).astype(int), (spots[:, 0] * stage.width).astype(int)
    tones = source[ys, xs].astype(np.float32) + rng.normal(0, 5.0, (count, 1)) + rng.normal(0, 2.5, (count, 3))
    fills = np.clip(tones, 0, 255).astype(int).tolist()
    pen = ImageDraw.Draw(picture)
    for outline, fill in zip(outlines.reshape(count, -1).tolist(), fills, strict=True):
        pen.polygon(outline, fill=tuple(fill))


def _busy(source: NDArray[np.uint8], spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much happens at each spot, 0.18 to 1: the fine brush is for edges and small lights."""
    small = np.asarray(Image.fromarray(source).convert("L").reduce(4), dtype=np.float32)
    down, across = np.gradient(small)
    change = np.hypot(down, across)
    ys, xs = (spots[:, 1] * small.shape[0]).astype(int), (spots[:, 0] * small.shape[1]).astype(int)
    return np.asarray(np.clip(change[ys, xs] / 9, 0.18, 1), dtype=np.float64)


def _outlines(
    stage: Stage, rng: np.random.Generator, laid: tuple[NDArray[np.float64], Field], brush: Brush
) -> NDArray[np.float64]:
    """Stroke outlines (count, points, 2): a long, slightly bowed lozenge with ragged ends."""
    spots, angle = laid
    count = len(spots)
    shape = np.array(
        [[-1, -0.25], [-0.75, -0.85], [0.0, -1.0], [0.8, -0.8], [1, 0.2], [0.7, 0.9], [0.0, 1.0], [-0.8, 0.8]]
    )
    length = brush.length * stage.unit * 0.5 * rng.uniform(0.6, 1.25, count)
    breadth = brush.breadth * stage.unit * 0.5 * rng.uniform(0.7, 1.3, count)
    u = shape[None, :, 0] * length[:, None] * rng.uniform(0.85, 1.1, (count, 8))
    bow = rng.normal(0, 0.12, count)[:, None] * length[:, None] * (shape[None, :, 0] ** 2)
    v = shape[None, :, 1] * breadth[:, None] + bow
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x = spots[:, :1] * stage.width + u * c - v * s
    y = spots[:, 1:] * stage.height + u * s + v * c
    return np.stack([x, y], axis=2)


def _ridges(stage: Stage, painted: Canvas) -> None:
    """Light from the upper left on the edges of the paint, and the weave of the canvas."""
    grey = painted.planes[1]
    reach = max(1, round(stage.unit / 700))
    relief = np.zeros_like(grey)
    np.subtract(grey[reach:, reach:], grey[:-reach, :-reach], out=relief[reach:, reach:])
    np.clip(relief, -0.12, 0.12, out=relief)
    relief *= np.float32(0.5)
    bristle = stage.noise("bristle", 420, 0.9, (2.2, 0.6)) * np.float32(0.010)
    relief += resized(bristle, stage.width, stage.height)
    relief += tooth(stage) * np.float32(0.008)
    painted.lift(relief)
