"""Water seen from the shore: the sky turned over, waves that crowd to the horizon, the path of the light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, ramp
from generations.providers.sketch.fields import Field, fractal, resized, sampled, smoothstep
from generations.providers.sketch.sky import Lamp
from generations.providers.sketch.stage import Stage


@dataclass(frozen=True, slots=True)
class Water:
    """Water to paint below ``horizon`` (share of the height); ``chop`` is 0 for a mirror, 1 for a swell."""

    horizon: float
    chop: float
    lamp: Lamp | None
    name: str = "water"


def waves(stage: Stage, water: Water, rows: int) -> Field:
    """Wave heights for the rows below the horizon, in true perspective, at half size."""
    width, tall = max(2, min(stage.width, 1408) // 2), max(2, rows)
    rng = stage.random(water.name)
    noise = fractal(rng, 512, 512, slope=1.35, low=5)
    depth = (np.arange(tall, dtype=np.float32) + 0.6) / tall
    distance = 1 / (depth * np.float32(0.9) + np.float32(0.035))
    columns = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    xs = columns[None, :] * distance[:, None] * np.float32(150 * stage.width / stage.unit) / 1.83 * 1.2 + 256
    ys = np.broadcast_to((distance * np.float32(190))[:, None], xs.shape)
    fade = np.clip(distance / 9, 0, 1)[:, None]  # far waves are finer than a pixel: average them away
    return np.asarray(sampled(noise, xs.astype(np.float32), ys.astype(np.float32)) * (1 - 0.72 * fade), np.float32)


def painted_water(stage: Stage, canvas: Canvas, water: Water) -> None:
    """Fill everything below the horizon with water."""
    top = round(water.horizon * stage.height)
    rows = stage.height - top
    half = max(2, round(rows * min(stage.width, 1408) / stage.width / 2))
    heights = resized(waves(stage, water, half), stage.width, rows)
    depth = np.linspace(0, 1, rows, dtype=np.float32)
    light = stage.light
    deep = mixed(light.zenith, light.near, 0.55)
    body = ramp(
        [mixed(light.horizon, light.far, 0.25), mixed(light.middle, deep, 0.35), deep, lightened(deep, -0.05)],
        rows,
        (0.0, 0.22, 0.72, 1.0),
    )
    bright = ramp([light.horizon, mixed(light.horizon, light.middle, 0.5), light.middle], rows)
    canvas.planes[:, top:] = body.T[:, :, None]
    rise = heights * np.float32(0.30 + 0.22 * water.chop)
    rise += np.float32(0.1)
    np.clip(rise, 0, 0.75, out=rise)
    rise *= (np.float32(0.35) + np.float32(0.65) * np.clip(depth * 5, 0, 1))[:, None]
    canvas.paint(Patch(rise, 0, top), bright.T[:, :, None])
    trough = np.float32(-0.4) - heights
    np.clip(trough, 0, 1, out=trough)
    trough *= np.float32(0.16 + 0.2 * water.chop) * depth[:, None]
    canvas.paint(Patch(trough, 0, top), lightened(deep, -0.08))
    if water.lamp:
        _path(stage, canvas, (water, water.lamp), heights)
    _seam(stage, canvas, top, 0.55)


def _path(stage: Stage, canvas: Canvas, lit: tuple[Water, Lamp], heights: Field) -> None:
    water, lamp = lit
    rows = heights.shape[0]
    top = stage.height - rows
    depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    xs = (np.arange(stage.width, dtype=np.float32)[None, :] + 0.5 - lamp.x * stage.width) / stage.unit
    spread = (0.035 + 0.085 * depth + 0.10 * depth * water.chop).astype(np.float32)
    away = xs / spread
    away *= away
    wide = np.exp(away * np.float32(-1 / 3.4**2))
    away *= np.float32(-0.5)
    fall = np.exp(away, out=away)
    lit_waves = fall * np.float32(0.95)
    lit_waves += heights
    glint = smoothstep(0.53, 1.38, lit_waves - depth * np.float32(0.25))
    glint *= fall
    strength = np.float32(0.62 if stage.light.is_dark else 0.9) * (1 - np.float32(0.35) * depth)
    wide *= strength * np.float32(0.20)
    glint *= strength
    canvas.shine(Patch(wide, 0, top), stage.light.glow)
    canvas.paint(Patch(glint, 0, top), stage.light.disc)


def _seam(stage: Stage, canvas: Canvas, top: int, strength: float) -> None:
    """Soften the horizon: air lies on distant water."""
    reach = max(2, stage.height // 90)
    rows = np.arange(-reach // 2, reach, dtype=np.float32)
    veil = np.exp(-((rows / reach) ** 2) * 6) * np.float32(strength)
    start = max(0, top - reach // 2)
    canvas.paint(
        Patch(veil[:, None].astype(np.float32) * np.ones((1, stage.width), np.float32), 0, start), stage.light.horizon
    )


def reflected(stage: Stage, canvas: Canvas, water: Water) -> None:
    """Fill everything below the horizon with the picture above it, upside down and stirred by the waves."""
    top = round(water.horizon * stage.height)
    rows = stage.height - top
    width = min(stage.width, 1408)
    half = max(2, round(rows * width / stage.width / 2))
    heights = resized(waves(stage, water, half), stage.width, rows)
    depth = np.arange(rows, dtype=np.float32)[:, None]
    share = depth / np.float32(max(rows - 1, 1))
    stir = np.float32(stage.unit * (0.006 + 0.03 * water.chop))
    up = heights * ((np.float32(0.15) + share) * (2 * stir))
    up += top - 1 - depth * np.float32(min(1.0, top / max(rows, 1)))
    aside = heights * ((np.float32(0.1) + share) * (stir / 2))
    aside += np.arange(stage.width, dtype=np.float32)[None, :]
    spots = np.clip(up, 0, top - 1, out=up).astype(np.intp)
    spots *= stage.width
    spots += np.clip(aside, 0, stage.width - 1, out=aside).astype(np.int32)
    deep = mixed(stage.light.zenith, stage.light.near, 0.5)
    veil = (np.float32(0.16) + np.float32(0.34) * share).astype(np.float32)
    for plane, tone in zip(canvas.planes, deep, strict=True):
        below = plane[:top].ravel().take(spots, out=plane[top:], mode="clip")
        below *= 1 - veil
        below += tone * veil
    shimmer = smoothstep(0.9, 2.4, heights)
    shimmer *= np.float32(0.05) + np.float32(0.13) * share
    canvas.shine(Patch(shimmer, 0, top), stage.light.horizon)
    _seam(stage, canvas, top, 0.2)
