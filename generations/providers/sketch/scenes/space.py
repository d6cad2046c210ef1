"""Deep space: a nebula, or a ringed planet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, looked_up, mixed, paint, ramp
from generations.providers.sketch.fields import (
    Field,
    fractal,
    grid,
    lattice,
    profile,
    resized,
    sampled,
    smoothstep,
    warped,
)
from generations.providers.sketch.shapes import across, disc
from generations.providers.sketch.sky import sprinkle
from generations.providers.sketch.stage import Stage

_MARGIN = 48  # warping reads past the edge; what it reads there is cut off
_NEBULAE = (
    "#04030c #150d38 #4a1f78 #a63c92 #f08a5d #ffe3b0",
    "#02060f #07243f #145f78 #3fa59a #e6c27a #fff4d6",
    "#070309 #2b0b26 #7a1c3a #d0532f #f6a94a #fff1c9",
    "#03050f #111d4f #2c4aa8 #7a7fdc #e79ac6 #fff0ea",
)
_PLANETS = (
    "#5a3223 #b4653f #e9c39a #f4e3c6 #a2553a",
    "#2b4a63 #6a9bb0 #dfe7dc #b9a88a #3f6a80",
    "#3d3a5c #8f7fae #e3c6cf #f2e4d8 #6a5a8c",
    "#4b4a33 #a39a5c #e6dcae #f6efd8 #7c7440",
)


def _codes(stage: Stage, name: str, choices: tuple[str, ...]) -> list[Field]:
    codes = choices[stage.cycled(name, len(choices))]
    return [paint(code) for code in codes.split()]


def nebula(stage: Stage) -> Canvas:
    """Glowing gas folded over dust, with stars."""
    tones = _nebula_tones(stage)
    gas = _gas(stage)
    canvas = Canvas(looked_up(ramp(tones, 1024, (0, 0.2, 0.42, 0.62, 0.82, 1.0)), gas))
    hue = resized(stage.noise("hue", 64, 2.6), stage.width, stage.height)
    other = mixed(tones[2], paint("#1c6f9c"), 0.75)
    veil = smoothstep(0.2, 1.8, hue) * gas * (1 - gas) * np.float32(1.9)
    canvas.paint(Patch(np.clip(veil, 0, 0.65).astype(np.float32)), other)
    _field_stars(stage, canvas, 1500, 1.0)
    return canvas


def _nebula_tones(stage: Stage) -> list[Field]:
    tones = _codes(stage, "nebula-tones", _NEBULAE)
    hues = stage.hues()
    if hues:
        last = hues[-1]
        tones[2:5] = [mixed(hues[0], tones[0], 0.5), hues[0], lightened(last, 0.08)]
        tones[1] = mixed(hues[0], tones[0], 0.82)
    return tones


def _gas(stage: Stage) -> Field:
    shown, tall = lattice(stage.width, stage.height, 400)
    width, height = shown + 2 * _MARGIN, tall + 2 * _MARGIN
    rng = stage.random("gas")
    low = fractal(rng, width, height, slope=2.7, low=1.2)
    pull = np.float32(tall * 0.045)
    bend = fractal(rng, width, height, slope=2.4, low=1.5)
    cloud = warped(fractal(rng, width, height, slope=1.95), low * pull, bend * pull)
    veins = 1 - np.abs(warped(fractal(rng, width, height, slope=2.1), bend * pull, low * pull))
    xs, ys = grid(width, height)
    x, y = stage.third("core") * stage.aspect, float(rng.uniform(0.3, 0.7))
    away = np.sqrt((xs - np.float32(x)) ** 2 + (ys - np.float32(y)) ** 2) / np.float32(min(1.0, stage.aspect))
    core = np.exp(-((away / np.float32(0.34)) ** 2))
    gas = 0.22 + 0.13 * cloud + 0.13 * low + 0.15 * np.clip(veins, -0.5, 1) + core * (0.34 + 0.10 * cloud)
    lanes = smoothstep(0.55, 1.0, 1 - np.abs(bend + cloud * 0.35)) * 0.24
    gas = np.clip(gas - lanes * smoothstep(0.2, 0.6, gas.astype(np.float32)), 0, 1)
    inner = gas[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN].astype(np.float32)
    return resized(inner, stage.width, stage.height)


def _field_stars(stage: Stage, canvas: Canvas, count: int, bright: float) -> None:
    if not stage.brief.allows("stars"):
        return
    rng = stage.random("field-stars")
    spots = rng.random((count, 3))
    spots[:, 2] = (spots[:, 2] ** 7 * 0.9 + 0.05) * bright
    sprinkle(canvas, spots * [stage.width, stage.height, 1], stage.unit / 1300)
    for _ in range(int(rng.integers(7, 14))):
        _bright_star(stage, canvas, rng)


def _bright_star(stage: Stage, canvas: Canvas, rng: np.random.Generator) -> None:
    centre = (rng.random() * stage.width, rng.random() * stage.height)
    size = stage.unit * rng.uniform(0.008, 0.026)
    patch = disc(canvas, centre, size, size * 2)
    xs, ys = across(patch)
    dx, dy = np.abs(xs - np.float32(centre[0])) / size, np.abs(ys - np.float32(centre[1])) / size
    away = np.sqrt(dx * dx + dy * dy)
    shine = (
        np.exp(-away * 9) + 0.7 * np.exp(-dx * 26 - dy * 3) + 0.7 * np.exp(-dy * 26 - dx * 3) + 0.25 * np.exp(-away * 3)
    )
    fade = np.clip(1.4 - away, 0, 1)
    tint = mixed(paint("#ffffff"), paint(str(rng.choice(["#9fc4ff", "#ffd9a8", "#ffffff"]))), 0.6)
    canvas.shine(Patch(np.clip(shine * fade, 0, 1).astype(np.float32), patch.left, patch.top), tint)


@dataclass(frozen=True, slots=True)
class Globe:
    """A planet on the canvas: centre and radius in pixels, tilt in radians, direction of the sun."""

    x: float
    y: float
    radius: float
    tilt: float
    sun: tuple[float, float, float]


def planet(stage: Stage) -> Canvas:
    """A banded planet with rings, half in its own shadow."""
    rng = stage.random("planet")
    canvas = _void(stage)
    x = 0.5 + float(rng.uniform(-0.14, 0.14)) if stage.tall else stage.third("planet-x")
    globe = Globe(
        x * stage.width,
        float(rng.uniform(0.42, 0.58)) * stage.height,
        stage.unit * float(rng.uniform(0.22, 0.30)) * (1.1 if stage.tall else 1.0),
        float(rng.choice([-1, 1]) * rng.uniform(0.12, 0.5) * (1.7 if stage.tall else 1.0)),
        (float(rng.choice([-0.72, 0.72])), -0.32, 0.62),
    )
    tones = _planet_tones(stage)
    rings = stage.brief.allows("rings")
    if rings:
        _ring(stage, canvas, globe, tones, front=False)
    _globe(stage, canvas, globe, tones)
    if rings:
        _ring(stage, canvas, globe, tones, front=True)
    _moons(stage, canvas, globe)
    return canvas


def _planet_tones(stage: Stage) -> list[Field]:
    tones = _codes(stage, "planet-tones", _PLANETS)
    for hue in stage.hues()[:1]:
        tones = [mixed(hue, lightened(hue, by), 0.9) for by in (-0.22, -0.05, 0.14, 0.24, -0.12)]
    return tones


def _void(stage: Stage) -> Canvas:
    base = [paint(code) for code in ("#04040d", "#0b0a24", "#1c1440", "#3a2560")]
    clouds = stage.noise("void", 128, 2.5)
    gas = np.clip(0.3 + 0.2 * clouds, 0, 1).astype(np.float32)
    canvas = Canvas(looked_up(ramp(base, 512), resized(gas, stage.width, stage.height)))
    _field_stars(stage, canvas, 900, 0.8)
    return canvas


def _globe(stage: Stage, canvas: Canvas, globe: Globe, tones: list[Field]) -> None:
    halo = disc(canvas, (globe.x, globe.y), globe.radius * 1.04, globe.radius * 0.16)
    canvas.shine(halo.times(0.22), lightened(tones[2], 0.05))
    patch = disc(canvas, (globe.x, globe.y), globe.radius)
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(globe.x)) / globe.radius, (ys - np.float32(globe.y)) / globe.radius
    flat = np.clip(1 - dx * dx - dy * dy, 0, 1)
    dz = np.sqrt(flat)
    c, s = np.float32(np.cos(globe.tilt)), np.float32(np.sin(globe.tilt))
    across_x, lat = dx * c + dy * s, dy * c - dx * s
    rng = stage.random("bands")
    swirl = fractal(rng, 512, 256, slope=2.2, stretch=(2.6, 1.0), low=2)
    u = np.arctan2(across_x, dz + np.float32(0.15)) * np.float32(95) + 256
    v = lat * np.float32(90) + 128
    eddies = sampled(swirl, u.astype(np.float32), v.astype(np.float32))
    bands = profile(rng, 1024, 512, slope=1.6, low=5)
    spot = np.clip((lat + eddies * np.float32(0.035)) * 470 + 512, 0, 1023).astype(np.intp)
    shade = np.clip(bands.take(spot) * 0.24 + 0.46 + eddies * 0.05, 0, 1).astype(np.float32)
    surface = looked_up(ramp(tones, 512), shade)
    light = dx * np.float32(globe.sun[0]) + dy * np.float32(globe.sun[1]) + dz * np.float32(globe.sun[2])
    lit = smoothstep(-0.12, 0.95, light) ** np.float32(0.9) * np.float32(1.06) + np.float32(0.015)
    rim = (1 - dz) ** 3 * np.clip(light + 0.25, 0, 1) * np.float32(0.5)
    surface = surface * lit + rim * tones[3][:, None, None]
    canvas.paint(patch, np.clip(surface, 0, 1).astype(np.float32))


def _ring(stage: Stage, canvas: Canvas, globe: Globe, tones: list[Field], *, front: bool) -> None:
    outer = globe.radius * 2.25
    patch = disc(canvas, (globe.x, globe.y), outer)
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(globe.x)) / globe.radius, (ys - np.float32(globe.y)) / globe.radius
    c, s = np.float32(np.cos(globe.tilt)), np.float32(np.sin(globe.tilt))
    flat = float(stage.random("ring-tilt").uniform(0.16, 0.34))
    along, toward = dx * c + dy * s, (dy * c - dx * s) / np.float32(flat)
    radius = np.sqrt(along * along + toward * toward)
    grooves = profile(stage.random("ring"), 1024, 512, slope=0.9, low=6)
    at = np.clip((radius - 1.28) / 0.95 * 1023, 0, 1023).astype(np.intp)
    dense = np.clip(0.55 + 0.28 * grooves.take(at), 0.05, 0.95).astype(np.float32)
    edge = np.float32(0.012)
    dense *= smoothstep(1.28, 1.28 + float(edge) * 2, radius) * smoothstep(2.22, 2.22 - float(edge), radius)
    dense *= 1 - np.float32(0.8) * np.exp(-(((radius - np.float32(1.86)) / np.float32(0.022)) ** 2))
    dense *= (toward > 0) if front else (toward <= 0)
    if not front:
        shadow = smoothstep(1.05, 0.9, np.abs(along * globe.sun[1] * 0.3 + toward * flat * 0.3 - dx * 0 + along * 0.95))
        behind = (along * np.float32(globe.sun[0]) < 0).astype(np.float32)
        dense *= 1 - np.float32(0.85) * shadow * behind
    canvas.paint(
        Patch((dense * patch.cover).astype(np.float32), patch.left, patch.top), mixed(tones[3], tones[1], 0.25)
    )


def _moons(stage: Stage, canvas: Canvas, globe: Globe) -> None:
    rng = stage.random("moons")
    for _ in range(int(rng.integers(0, 3))):
        angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(2.0, 2.9)
        centre = (globe.x + np.cos(angle) * away * globe.radius, globe.y + np.sin(angle) * away * globe.radius * 0.6)
        patch = disc(canvas, centre, globe.radius * rng.uniform(0.035, 0.08))
        xs, ys = across(patch)
        size = max(patch.cover.shape) / 2
        side = ((xs - np.float32(centre[0])) * globe.sun[0] + (ys - np.float32(centre[1])) * globe.sun[1]) / size
        glow = smoothstep(-0.5, 0.8, side.astype(np.float32)) * np.float32(0.9) + np.float32(0.06)
        canvas.paint(patch, paint("#d8d2c8")[:, None, None] * glow)
