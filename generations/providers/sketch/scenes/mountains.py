"""Ridge behind ridge in haze, with a tree line in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, ramp
from generations.providers.sketch.fields import Field, profile, resized, smoothstep
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.trees import conifers

_SHADED = 3.0  # flanks are modelled this part of a short side down from the skyline


@dataclass(frozen=True, slots=True)
class Ridge:
    """One ridge: its skyline in pixels, its colour, and how near it is (0 far, 1 at one's feet)."""

    line: Field
    colour: Field
    near: float


def mountains(stage: Stage) -> Canvas:
    """Four to six ridges under a wide sky; the nearest carries firs."""
    rng = stage.random("mountains")
    skyline = float(rng.uniform(0.42, 0.54)) + (0.06 if stage.tall else 0.0)
    lamp = lamp_for(stage, skyline - 0.02, lift=0.16)
    canvas = painted_sky(stage, Sky(skyline + 0.1, cloud_amount(stage, 0.3), lamp))
    paint_ranges(stage, canvas, skyline)
    cast(stage, canvas, Spot(stage.third("aloft") * stage.width, skyline * stage.height * 0.62, stage.unit * 0.30))
    return canvas


def paint_ranges(stage: Stage, canvas: Canvas, skyline: float, foot: float = 0.96) -> None:
    """Mountains from the skyline down to ``foot``, both shares of the height."""
    rng = stage.random("ranges")
    count = 3 if stage.brief.style == "minimal" else int(rng.integers(4, 6))
    tones = ramp([stage.light.far, mixed(stage.light.far, stage.light.near, 0.6), stage.light.near], count)
    relief = _relief(stage)
    for i in range(count):
        near = i / (count - 1)
        line = _skyline(stage, i, skyline + (foot - skyline) * near**0.9 * 0.9, near)
        _lay(stage, canvas, Ridge(line, tones[i], near), np.roll(relief, 197 * i, axis=1))
    if stage.brief.allows("trees") and foot > 0.9:
        _firs(stage, canvas, tones[-1])


def _skyline(stage: Stage, index: int, base: float, near: float) -> Field:
    rng = stage.random(f"ridge-{index}")
    width, unit = stage.width, stage.unit
    mass = profile(rng, width, unit, slope=3.2, low=1.1)
    crest = np.zeros(width, dtype=np.float32)
    for octave in range(4):
        wave = profile(rng, width, unit, slope=3.0, low=2.2 * 2.0**octave * rng.uniform(0.8, 1.2))
        crest += (1 - np.abs(wave)) * np.float32(0.52**octave) * (0.75 + 0.25 * np.tanh(mass))
    rough = profile(rng, width, unit, slope=1.5, low=14) * np.float32(0.045)
    tall = (0.088 - 0.048 * near) * rng.uniform(0.85, 1.3) * unit * (1.25 if stage.tall else 1.0)
    rise = (crest + rough) * np.float32(tall) + mass * np.float32(tall * 0.62)
    return np.asarray(base * stage.height - rise, dtype=np.float32)


def _relief(stage: Stage) -> Field:
    """Light and shade on flanks, -1 to 1, lit from the side."""
    gullies = stage.noise("relief", 320, 1.9, (0.8, 1.25))
    folded = 1 - np.abs(gullies)
    slope = (np.roll(folded, 1, axis=1) - np.roll(folded, -1, axis=1)) * np.float32(2.2)
    slope += np.roll(folded, 1, axis=0) - folded
    return resized(np.clip(slope, -1, 1), stage.width, stage.height)


def _lay(stage: Stage, canvas: Canvas, ridge: Ridge, relief: Field) -> None:
    light = stage.light
    top = max(0, int(ridge.line.min()))
    foot = min(stage.height, max(top, int(ridge.line.max() + stage.unit / _SHADED) + 2))
    rows = np.arange(top, stage.height, dtype=np.float32)
    reach = (0.36 - 0.1 * ridge.near) * stage.unit
    foggy = 0.95 if stage.brief.weather == "fog" else 0.7
    mist = np.clip((rows - top - reach * 0.2) / reach, 0, 1) ** 1.1 * foggy * (1 - ridge.near) ** 0.55
    air = mixed(light.horizon, light.far, 0.4)
    base = ridge.colour[:, None] + (air - ridge.colour)[:, None] * mist[None]
    canvas.ground(ridge.line, _from(base[:, :, None], top, stage.height))
    below = rows[: foot - top, None] - ridge.line[None, :]
    inside = np.clip(below, 0, 1)
    below /= np.float32(stage.unit)
    if stage.brief.style not in {"papercut", "gouache"}:
        facets = np.clip(1 - below * np.float32(_SHADED), 0, 1)
        facets *= inside
        facets *= relief[top:foot]
        facets *= np.float32(0.13 * (1 - ridge.near) + 0.015)
        canvas.lift(facets, top)
    if _snowy(stage, ridge.near):
        snowline = np.float32((float(np.quantile(ridge.line, 0.6)) - top) / stage.unit)
        height = below + ((ridge.line - top) / np.float32(stage.unit))[None, :] * np.float32(0.75)
        cover = smoothstep(0.02, -0.02, height - snowline * 0.8 + relief[top:foot] * np.float32(0.05)) * inside
        snow = lightened(mixed(light.far, light.disc, 0.6), 0.05)
        canvas.paint(Patch(cover * np.float32(0.8 * (1 - ridge.near)), 0, top), snow)


def _from(tones: Field, top: int, height: int) -> Field:
    """Tones for the rows from ``top`` down, stretched to a whole canvas."""
    whole = np.empty((3, height, 1), dtype=np.float32)
    whole[:, :top] = tones[:, :1]
    whole[:, top:] = tones
    return whole


def _snowy(stage: Stage, near: float) -> bool:
    brief = stage.brief
    cold = brief.season == "winter" or brief.weather == "snow" or brief.has("snow")
    return near < 0.75 and brief.allows("snow") and (cold or (near == 0 and stage.light.height > 0.3))


def _firs(stage: Stage, canvas: Canvas, colour: Field) -> None:
    rng = stage.random("firs")
    size = stage.unit * rng.uniform(0.09, 0.15)
    for row, share in ((0, 0.91), (1, 0.985)):
        wave = profile(rng, stage.width, stage.unit, slope=2.6, low=0.8)
        line = (wave * np.float32(0.026 * stage.unit) + share * stage.height).astype(np.float32)
        tone = mixed(colour, mixed(stage.light.far, stage.light.horizon, 0.3), 0.2 * (1 - row))
        canvas.paint(conifers(canvas, rng, line, size * (1 + 0.25 * row), dense=2.2), tone)
        canvas.ground(line, tone[:, None, None])
