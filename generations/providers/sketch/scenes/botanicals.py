"""Pressed leaves before a paper sun."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, resized, smoothstep
from generations.providers.sketch.paper import textured
from generations.providers.sketch.shapes import Points, covered, disc, oval, placed, spline, tapered
from generations.providers.sketch.stage import Stage

# paper, sun, then leaves from dark to light
_SHEETS = (
    "#f1ebdc #e08a5b #16433a #1f5d4b #4d8158 #8fae74",
    "#f3e9e1 #d8647a #2c2f4f #4a4a78 #7a6f9c #b39bb4",
    "#eef0e6 #efb54a #1d4a52 #2f6f70 #6aa08a #a9c29a",
    "#f6e6d2 #c94f35 #2e3d2c #55683a #8a8a4c #c2ab6a",
    "#182b33 #e7b66a #3f7a6c #64a08a #93bf9e #d5d9b4",
)
_SEASONS = {"autumn": 3, "summer": 0, "spring": 2, "winter": 1}


@dataclass(frozen=True, slots=True)
class Sprig:
    """A stem to grow: where it stands, how tall it is in pixels, how it leans, and its kind of leaf."""

    x: float
    foot: float
    height: float
    lean: float
    kind: str


def botanicals(stage: Stage) -> Canvas:
    """Four to eight stems rising from the lower edge, a disc behind them, on textured paper."""
    tones = _tones(stage)
    canvas = stage.blank(tones[0])
    if stage.brief.allows("sun"):
        _sun(stage, canvas, tones[1])
    rng = stage.random("stems")
    count = int(rng.integers(6, 9) + (4 if stage.width > stage.height else 0))
    kinds = list(rng.permutation(["pairs", "round", "fern", "blade", "berry"]))
    gap = stage.third("gap")
    places = np.sort((np.arange(count) + rng.uniform(0.15, 0.85, count)) / count)
    order = rng.permutation(count)
    for rank, i in enumerate(order):
        away = abs(places[i] - gap)
        height = stage.height * (0.34 + 0.50 * min(1.0, away * 2.0)) * rng.uniform(0.8, 1.15)
        lean = float(rng.normal(0, 0.14) + (0.5 - places[i]) * 0.25)
        kind = kinds[int(places[i] * 3.4 + rng.uniform(0, 0.9)) % len(kinds)]
        sprig = Sprig(float(places[i]) * stage.width, stage.height * 1.02, min(height, stage.unit * 1.1), lean, kind)
        _grow(stage, canvas, sprig, tones[2 + (rank + 1) % 4], rank)
    textured(stage, canvas, 0.011)
    return canvas


def _tones(stage: Stage) -> list[Field]:
    brief = stage.brief
    pick = _SEASONS.get(brief.season, stage.cycled("sheet", 4))
    if stage.light.is_dark and brief.time:
        pick = 4
    tones = [paint(code) for code in _SHEETS[pick].split()]
    hues = stage.hues()
    if hues:
        tones[1] = hues[0]
        if len(hues) > 1 or brief.has("leaves"):
            tones[2:] = [
                mixed(lightened(hues[-1], by), tone, 0.25)
                for by, tone in zip((-0.2, -0.08, 0.06, 0.16), tones[2:], strict=True)
            ]
    return tones


def _sun(stage: Stage, canvas: Canvas, colour: Field) -> None:
    rng = stage.random("sun")
    radius = stage.unit * rng.uniform(0.24, 0.31)
    x = stage.width * (0.5 + rng.uniform(-0.06, 0.06)) if stage.tall else stage.third("gap") * stage.width
    centre = (x, stage.height * rng.uniform(0.32, 0.42))
    face = disc(canvas, centre, radius)
    rows, columns = face.cover.shape
    worn = resized(stage.noise("worn", 200, 1.2), stage.width, stage.height)[
        face.top : face.top + rows, face.left : face.left + columns
    ]
    canvas.paint(face.times(1 - smoothstep(1.2, 3.2, worn) * np.float32(0.5)), colour)


def _grow(stage: Stage, canvas: Canvas, sprig: Sprig, tone: Field, rank: int) -> None:
    rng = stage.random(f"sprig-{rank}")
    t = np.linspace(0, 1, 40)
    bend = sprig.lean + rng.normal(0, 0.06)
    x = sprig.x + sprig.height * (bend * t**1.7 + 0.03 * np.sin(t * 3 + rng.uniform(0, 6)))
    stem = np.stack([x, sprig.foot - t * sprig.height], axis=1)
    girth = sprig.height * 0.006
    leaves, veins = _LEAVES[sprig.kind](rng, stem, sprig.height)
    canvas.paint(covered(canvas, [tapered(stem, girth, girth * 0.3)]), lightened(tone, -0.04))
    halves = (leaves[::2], leaves[1::2])
    for part, by in zip(halves, (0.0, -0.035), strict=True):
        canvas.paint(covered(canvas, part), lightened(tone, by))
    canvas.paint(covered(canvas, veins).times(0.5), lightened(tone, 0.1))


Foliage = tuple[list[Points], list[Points]]


def _leaf(length: float, breadth: float) -> Points:
    """A leaf pointing along +x from the origin."""
    t = np.linspace(0, 1, 14)
    half = breadth * np.sin(np.pi * t**0.8) * (1 - 0.25 * t)
    return np.concatenate([np.stack([t * length, half], axis=1), np.stack([t * length, -half], axis=1)[::-1]])


def _sides(rng: np.random.Generator, stem: Points, steps: int, start: float) -> list[tuple[Points, float, float]]:
    """Places for leaves: point on the stem, direction of growth, share of the way up."""
    along = np.gradient(stem, axis=0)
    spots = []
    for share in np.linspace(start, 0.985, steps):
        at = int(share * (len(stem) - 1))
        heading = float(np.arctan2(along[at, 1], along[at, 0]))
        for side in (-1, 1):
            turn = side * (1.0 - 0.45 * share + rng.normal(0, 0.06))
            spots.append((stem[at] + (0, rng.normal(0, 1)), heading + turn, float(share)))
    return spots


def _pairs(rng: np.random.Generator, stem: Points, height: float) -> Foliage:
    leaves, veins = [], []
    for at, heading, share in _sides(rng, stem, 10, 0.22):
        length = height * 0.20 * (1.12 - 0.75 * share) * rng.uniform(0.88, 1.1)
        leaves.append(placed(_leaf(length, length * 0.21), (at[0], at[1]), 1.0, heading))
        rib = np.array([[0.0, length * 0.006], [length * 0.9, 0.0], [0.0, -length * 0.006]])
        veins.append(placed(rib, (at[0], at[1]), 1.0, heading))
    return leaves, veins


def _round(rng: np.random.Generator, stem: Points, height: float) -> Foliage:
    leaves, veins = [], []
    for at, heading, share in _sides(rng, stem, 9, 0.2):
        length = height * 0.125 * (1.15 - 0.6 * share) * rng.uniform(0.85, 1.1)
        disc_like = oval((length * 0.56, 0.0), (length * 0.50, length * 0.42), count=36)
        stalk = np.array([[0.0, length * 0.012], [length * 0.2, 0.0], [0.0, -length * 0.012]])
        leaves.append(placed(disc_like, (at[0], at[1]), 1.0, heading))
        veins.append(placed(stalk, (at[0], at[1]), 1.0, heading))
        rib = np.array([[0.0, length * 0.01], [length * 0.8, 0.0], [0.0, -length * 0.01]])
        veins.append(placed(rib, (at[0], at[1]), 1.0, heading))
    return leaves, veins


def _fern(rng: np.random.Generator, stem: Points, height: float) -> Foliage:
    leaves = []
    for at, heading, share in _sides(rng, stem, 26, 0.12):
        length = height * 0.21 * np.sin(np.pi * (0.2 + 0.78 * share)) * rng.uniform(0.92, 1.05) + height * 0.012
        leaves.append(placed(_leaf(float(length), height * 0.0125), (at[0], at[1]), 1.0, heading))
    return leaves, []


def _blade(rng: np.random.Generator, stem: Points, height: float) -> Foliage:
    leaves, veins = [], []
    for k in range(7):
        lean = (k - 3) * 0.17 + rng.normal(0, 0.04)
        length = height * rng.uniform(0.62, 1.0) * (1 - 0.08 * abs(k - 3))
        t = np.linspace(0, 1, 16)[:, None]
        foot = stem[0] + (rng.normal(0, height * 0.01), 0.0)
        line = foot + np.concatenate([lean * length * t**1.5, -length * t * (1 - 0.2 * abs(lean) * t)], axis=1)
        wide = height * 0.03 * np.sin(np.pi * (0.12 + 0.88 * t[:, 0])) ** 0.8
        leaves.append(
            np.concatenate([line + np.stack([wide, 0 * wide], 1), (line - np.stack([wide, 0 * wide], 1))[::-1]])
        )
        veins.append(tapered(line[:13], height * 0.0016, height * 0.0006))
    return leaves, veins


def _berry(rng: np.random.Generator, stem: Points, height: float) -> Foliage:
    fruit, twigs = [], []
    ring = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for at, heading, share in _sides(rng, stem, 8, 0.35):
        reach = height * 0.10 * (1.2 - 0.6 * share) * rng.uniform(0.7, 1.2)
        end = at + reach * np.array([np.cos(heading), np.sin(heading)])
        bow = (at + end) / 2 + (0.0, -reach * 0.12)
        twigs.append(tapered(spline(np.array([at, bow, end]), closed=False), height * 0.002, height * 0.0015))
        size = height * rng.uniform(0.014, 0.022)
        fruit.append(end + size * np.stack([np.cos(ring), np.sin(ring)], axis=1))
    return [*twigs, *fruit], []


_LEAVES = {"pairs": _pairs, "round": _round, "fern": _fern, "blade": _blade, "berry": _berry}
