"""What falls through the air in front of a scene: rain, snow, banks of fog."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed
from generations.providers.sketch.fields import resized, smoothstep
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
    for size, strength in ((0.0022, 0.13), (0.0042, 0.16)):
        rng = stage.random(f"rain-{size}")
        columns = round(stage.width / stage.unit / size)
        rows = max(2, round(stage.height / stage.unit / (size * 16)))
        drops = np.clip(rng.random((rows, columns), dtype=np.float32) - np.float32(0.975), 0, 1) * np.float32(40)
        streaks = resized(drops, stage.width, stage.height)
        slant = (
            float(rng.uniform(-0.16, -0.06)) if stage.random("wind").random() < 0.5 else float(rng.uniform(0.06, 0.16))
        )
        shift = (np.arange(stage.height) * slant).astype(np.intp)[:, None]
        spots = (np.arange(stage.width)[None, :] + shift) % stage.width
        streaks = np.take_along_axis(streaks, spots, axis=1)
        canvas.shine(Patch(np.clip(streaks * np.float32(strength), 0, 0.5)), lightened(stage.light.horizon, 0.15))


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
