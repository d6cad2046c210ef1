"""A bird on a branch before a great disc."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.shapes import Points, covered, oval, placed, points, spline, tapered
from generations.providers.sketch.sky import Lamp, Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot

_LEAVES = {"spring": "#f0b3c6", "summer": "#5f8a4a", "autumn": "#cf7431", "winter": "#c8452f"}


def branch(stage: Stage) -> Canvas:
    """One branch across the sheet with leaves or blossom, the bird where it crosses the sun."""
    rng = stage.random("branch")
    side = float(rng.choice([-1.0, 1.0]))
    x = stage.third("perch")
    lamp = lamp_for(stage, 0.9)
    if lamp:
        lamp = Lamp(x + float(rng.uniform(-0.05, 0.05)), float(rng.uniform(0.36, 0.46)), float(rng.uniform(0.23, 0.29)))
    canvas = painted_sky(stage, Sky(1.0, cloud_amount(stage, 0.2) * 0.6, lamp, 0.8))
    line, at = _line(stage, rng, (x, side))
    bark = mixed(lit(stage.light, paint("#4b3428")), stage.light.near, 0.55)
    limbs, leaves = _twigs(stage, line, side)
    canvas.paint(covered(canvas, [tapered(line, stage.unit * 0.017, stage.unit * 0.003), *limbs]), bark)
    season = stage.brief.season or ("spring", "summer", "autumn", "winter")[stage.cycled("leaves", 4)]
    tone = mixed(lit(stage.light, paint(_LEAVES[season])), stage.light.near, 0.10)
    for part, by in ((leaves[::2], 0.0), (leaves[1::2], -0.06)):
        canvas.paint(covered(canvas, part), lightened(tone, by))
    cast(stage, canvas, Spot(float(line[at, 0]), float(line[at, 1]) - stage.unit * 0.014, stage.unit * 0.36))
    return canvas


def _line(stage: Stage, rng: np.random.Generator, place: tuple[float, float]) -> tuple[Points, int]:
    """The branch, rising from one edge of the sheet, and the index of the point where the bird sits."""
    x, side = place
    perch = points((x * stage.width, stage.height * float(rng.uniform(0.58, 0.66))))
    fall = stage.unit * float(rng.uniform(0.12, 0.24))
    start = points((stage.width * (0.5 - side * 0.56), float(perch[0, 1]) + fall))
    rise = stage.unit * float(rng.uniform(0.06, 0.24))
    tip = stage.width * (0.5 + side * float(rng.uniform(0.36, 0.46)))
    beyond = max((tip - float(perch[0, 0])) * side, stage.unit * 0.25)
    end = points((float(perch[0, 0]) + side * beyond, float(perch[0, 1]) - rise))
    line = spline(
        np.concatenate([start, (start + perch) / 2 + (0, stage.unit * 0.035), perch, end]), closed=False, steps=30
    )
    return line, int(np.argmin(np.abs(line[:, 0] - perch[0, 0])))


def _twigs(stage: Stage, line: Points, side: float) -> tuple[list[Points], list[Points]]:
    rng = stage.random("twigs")
    unit = stage.unit
    limbs: list[Points] = []
    leaves: list[Points] = []
    blossom = stage.brief.season == "spring" or stage.brief.has("flowers")
    for share in np.linspace(0.10, 0.985, 17):
        at = line[int(share * (len(line) - 1))]
        up = float(rng.choice([-1.0, 1.0]))
        reach = unit * float(rng.uniform(0.07, 0.17))
        heading = (0.0 if side > 0 else np.pi) + side * -up * float(rng.uniform(0.45, 1.05))
        t = np.linspace(0, 1, 10)
        bend = heading + side * up * 0.5 * t
        twig = at + np.cumsum(np.stack([np.cos(bend), np.sin(bend)], axis=1), axis=0) * reach / 10
        limbs.append(tapered(twig, unit * 0.0042, unit * 0.0014))
        for k in (2, 4, 5, 7, 8, 9):
            turn = float(bend[k] + rng.choice([-1, 1]) * rng.uniform(0.3, 0.9))
            leaves += (
                _flower(rng, twig[k], unit)
                if blossom
                else [placed(_leaf(unit), (twig[k, 0], twig[k, 1]), float(rng.uniform(0.7, 1.15)), turn)]
            )
    return limbs, leaves


def _leaf(unit: float) -> Points:
    t = np.linspace(0, 1, 12)
    half = unit * 0.0115 * np.sin(np.pi * t**0.8)
    return np.concatenate([np.stack([t * unit * 0.06, half], axis=1), np.stack([t * unit * 0.06, -half], axis=1)[::-1]])


def _flower(rng: np.random.Generator, at: Points, unit: float) -> list[Points]:
    size = unit * rng.uniform(0.009, 0.014)
    turn = rng.uniform(0, 6)
    petals = []
    for k in range(5):
        angle = turn + k * 2 * np.pi / 5
        centre = (at[0] + np.cos(angle) * size, at[1] + np.sin(angle) * size)
        petals.append(oval(centre, (size * 0.95, size * 0.72), angle, 20))
    return petals
