"""City lights out of focus behind a wet window pane."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, lattice, smoothstep
from generations.providers.sketch.shapes import across, disc
from generations.providers.sketch.stage import Stage

_LIGHTS = ("#ff9d3c", "#ffc670", "#ff7a3a", "#ffb04a", "#ff4a3f", "#6aa8ff", "#ffe2a8")


def rainwindow(stage: Stage) -> Canvas:
    """Large soft discs of light, and in front of them small drops that hold the light upside down."""
    canvas = _street(stage)
    rng = stage.random("bokeh")
    hues = stage.hues()
    for _ in range(int(58 * max(stage.aspect, 1 / stage.aspect) ** 0.5)):
        y = float(np.clip(rng.normal(0.60, 0.13), 0.08, 0.98))
        centre = (float(rng.random()) * stage.width, y * stage.height)
        radius = stage.unit * float(rng.uniform(0.022, 0.082))
        tone = paint(str(rng.choice(_LIGHTS)))
        if hues:
            tone = lightened(hues[int(rng.integers(len(hues)))], float(rng.uniform(-0.03, 0.15)))
        _blur(stage, canvas, (centre, radius), (tone, float(rng.uniform(0.15, 0.62))))
    if stage.brief.allows("rain"):
        _drops(stage, canvas)
    return canvas


def _street(stage: Stage) -> Canvas:
    """Dusk over a street, so far out of focus that only its masses are left."""
    width, height = lattice(stage.width, stage.height, 40)
    dim = np.float32(0.5 if not stage.light.is_dark else 0.8)
    small = Canvas.filled(width, height, stage.light.zenith)
    small.planes[:] = (stage.sky_rows(height, 0.7) * dim).T[:, :, None]
    rng = stage.random("street")
    for _ in range(9):
        x, half = float(rng.random()) * width, float(rng.uniform(2, 6))
        top = int(height * float(rng.uniform(0.18, 0.55)))
        xs = np.arange(width, dtype=np.float32)
        cover = np.clip(half - np.abs(xs - x) + 0.5, 0, 1)[None, :] * np.ones((height - top, 1), dtype=np.float32)
        small.paint(Patch((cover * np.float32(0.55)).astype(np.float32), 0, top), stage.light.near)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None] * np.ones((1, width), dtype=np.float32)
    small.paint(Patch(smoothstep(0.55, 1.0, rows) * np.float32(0.75)), stage.light.near)
    warm = np.exp(-(((rows - np.float32(0.6)) / np.float32(0.16)) ** 2)) * np.float32(0.34)
    small.shine(Patch(warm.astype(np.float32)), paint("#ff9a4a"))
    return small.enlarged(stage.width, stage.height)


def _blur(stage: Stage, canvas: Canvas, round_: tuple[tuple[float, float], float], look: tuple[Field, float]) -> None:
    centre, radius = round_
    tone, strength = look
    patch = disc(canvas, centre, radius, stage.unit * 0.006)
    xs, ys = across(patch)
    away = np.sqrt((xs - np.float32(centre[0])) ** 2 + (ys - np.float32(centre[1])) ** 2) / np.float32(radius)
    canvas.shine(patch.times((0.86 + 0.22 * smoothstep(0.6, 0.98, away)) * np.float32(strength)), tone)


def _drops(stage: Stage, canvas: Canvas) -> None:
    """Drops on the pane, most of them tiny."""
    rng = stage.random("drops")
    behind = canvas.planes[:, ::4, ::4].copy()
    glint = mixed(stage.light.disc, stage.light.glow, 0.3)
    for _ in range(int(330 * max(stage.aspect, 1 / stage.aspect))):
        centre = (float(rng.random()) * stage.width, float(rng.random()) * stage.height)
        _drop(canvas, behind, (*centre, stage.unit * (0.0024 + 0.017 * float(rng.random()) ** 6)), glint)


def _drop(canvas: Canvas, behind: Field, spot: tuple[float, float, float], glint: Field) -> None:
    """One drop: a small lens that shows the picture behind it, turned over, with a bright rim."""
    x, y, radius = spot
    patch = disc(canvas, (x, y), radius, 1.2)
    if min(patch.cover.shape) < 3:
        return
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(x)) / np.float32(radius), (ys - np.float32(y)) / np.float32(radius)
    reach = canvas.unit * 0.13
    px = np.clip((x - dx * reach) / 4, 0, behind.shape[2] - 1).astype(np.intp)
    py = np.clip((y - dy * reach) / 4, 0, behind.shape[1] - 1).astype(np.intp)
    canvas.paint(patch, np.minimum(behind[:, py, px] * (1.0 + 0.45 * dy)[None] + np.float32(0.05), 1))
    rim = np.exp(-((dx + 0.38) ** 2 + (dy + 0.42) ** 2) * 14) * np.float32(0.55)
    canvas.shine(patch.times(rim), glint)
