"""Paper, plaster and cloth: the texture under flat colour."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.fields import Field, fractal, resized
from generations.providers.sketch.stage import Stage


def tooth(stage: Stage, name: str = "tooth") -> Field:
    """Fine paper grain at full size, deviation 1; tiled, because nobody can see that it is."""
    size = 384
    flecks = fractal(stage.random(name), size, size, slope=0.55, low=3)
    soft = resized(flecks, size * 2, size * 2)
    sheet = np.empty((stage.height, stage.width), dtype=np.float32)
    for i, top in enumerate(range(0, stage.height, size * 2)):
        for j, left in enumerate(range(0, stage.width, size * 2)):
            part = sheet[top : top + size * 2, left : left + size * 2]
            part[:] = soft[:: -1 if i % 2 else 1, :: -1 if j % 2 else 1][: part.shape[0], : part.shape[1]]
    return sheet


def textured(stage: Stage, canvas: Canvas, strength: float = 0.012) -> None:
    """Press paper grain and slow unevenness into what is painted."""
    clouds = resized(stage.noise("unevenness", 48, 1.6), stage.width, stage.height)
    canvas.lift(tooth(stage) * np.float32(strength) + clouds * np.float32(strength * 0.9))


def wall(stage: Stage, colour: Field, shade: Field, light_from: float = 0.3) -> Canvas:
    """A plaster wall with light falling on it from one side (0 left, 1 right)."""
    detail = 96
    clouds = stage.noise("plaster", detail, 1.9)
    height, width = clouds.shape
    xs = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    ys = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    away = np.sqrt((xs - np.float32(light_from)) ** 2 * 1.1 + (ys - np.float32(0.28)) ** 2 * 0.9)
    dim = np.clip(away * 0.85 + clouds * 0.055, 0, 1).astype(np.float32)
    small = Canvas(colour[:, None, None] + (shade - colour)[:, None, None] * dim[None])
    return small.enlarged(stage.width, stage.height)
