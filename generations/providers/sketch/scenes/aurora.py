"""Curtains of northern light over dark ridges and water."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, looked_up, mixed, paint, ramp
from generations.providers.sketch.fields import Field, fractal, lattice, profile, resized, smoothstep
from generations.providers.sketch.sky import Sky, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.trees import conifers
from generations.providers.sketch.water import Water, reflected

_LIGHTS = ("#3fe0a0 #7af0c0 #9a6ae0", "#4ad8c8 #8af0d0 #d06ac0", "#62e070 #b8f090 #4a9ae0")


def aurora(stage: Stage) -> Canvas:
    """Two or three curtains, a range of hills with firs, and the lake that doubles them."""
    rng = stage.random("aurora")
    shore = float(rng.uniform(0.70, 0.80))
    canvas = painted_sky(stage, Sky(shore, 0.0, None))
    codes = _LIGHTS[stage.cycled("lights", len(_LIGHTS))].split()
    tones = [paint(code) for code in codes]
    for i, hue in enumerate(stage.hues()[:3]):
        tones[i] = lightened(hue, 0.1)
    _curtains(stage, canvas, int(rng.integers(2, 4)), tones)
    light = stage.light
    for i, rise in enumerate((0.10, 0.035)):
        wave = profile(stage.random(f"fell-{i}"), stage.width, stage.unit, slope=2.0, low=1.3)
        line = ((shore - rise) * stage.height + wave * np.float32(0.035 * stage.unit * (1 - 0.6 * i))).astype(
            np.float32
        )
        tone = mixed(light.near, light.far, 0.30 - 0.2 * i)
        if i and stage.brief.allows("trees"):
            canvas.paint(conifers(canvas, stage.random("firs"), line, stage.unit * 0.07), tone)
        canvas.ground(line, tone[:, None, None])
    cast(stage, canvas, Spot(stage.third("camp") * stage.width, shore * stage.height - 2, stage.unit * 0.16))
    reflected(stage, canvas, Water(shore, 0.15, None, "lake"))
    return canvas


def _curtains(stage: Stage, canvas: Canvas, count: int, tones: list[Field]) -> None:
    width, height = lattice(stage.width, stage.height, 300)
    small = Canvas.filled(width, height, np.zeros(3, dtype=np.float32))
    for index in range(count):
        _curtain(stage, small, index, tones)
    full = small.enlarged(stage.width, stage.height)
    canvas.planes[:] = 1 - (1 - canvas.planes) * (1 - np.clip(full.planes, 0, 1))


def _curtain(stage: Stage, small: Canvas, index: int, tones: list[Field]) -> None:
    """One band of rays: a wandering lower hem, light that fades upwards, fine folds that fan out."""
    rng = stage.random(f"curtain-{index}")
    width, height = small.width, small.height
    xs = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / 300
    ys = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    # Rays are parallel in space and so lean apart from a point high overhead; folds make them swim a little.
    middle = np.float32(width / 600)
    lean = (xs - middle) * (1 + (np.float32(0.62) - ys) * np.float32(-0.42)) + middle
    folds = resized(fractal(rng, 96, 96, slope=2.6, low=1.2), width, height) * np.float32(0.035)
    spot = np.clip((lean + folds * (1.2 - ys)) * 300, 0, width - 1).astype(np.intp)
    hem = profile(rng, width, 300.0, slope=3.0, low=0.7) * np.float32(0.045) + np.float32(rng.uniform(0.46, 0.60))
    sway = profile(rng, width, 300.0, slope=2.4, low=1.6)
    rays = profile(rng, width, 300.0, slope=1.25, low=8)
    power = np.clip(0.52 + 0.17 * rays + 0.40 * sway, 0.0, 1.3).astype(np.float32)
    tall = np.clip(0.27 + 0.05 * rays + 0.07 * sway, 0.12, 0.5).astype(np.float32)
    up = (hem.take(spot) - ys) / tall.take(spot)
    glow = np.where(up > 0, np.exp(-np.maximum(up, 0) * np.float32(1.55)), np.exp(np.minimum(up, 0) * np.float32(6)))
    glow = glow * power.take(spot) * np.float32(0.86 if index == 0 else 0.5) * smoothstep(-0.05, 0.3, ys)
    glow = np.clip(glow, 0, 0.94).astype(np.float32)
    table = ramp([tones[0], tones[1], tones[0], tones[2], tones[2]], 128, (0, 0.10, 0.34, 0.8, 1.0))
    place = (np.clip(up / 2.2, 0, 1) * 127).astype(np.intp)
    small.shine(Patch(glow), looked_up(table, (place / 127).astype(np.float32)))
