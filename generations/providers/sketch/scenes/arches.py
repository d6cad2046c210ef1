"""Arches in a painted wall with hard light across them."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint, ramp
from generations.providers.sketch.fields import Field
from generations.providers.sketch.paper import textured, wall
from generations.providers.sketch.shapes import Points, covered, disc, points
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot

# wall in light, wall in shadow, inner wall, deepest wall, floor, sky
_PAINTS = (
    "#f3bda0 #a9525a #b9605a #74303f #d98a6a #8cc4e4",
    "#efe2cc #b39a86 #cdb79c #7d6558 #d8c3a2 #7fb3d6",
    "#e9a15f #a4512f #c76c3a #6d2c22 #e0a870 #f2e0c0",
    "#8fb5b0 #35676e #4c8588 #1d3f4a #a9c2b0 #f3cf9c",
    "#f0c6c9 #a5647f #c2839a #5d3350 #d9a3ae #f6e3b0",
)


def arches(stage: Stage) -> Canvas:
    """One deep arch, or an arcade, with the shadow of something unseen falling over the wall."""
    tones = _tones(stage)
    rng = stage.random("arches")
    canvas = wall(stage, lightened(tones[0], 0.02), lightened(tones[0], -0.05), float(rng.uniform(0.1, 0.9)))
    floor = float(rng.uniform(0.78, 0.88)) * stage.height
    side = float(rng.choice([-1.0, 1.0]))
    _fallen_shadow(stage, canvas, tones[1], side)
    count = int(rng.choice([1, 2, 3])) if stage.width > stage.height else 1
    if stage.width > stage.height * 1.5:
        count = max(2, count)
    span = stage.width / count
    half = min(stage.unit * float(rng.uniform(0.22, 0.27)) * (1.2 if stage.tall else 1.0), span * 0.33)
    offset = (stage.third("arch") - 0.5) * stage.width * (0.55 if count == 1 else 0.0)
    for i in range(count):
        _arch(stage, canvas, (span * (i + 0.5) + offset, floor, half, side), tones)
    _floor(stage, canvas, floor, (tones, side))
    feet = floor + (stage.height - floor) * 0.45
    cast(stage, canvas, Spot(stage.third("visitor") * stage.width, feet, stage.unit * 0.34))
    textured(stage, canvas, 0.011)
    return canvas


def _tones(stage: Stage) -> list[Field]:
    tones = [paint(code) for code in _PAINTS[stage.cycled("paints", len(_PAINTS))].split()]
    hues = stage.hues()
    if hues:
        hue = hues[0]
        tones[:5] = [
            lightened(hue, 0.12),
            lightened(hue, -0.14),
            lightened(hue, -0.06),
            lightened(hue, -0.24),
            lightened(hue, 0.04),
        ]
    if len(hues) > 1:
        tones[5] = hues[1]
    if stage.brief.time:
        light = stage.light
        tones[5] = mixed(light.middle, light.horizon, 0.3)
        if light.is_dark:
            tones[:5] = [mixed(lightened(tone, -0.26), light.middle, 0.35) for tone in tones[:5]]
    return tones


def _gate(centre: float, foot: float, half: float, tall: float) -> Points:
    angles = np.linspace(np.pi, 2 * np.pi, 72)
    spring = foot - tall + half
    bow = np.stack([centre + half * np.cos(angles), spring + half * np.sin(angles)], axis=1)
    return np.concatenate([bow, [[centre + half, foot], [centre - half, foot]]])


def _fallen_shadow(stage: Stage, canvas: Canvas, shade: Field, side: float) -> None:
    rng = stage.random("fallen")
    width, height = stage.width, stage.height
    high, low = rng.uniform(0.05, 0.4) * height, rng.uniform(0.55, 0.95) * height
    left, right = (high, low) if side > 0 else (low, high)
    shape = points((-2, left), (width + 2, right), (width + 2, height + 2), (-2, height + 2))
    canvas.paint(covered(canvas, [shape]).times(0.92), shade)


def _arch(stage: Stage, canvas: Canvas, place: tuple[float, float, float, float], tones: list[Field]) -> None:
    """Arch within arch, each set deeper and to one side, the last open to the sky."""
    x, floor, half, side = place
    rng = stage.random("arch")
    tall = min(floor * 0.86, half * float(rng.uniform(2.7, 3.6)) * (1.3 if stage.tall else 1.0))
    steps = int(rng.integers(2, 4))
    shades = ramp([tones[2], tones[3]], steps + 1)
    for i in range(steps):
        shrink = 1 - 0.24 * i
        shift = side * half * 0.13 * i
        outer = _gate(x + shift, floor, half * shrink, tall * (1 - 0.12 * i))
        canvas.paint(covered(canvas, [outer]), shades[steps - i] if i % 2 == 0 else shades[max(0, steps - i - 1)])
        reveal = _gate(x + shift + side * half * 0.12, floor, half * shrink * 0.88, tall * (1 - 0.12 * i) - half * 0.10)
        canvas.paint(covered(canvas, [reveal]), shades[i])
    shrink = 1 - 0.24 * steps
    shift = side * half * 0.13 * (steps - 0.2)
    opening = covered(canvas, [_gate(x + shift, floor, half * shrink, tall * (1 - 0.12 * steps))])
    rows = opening.cover.shape[0]
    sky = ramp([tones[5], mixed(tones[5], paint("#fff6e4"), 0.55)], max(rows, 1))
    canvas.paint(opening, sky.T[:, :, None])
    if stage.brief.allows("sun"):
        sun = disc(canvas, (x + shift, floor - tall * 0.32), half * shrink * 0.42)
        canvas.paint(sun, mixed(stage.light.disc, paint("#ffd9a0"), 0.5))


def _floor(stage: Stage, canvas: Canvas, floor: float, scheme: tuple[list[Field], float]) -> None:
    tones, side = scheme
    width, height = stage.width, stage.height
    line = np.full(width, floor, dtype=np.float32)
    canvas.ground(line, ramp([mixed(tones[4], tones[1], 0.35), mixed(tones[4], tones[1], 0.15)], height).T[:, :, None])
    rng = stage.random("floor")
    start = rng.uniform(0.2, 0.5) * width
    reach = rng.uniform(0.25, 0.5) * width
    a, b = (start, start + reach) if side > 0 else (width - start, width - start - reach)
    slant = side * (height - floor) * 1.6
    patch = covered(canvas, [points((a, floor), (b, floor), (b + slant, height + 2), (a + slant, height + 2))])
    canvas.paint(patch.times(0.9), lightened(tones[4], 0.05))
