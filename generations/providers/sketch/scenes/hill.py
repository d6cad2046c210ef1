"""A bare hill before a great low disc: the stage for one subject."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint, tinted
from generations.providers.sketch.fields import Field, profile, smoothstep
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.shapes import covered
from generations.providers.sketch.sky import Lamp, Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.trees import conifers

_GROUNDS = {"spring": "#8fae5c", "summer": "#6f8f4a", "autumn": "#b5803a", "winter": "#eef2f6", "": "#7f8f55"}


def hill(stage: Stage) -> Canvas:
    """Far ridges, a rounded hill, the subject on its crest with the light behind it."""
    rng = stage.random("hill")
    x = stage.third("subject")
    crest_at = float(rng.uniform(0.70, 0.76))
    lamp = _lamp(stage, x, crest_at)
    canvas = painted_sky(stage, Sky(crest_at - 0.05, cloud_amount(stage, 0.35), lamp, 0.9))
    _distance(stage, canvas, crest_at)
    line = _crest(stage, x, crest_at)
    _ground(stage, canvas, line)
    at = int(np.clip(x * stage.width, 0, stage.width - 1))
    size = stage.unit * (0.50 if stage.tall else 0.38)
    cast(stage, canvas, Spot(x * stage.width, float(line[at]) + stage.unit * 0.006, size))
    _tufts(stage, canvas, line, x)
    return canvas


def _snowy(stage: Stage) -> bool:
    brief = stage.brief
    return (brief.season == "winter" or brief.weather == "snow" or brief.has("snow")) and brief.allows("snow")


def _lamp(stage: Stage, x: float, crest: float) -> Lamp | None:
    usual = lamp_for(stage, crest)
    if usual is None:
        return None
    rng = stage.random("great")
    if stage.light.height > 0.3 and not stage.light.is_dark:
        return usual
    away = float(rng.uniform(-0.04, 0.04))
    radius = float(rng.uniform(0.17, 0.22)) * (1.25 if stage.tall else 1.0)
    return Lamp(x + away, crest - float(rng.uniform(0.20, 0.27)) * stage.unit / stage.height, radius)


def _distance(stage: Stage, canvas: Canvas, crest: float) -> None:
    light = stage.light
    for i, (rise, share) in enumerate(((0.13, 0.25), (0.07, 0.55))):
        rng = stage.random(f"distance-{i}")
        wave = profile(rng, stage.width, stage.unit, slope=2.4, low=1.2)
        line = (wave * np.float32(0.022 * stage.unit) + (crest - rise * 0.55) * stage.height).astype(np.float32)
        tone = mixed(mixed(light.far, light.horizon, 0.35), mixed(light.far, light.near, 0.45), share)
        if i == 1 and stage.brief.allows("trees"):
            canvas.paint(conifers(canvas, rng, line, stage.unit * 0.035), tone)
        rows = np.linspace(0, 1, stage.height, dtype=np.float32)
        mist = smoothstep(crest - rise * 0.5, crest + 0.02, rows) * np.float32(0.55)
        canvas.ground(line, (tone[:, None] + (light.horizon - tone)[:, None] * mist[None])[:, :, None])


def _crest(stage: Stage, x: float, crest: float) -> Field:
    xs = (np.arange(stage.width, dtype=np.float32) / stage.width - np.float32(x)) * np.float32(stage.width / stage.unit)
    wave = profile(stage.random("crest"), stage.width, stage.unit, slope=3.2, low=1.0)
    fall = np.sqrt(xs * xs + np.float32(0.12)) * np.float32(0.17)
    line = crest * stage.height + (fall - np.float32(0.04) + wave * np.float32(0.006)) * np.float32(stage.unit)
    return np.asarray(line, dtype=np.float32)


def _ground(stage: Stage, canvas: Canvas, line: Field) -> None:
    light = stage.light
    bare = paint(_GROUNDS["winter" if _snowy(stage) else stage.brief.season])
    earth = lit(light, bare)
    hues = stage.hues()
    if hues and not _snowy(stage):
        earth = tinted(earth[None], hues[-1], 0.6)[0]
    if not _snowy(stage):
        earth = mixed(earth, light.near, 0.5)
    else:
        earth = (
            mixed(earth, light.disc, 0.5)
            if not light.is_dark
            else mixed(earth, mixed(light.glow, light.disc, 0.4), 0.45)
        )
    rows = np.arange(stage.height, dtype=np.float32)
    share = np.clip((rows - float(line.min())) / (stage.height - float(line.min())), 0, 1)
    foot = lightened(mixed(earth, light.near, 0.16 if _snowy(stage) else 0.55), -0.02)
    canvas.ground(line, (earth[:, None] + (foot - earth)[:, None] * share[None])[:, :, None].astype(np.float32))
    top = int(max(0, line.min() - 1))
    below = np.arange(top, stage.height, dtype=np.float32)[:, None] + np.float32(0.5) - line[None]
    rim = np.exp(-np.maximum(below, 0) / np.float32(stage.unit * 0.018)) * np.clip(below + 0.5, 0, 1) * np.float32(0.4)
    canvas.paint(Patch(rim.astype(np.float32), 0, top), mixed(earth, light.glow, 0.6))


def _tufts(stage: Stage, canvas: Canvas, line: Field, x: float) -> None:
    """Grass along the crest and over the slope, thinner where it snowed."""
    rng = stage.random("tufts")
    count = int(stage.width / stage.unit * (70 if _snowy(stage) else 420))
    xs = rng.random(count) * stage.width
    down = np.where(rng.random(count) < 0.45, 0.0, rng.random(count) ** 1.5) * stage.unit * 0.28
    tall = stage.unit * rng.uniform(0.008, 0.024, count) * (1 + down / (stage.unit * 0.25))
    lean = rng.normal(0.12, 0.32, count)
    blades = []
    for px, drop, height, tilt in zip(xs, down, tall, lean, strict=True):
        foot = float(line[min(stage.width - 1, int(px))]) + drop + 2
        wide = height * 0.06 + 0.4
        blades.append(np.array([[px - wide, foot], [px + height * tilt, foot - height], [px + wide, foot]]))
    light = stage.light
    tone = mixed(lit(light, paint(_GROUNDS[stage.brief.season] if not _snowy(stage) else "#7d6a55")), light.near, 0.62)
    canvas.paint(covered(canvas, blades).times(0.85), tone)
