"""What falls through the air in front of a scene: rain, snow, banks of fog."""

from __future__ import annotations

import numpy as np
from PIL import Image

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed
from generations.providers.sketch.fields import Field, resized, smoothstep
from generations.providers.sketch.sky import sprinkle
from generations.providers.sketch.stage import Stage


def fallen(stage: Stage, canvas: Canvas) -> None:
    """Put the weather of the brief before the picture."""
    weather = stage.brief.weather
    if weather in {"rain", "storm"} and stage.brief.allows("rain"):
        _rain(stage, canvas)
    elif weather == "snow" and stage.brief.allows("snow"):
        _snow(stage, canvas)
    elif weather == "fog" and stage.brief.allows("fog"):
        _fog(stage, canvas)


def _rain(stage: Stage, canvas: Canvas) -> None:
    slant = float(stage.random("wind").choice([-1.0, 1.0]) * stage.random("slant").uniform(0.06, 0.16))
    fall = np.zeros((stage.height, stage.width), dtype=np.float32)
    for size, strength in ((0.0022, 0.16), (0.0042, 0.20)):
        fall += _streaks(stage, size, slant) * np.float32(strength)
    canvas.shine(Patch(np.minimum(fall, np.float32(0.5))), lightened(stage.light.horizon, 0.15))


def _streaks(stage: Stage, size: float, slant: float) -> Field:
    """Drops drawn out into slanting lines, 0 to 1; ``size`` is their breadth in short sides."""
    rng = stage.random(f"rain-{size}")
    room = abs(slant) * stage.height
    columns = round((stage.width + room) / stage.unit / size)
    rows = max(2, round(stage.height / stage.unit / (size * 16)))
    drops = np.clip((rng.random((rows, columns)) - 0.975) * 40, 0, 1) * 255
    sheet = Image.fromarray(drops.astype(np.uint8)).resize((int(stage.width + room), stage.height))
    shear = (1, slant, 0 if slant > 0 else room, 0, 1, 0)
    sheared = sheet.transform((stage.width, stage.height), Image.Transform.AFFINE, shear)
    return np.asarray(sheared, dtype=np.float32) * np.float32(1 / 255)


def _snow(stage: Stage, canvas: Canvas) -> None:
    white = mixed(stage.light.disc, lightened(stage.light.horizon, 0.3), 0.25)
    spread = max(stage.aspect, 1 / stage.aspect)
    for size, count, strength in ((0.0011, 520, 0.55), (0.0021, 190, 0.75), (0.0048, 34, 0.5)):
        rng = stage.random(f"snow-{size}")
        spots = rng.random((int(count * spread), 3)) * [stage.width, stage.height, 1]
        spots[:, 2] = strength * (0.35 + 0.65 * spots[:, 2])
        sprinkle(canvas, spots, max(0.7, size * stage.unit), white)


def _fog(stage: Stage, canvas: Canvas) -> None:
    bank = stage.noise("fog-bank", 72, 2.2, (2.4, 0.9))
    rows = np.linspace(0, 1, bank.shape[0], dtype=np.float32)[:, None]
    low = smoothstep(0.25, 0.7, rows) * smoothstep(1.15, 0.75, rows)
    cover = np.clip((bank * np.float32(0.24) + np.float32(0.42)) * low, 0, 0.72)
    canvas.paint(Patch(resized(cover.astype(np.float32), stage.width, stage.height)), stage.light.horizon)
