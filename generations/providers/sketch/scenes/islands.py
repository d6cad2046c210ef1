"""Reef islands from above."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import looked_up, mixed, paint, ramp
from generations.providers.sketch.fields import Field, resized, smoothstep, softened
from generations.providers.sketch.palettes import EARTHS, lit
from generations.providers.sketch.stage import Stage

_SHORE = 0.5


def islands(stage: Stage) -> Canvas:
    """Land in a shallow sea: deep water, reef, surf, sand, woods, shaded as if lit from the upper left."""
    height = _heights(stage)
    canvas = Canvas(looked_up(_colours(stage), height))
    slope = np.zeros_like(height)
    slope[1:, 1:] = (height[1:, 1:] - height[:-1, :-1]) * np.float32(stage.unit / 1024 * 46)
    land = smoothstep(_SHORE + 0.015, _SHORE + 0.05, height)
    relief = np.clip(slope, -0.5, 0.4) * land
    canvas.lift(relief * np.float32(0.55))
    _water_light(stage, canvas, 1 - land)
    if stage.brief.allows("clouds"):
        _clouds(stage, canvas)
    return canvas


def _heights(stage: Stage) -> Field:
    rng = stage.random("islands")
    broad = stage.noise("land", 416, 2.45)
    crags = 1 - np.abs(stage.noise("crags", 416, 2.1))
    height = broad * np.float32(0.17) + np.float32(rng.uniform(0.36, 0.56))
    height += smoothstep(_SHORE - 0.06, _SHORE + 0.2, height) * crags * np.float32(0.10)
    height += (1 - smoothstep(_SHORE - 0.3, _SHORE, height)) * np.float32(0.03) * crags
    full = resized(height.astype(np.float32), stage.width, stage.height)
    fine = resized(stage.noise("canopy", 512, 0.9), stage.width, stage.height)
    full += fine * smoothstep(_SHORE + 0.02, _SHORE + 0.10, full) * np.float32(0.014)
    return full


def _colours(stage: Stage) -> Field:
    light = stage.light
    woods = [
        paint(code) for code in EARTHS.get(stage.brief.season, ("#4f8f45", "#2f6b3c", "", "#1f4f34", ""))[::1] if code
    ]
    sea = [paint(code) for code in ("#0a2c56", "#0f5287", "#1889ac", "#43c3c3", "#a5e5d2")]
    hues = stage.hues()
    if hues:
        deep = hues[0]
        sea = [mixed(tone, deep, share) for tone, share in zip(sea, (0.75, 0.75, 0.6, 0.45, 0.3), strict=True)]
        woods = [mixed(tone, hues[-1], 0.45 if len(hues) > 1 else 0.15) for tone in woods]
    stops = [*sea, paint("#f4f1df"), paint("#e9d6a5"), paint("#d9c48d"), woods[0], woods[1], woods[2], paint("#8d8a78")]
    places = (0.0, 0.22, 0.38, 0.46, 0.488, 0.496, 0.506, 0.525, 0.55, 0.68, 0.84, 1.0)
    tones = [
        mixed(tone, lit(light, tone), 0.9 if light.is_dark else 0.35) if light.height < 0.3 or light.is_dark else tone
        for tone in stops
    ]
    return ramp(tones, 2048, places)


def _water_light(stage: Stage, canvas: Canvas, water: Field) -> None:
    ripple = resized(stage.noise("ripple", 320, 1.3), stage.width, stage.height)
    canvas.lift(np.clip(ripple, -2, 2.5) * water * np.float32(0.014))


def _clouds(stage: Stage, canvas: Canvas) -> None:
    amount = {"clouds": 0.9, "clear": 0.0}.get(stage.brief.weather, float(stage.random("drift").uniform(-0.25, 0.45)))
    if amount <= 0:
        return
    puffs = stage.noise("puffs", 220, 2.1)
    cover = smoothstep(2.15 - 1.5 * amount, 3.4 - 1.4 * amount, puffs) * np.float32(0.85)
    shift = max(1, round(cover.shape[0] * 0.035))
    shadow = softened(np.roll(cover, (shift, shift), (0, 1)), 3)
    canvas.darken(Patch(resized(shadow * np.float32(0.5), stage.width, stage.height)), paint("#16324a"))
    canvas.paint(
        Patch(np.clip(resized(cover, stage.width, stage.height), 0, 1)), mixed(stage.light.disc, paint("#ffffff"), 0.6)
    )
