"""Trunks in fog, each rank paler than the one before it."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, ramp
from generations.providers.sketch.fields import Field, grid, lattice, profile, resized, smoothstep
from generations.providers.sketch.shapes import Points, covered
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot

_RANKS = 5
_ALONG = np.linspace(0, 1, 7)
# Of a bough: side, length in trunks, rise, droop, fork of its twig, thickness in trunks.
_LEAST = (-1, 4, -0.25, -0.15, 0.1, 0.14)
_MOST = (1, 12, 0.75, 0.3, 0.45, 0.28)


def forest(stage: Stage) -> Canvas:
    """A wood looked into: light far between the trunks, dark ground in front."""
    rng = stage.random("forest")
    canvas = _air(stage)
    light = stage.light
    pale = mixed(light.horizon, light.far, 0.42)
    tones = ramp([pale, mixed(light.far, light.near, 0.55), light.near, lightened(light.near, -0.03)], _RANKS)
    floor = float(rng.uniform(0.76, 0.86))
    for rank in range(_RANKS):
        near = rank / (_RANKS - 1)
        _rank(stage, canvas, rank, tones[rank], floor + (0.95 - floor) * near**1.4)
        if rank == _RANKS - 2:
            cast(
                stage,
                canvas,
                Spot(stage.third("glow") * stage.width, (floor + 0.035) * stage.height, stage.unit * 0.40),
            )
        if rank < _RANKS - 3:
            _mist(stage, canvas, rank, floor)
    if light.height > 0.09 and not light.is_dark and stage.brief.allows("sun"):
        _shafts(stage, canvas)
    return canvas


def _air(stage: Stage) -> Canvas:
    """The lit mist behind everything, brightest where the sun would be."""
    width, height = lattice(stage.width, stage.height, 160)
    light = stage.light
    haze = mixed(light.horizon, light.far, 0.18)
    small = Canvas.filled(width, height, haze)
    xs, ys = grid(width, height)
    x, y = stage.third("glow") * stage.aspect, 0.36
    away = np.sqrt((xs - np.float32(x)) ** 2 * np.float32(1.6) + (ys - np.float32(y)) ** 2)
    fog = resized(stage.noise("air", 64, 2.4), width, height)
    rim = smoothstep(0.1, 0.95, away + fog * np.float32(0.05))
    small.paint(Patch(rim * np.float32(0.6)), mixed(light.middle, light.far, 0.5))
    small.shine(Patch(np.exp(-away * np.float32(4)) * np.float32(0.6)), light.glow)
    return small.enlarged(stage.width, stage.height)


def _rank(stage: Stage, canvas: Canvas, rank: int, tone: Field, floor: float) -> None:
    rng = stage.random(f"rank-{rank}")
    near = rank / (_RANKS - 1)
    unit = stage.unit
    count = max(2, round((11 - 8.2 * near**0.7) * stage.width / unit * rng.uniform(0.8, 1.15)))
    if stage.brief.style == "minimal":
        count = max(2, count // 2)
    ground = profile(rng, stage.width, unit, slope=2.0, low=1.5) * np.float32((0.008 + 0.012 * near) * unit)
    ground = (ground + floor * stage.height).astype(np.float32)
    thick = unit * (0.0035 + 0.019 * near**1.5)
    outlines: list[Points] = []
    places = (np.arange(count) + rng.uniform(0.05, 0.95, count)) / count * stage.width
    if stage.brief.subject and near > 0.5:  # leave a clearing, so that nothing stands before the subject
        places = places[np.abs(places - stage.third("glow") * stage.width) > unit * 0.26]
    for x in places:
        foot = float(ground[min(stage.width - 1, int(x))])
        outlines += _trunk(rng, (float(x), foot), thick * rng.uniform(0.55, 1.4), unit)
    canvas.paint(covered(canvas, outlines), tone)
    below = mixed(tone, stage.light.near, 0.25 * near)
    canvas.ground(ground, below[:, None, None])
    if near > 0.5:
        canvas.paint(_grass(stage, canvas, rng, ground), below)


def _trunk(rng: np.random.Generator, foot: tuple[float, float], thick: float, unit: float) -> list[Points]:
    t = np.linspace(0, 1, 24)
    height = foot[1] + unit * 0.05
    sway = np.cumsum(rng.normal(0, 0.012, 24)) * unit * 0.28 + rng.normal(0, 0.035) * t * unit
    line = np.stack([foot[0] + sway - sway[0], foot[1] + thick - t * height], axis=1)
    half = thick * (1 - 0.45 * t) * (1 + 0.9 * np.exp(-t * 34)) * rng.uniform(0.94, 1.06, 24)
    outline = np.concatenate([line + np.stack([half, 0 * t], axis=1), (line - np.stack([half, 0 * t], axis=1))[::-1]])
    roots = line[rng.integers(7, 23, int(rng.integers(2, 6)))]
    return [outline, *_boughs(rng, roots, thick)]


def _boughs(rng: np.random.Generator, roots: Points, thick: float) -> list[Points]:
    """A bough with one twig from each root."""
    side, reach, rise, droop, fork, girth = rng.uniform(_LEAST, _MOST, (len(roots), 6)).T[:, :, None]
    reach = reach * thick
    out = np.copysign(reach, side)
    xs = roots[:, :1] + out * _ALONG
    ys = roots[:, 1:] - reach * (rise * _ALONG + droop * _ALONG**2)
    half = thick * girth * (1 - 0.9 * _ALONG)
    boughs = np.stack([np.hstack([xs, xs[:, ::-1]]), np.hstack([ys + half, (ys - half)[:, ::-1]])], axis=2)
    x, y, breadth = xs[:, 4:5], ys[:, 4:5], half[:, 4:5]
    twigs = np.stack(
        [np.hstack([x, x + out * 0.36, x]), np.hstack([y + breadth, y - reach * fork, y - breadth])], axis=2
    )
    return [*boughs, *twigs]


def _grass(stage: Stage, canvas: Canvas, rng: np.random.Generator, ground: Field) -> Patch:
    count = int(stage.width / stage.unit * 110)
    xs = rng.random(count) * stage.width
    tall = stage.unit * rng.uniform(0.006, 0.03, count)
    lean = rng.normal(0, 0.4, count)
    feet = ground[xs.astype(int)] + 2.0
    wide = tall * 0.09 + 0.4
    across = np.stack([xs - wide, xs + tall * lean, xs + wide], axis=1)
    return covered(canvas, list(np.stack([across, np.stack([feet, feet - tall, feet], axis=1)], axis=2)))


def _mist(stage: Stage, canvas: Canvas, rank: int, floor: float) -> None:
    """A bank of mist between two ranks, thickest near the ground."""
    strength = 0.55 if stage.brief.weather == "fog" else 0.36
    if not stage.brief.allows("fog"):
        strength = 0.10
    bank = stage.noise(f"mist-{rank}", 48, 2.2, (2.0, 0.8))
    rows = np.linspace(0, 1, bank.shape[0], dtype=np.float32)[:, None]
    low = np.exp(-(((rows - np.float32(floor)) / np.float32(0.2)) ** 2))
    cover = np.clip((0.55 + 0.3 * bank) * low + 0.14, 0, 1) * np.float32(strength * 1.15 * (1 - 0.13 * rank))
    canvas.paint(Patch(resized(cover.astype(np.float32), stage.width, stage.height)), stage.light.horizon)


def _shafts(stage: Stage, canvas: Canvas) -> None:
    """Sunlight falling in bands between the crowns."""
    width, height = lattice(stage.width, stage.height, 200)
    xs, ys = grid(width, height)
    rng = stage.random("shafts")
    x, y = stage.third("glow") * stage.aspect, -0.5
    angle = np.arctan2(xs - np.float32(x), ys - np.float32(y))
    beams = profile(rng, 1024, 512, slope=1.4, low=6)
    bright = np.clip(np.interp(angle, np.linspace(-1.2, 1.2, 1024), beams), 0, 2).astype(np.float32)
    bright *= smoothstep(0.95, 0.25, ys) * smoothstep(1.0, 0.1, np.abs(xs - np.float32(x)))
    canvas.shine(Patch(resized(bright * np.float32(0.16), stage.width, stage.height)), stage.light.glow)
