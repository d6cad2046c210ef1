"""City lights out of focus behind a wet window pane."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, smoothstep
from generations.providers.sketch.shapes import across, disc
from generations.providers.sketch.stage import Stage

_LIGHTS = ("#ffb765", "#ffd79a", "#ff7a4a", "#7fb8ff", "#ff5a6a", "#a0e0d0", "#fff0d0")


def rainwindow(stage: Stage) -> Canvas:
    """Large soft discs of light, and in front of them small drops that hold the light upside down."""
    light = stage.light
    rows = stage.sky_rows(stage.height, 0.9)
    canvas = stage.blank(light.zenith)
    dim = 0.55 if not stage.light.is_dark else 0.85
    canvas.planes[:] = (rows * np.float32(dim)).T[:, :, None]
    rng = stage.random("bokeh")
    hues = stage.hues()
    for _ in range(int(58 * max(stage.aspect, 1 / stage.aspect) ** 0.5)):
        y = float(np.clip(rng.normal(0.58, 0.18), 0.08, 0.98))
        centre = (float(rng.random()) * stage.width, y * stage.height)
        radius = stage.unit * float(rng.uniform(0.018, 0.075))
        tone = paint(str(rng.choice(_LIGHTS)))
        if hues:
            tone = lightened(hues[int(rng.integers(len(hues)))], float(rng.uniform(-0.03, 0.15)))
        _blur(stage, canvas, (centre, radius), (tone, float(rng.uniform(0.12, 0.5))))
    if stage.brief.allows("rain"):
        _drops(stage, canvas)
    return canvas


def _blur(
    stage: Stage, canvas: Canvas, round_: tuple[tuple[float, float], float], look: tuple[Field, float]
) -> None:
    centre, radius = round_
    tone, strength = look
    patch = disc(canvas, centre, radius, stage.unit * 0.006)
    if not patch.cover.size:
        return
    xs, ys = across(patch)
    away = np.sqrt((xs - np.float32(centre[0])) ** 2 + (ys - np.float32(centre[1])) ** 2) / np.float32(radius)
    canvas.shine(patch.times((0.72 + 0.45 * smoothstep(0.5, 0.98, away)) * np.float32(strength)), tone)


def _drops(stage: Stage, canvas: Canvas) -> None:
    """Drops on the pane: each shows the picture behind it, turned over, with a bright rim."""
    rng = stage.random("drops")
    behind = canvas.planes[:, ::4, ::4].copy()
    count = int(330 * max(stage.aspect, 1 / stage.aspect))
    for _ in range(count):
        centre = (float(rng.random()) * stage.width, float(rng.random()) * stage.height)
        radius = stage.unit * (0.0022 + 0.0125 * float(rng.random()) ** 5)
        patch = disc(canvas, centre, radius, 1.2)
        if min(patch.cover.shape) < 3:
            continue
        xs, ys = across(patch)
        dx, dy = (xs - np.float32(centre[0])) / radius, (ys - np.float32(centre[1])) / radius
        px = np.clip((centre[0] - dx * stage.unit * 0.13) / 4, 0, behind.shape[2] - 1).astype(np.intp)
        py = np.clip((centre[1] - dy * stage.unit * 0.13) / 4, 0, behind.shape[1] - 1).astype(np.intp)
        seen = behind[:, py, px] * (0.75 + 0.5 * dy)[None] + 0.02
        canvas.paint(patch, np.clip(seen, 0, 1).astype(np.float32))
        rim = np.exp(-((dx + 0.38) ** 2 + (dy + 0.42) ** 2) * 14) * np.float32(0.55)
        canvas.shine(Patch((rim * patch.cover).astype(np.float32), patch.left, patch.top), mixed(stage.light.disc, stage.light.glow, 0.3))
