"""Cut paper: a grid of bright tiles with one shape on each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightness, mixed, paint
from generations.providers.sketch.fields import Field
from generations.providers.sketch.paper import textured
from generations.providers.sketch.shapes import Points, covered, oval, placed, spline
from generations.providers.sketch.stage import Stage

_SETS = (
    "#f2b632 #1f4fb0 #e6562b #f4efe2 #151f38 #14735c #eaa3bd",
    "#e9c46a #2a6f77 #d9573f #f5ead7 #22313f #8fb8a8 #f2a48a",
    "#f7d6c4 #c23b46 #2b3f87 #f8f1e4 #1a1a2c #e8973a #7fa7c9",
    "#cfd8b8 #3a6b4f #e2703a #f6f0dc #23302a #e9b949 #b9564a",
    "#d9c8ee #4a3aa8 #f0633f #fbf3e6 #1b1638 #f5c043 #3fa7a0",
)

Shape = Callable[[np.random.Generator], tuple[list[Points], list[Points]]]


def cutouts(stage: Stage) -> Canvas:
    """A grid of square tiles, each a ground colour, a shape and sometimes a second, smaller shape."""
    tones = _tones(stage)
    rng = stage.random("cutouts")
    short = 2 if stage.brief.style == "minimal" else int(rng.integers(3, 5))
    cell = stage.unit / short
    columns, rows = max(short, round(stage.width / cell)), max(short, round(stage.height / cell))
    size = (stage.width / columns, stage.height / rows)
    canvas = stage.blank(tones[3])
    before: dict[tuple[int, int], int] = {}
    for row in range(rows):
        for column in range(columns):
            taken = {before.get((row - 1, column)), before.get((row, column - 1))}
            ground = int(rng.choice([i for i in range(len(tones)) if i not in taken]))
            before[row, column] = ground
            box = (column * size[0], row * size[1], size[0], size[1])
            _tile(canvas, rng, box, (tones, ground))
    textured(stage, canvas, 0.010)
    return canvas


def _tones(stage: Stage) -> list[Field]:
    codes = _SETS[stage.cycled("set", len(_SETS))].split()
    tones = [paint(code) for code in codes]
    for i, hue in enumerate(stage.hues()[:4]):
        tones[(0, 1, 2, 6)[i]] = hue
        tones[5] = mixed(tones[5], hue, 0.35)
    return tones


def _tile(
    canvas: Canvas, rng: np.random.Generator, box: tuple[float, float, float, float], dye: tuple[list[Field], int]
) -> None:
    tones, ground = dye
    x, y, width, height = box
    left, top = round(x), round(y)
    right, bottom = round(x + width), round(y + height)
    square = Patch(np.ones((bottom - top, right - left), dtype=np.float32), left, top)
    canvas.paint(square, tones[ground])
    contrast = [i for i in range(len(tones)) if abs(lightness(tones[i]) - lightness(tones[ground])) > 0.17]
    first = int(rng.choice(contrast or [i for i in range(len(tones)) if i != ground]))
    shapes, accents = SHAPES[int(rng.integers(len(SHAPES)))](rng)
    turn = int(rng.integers(4)) * np.pi / 2
    centre, scale = (x + width / 2, y + height / 2), min(width, height)
    fit = [placed(shape, centre, scale, turn) for shape in shapes]
    shadow = covered(canvas, [shape + np.array([scale * 0.008, scale * 0.012]) for shape in fit])
    canvas.darken(shadow.times(0.28), paint("#1a1420"))
    canvas.paint(covered(canvas, fit), tones[first])
    if accents:
        others = [i for i in range(len(tones)) if i not in {ground, first}]
        second = max(others, key=lambda i: abs(lightness(tones[i]) - lightness(tones[first])) + rng.random() * 0.25)
        canvas.paint(covered(canvas, [placed(shape, centre, scale, turn) for shape in accents]), tones[second])


def _half(start: float, radius: float, centre: tuple[float, float]) -> Points:
    angles = np.linspace(start, start + np.pi, 48)
    return np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], axis=1)


def _bowls(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    gap = rng.uniform(0.02, 0.06)
    return [_half(np.pi, 0.32, (0, -gap))], [_half(0, rng.uniform(0.18, 0.30), (0, gap))]


def _star(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    tips = int(rng.integers(9, 14))
    angles = np.linspace(0, 2 * np.pi, tips * 2, endpoint=False) + rng.uniform(0, 1)
    radii = np.where(np.arange(tips * 2) % 2 == 0, rng.uniform(0.34, 0.41, tips * 2), rng.uniform(0.19, 0.24, tips * 2))
    return [np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)], []


def _blob(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    angles = np.linspace(0, 2 * np.pi, 7, endpoint=False)
    radii = rng.uniform(0.2, 0.4, 7)
    return [spline(np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1))], []


def _frond(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    del rng
    t = np.linspace(0, 1, 12)
    leaf = np.stack([t * 0.24, -0.045 * np.sin(np.pi * t)], axis=1)
    leaf = np.concatenate([leaf, np.stack([t * 0.24, 0.045 * np.sin(np.pi * t)], axis=1)[::-1]])
    parts = [np.array([[-0.012, -0.40], [0.012, -0.40], [0.014, 0.42], [-0.014, 0.42]])]
    for y in np.linspace(0.32, -0.26, 6):
        scale = 1.0 - 0.45 * abs(y + 0.0)
        parts += [placed(leaf, (0, y), scale, -0.75), placed(leaf, (0, y), scale, np.pi + 0.75)]
    parts.append(placed(leaf, (0, -0.24), 0.8, -np.pi / 2))
    return parts, []


def _flower(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    petals = int(rng.integers(3, 7))
    angles = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    radii = 0.27 + 0.12 * np.cos(petals * angles)
    return [np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)], [oval((0, 0), (0.095, 0.095))]


def _quarter(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    del rng
    angles = np.linspace(0, np.pi / 2, 40)
    arc = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corner = np.array([[-0.5, -0.5]])
    return [np.concatenate([corner, corner + arc * 0.86])], [np.concatenate([corner, corner + arc * 0.43])]


def _leaf_eye(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    del rng
    t = np.linspace(-1, 1, 40)
    lid = 0.25 * (1 - t * t)
    eye = np.concatenate([np.stack([t * 0.41, lid], axis=1), np.stack([t * 0.41, -lid], axis=1)[::-1]])
    return [eye], [oval((0, 0), (0.135, 0.135))]


def _moon(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    outer = _half(np.pi / 2, 0.36, (0.08, 0))
    inner = np.stack(
        [
            0.08 - 0.16 * np.cos(np.linspace(-np.pi / 2, np.pi / 2, 40)),
            0.36 * np.sin(np.linspace(np.pi / 2, -np.pi / 2, 40)) * -1,
        ],
        axis=1,
    )[::-1]
    return [np.concatenate([outer, inner[::-1]])], [oval((0.17, 0.0), (rng.uniform(0.05, 0.09),) * 2)]


def _arch(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    del rng

    def gate(half: float, top: float) -> Points:
        bow = _half(np.pi, half, (0, top))
        return np.concatenate([bow, [[half, 0.5], [-half, 0.5]]])

    return [gate(0.36, 0.0)], [gate(0.17, 0.12)]


def _waves(rng: np.random.Generator) -> tuple[list[Points], list[Points]]:
    t = np.linspace(-0.5, 0.5, 60)
    shift = rng.uniform(0, 6)
    bands = []
    for y in (-0.28, 0.0, 0.28):
        line = y + 0.06 * np.sin(t * 4 * np.pi + shift)
        bands.append(np.concatenate([np.stack([t, line - 0.055], axis=1), np.stack([t, line + 0.055], axis=1)[::-1]]))
    return bands, []


SHAPES: tuple[Shape, ...] = (_bowls, _star, _blob, _frond, _flower, _quarter, _leaf_eye, _moon, _arch, _waves, _frond)
