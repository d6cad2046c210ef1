"""A valley of striped fields with hedges and poplars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, profile, smoothstep
from generations.providers.sketch.palettes import EARTHS, lit
from generations.providers.sketch.shapes import Points, covered, oval, points, spline
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot

_MIXED = ("#8ea24c", "#d6b24a", "#5f8a4a", "#c98f3c", "#b9c26a", "#3f6f46")


@dataclass(frozen=True, slots=True)
class Hill:
    """One hill: skyline in pixels, two colours of furrow, how near it is, where its furrows meet."""

    line: Field
    tones: tuple[Field, Field]
    near: float
    vanish: float


def farmland(stage: Stage) -> Canvas:
    """Five or six hills, each ploughed in its own direction."""
    rng = stage.random("farmland")
    skyline = float(rng.uniform(0.32, 0.48)) + (0.06 if stage.tall else 0.0)
    lamp = lamp_for(stage, skyline, lift=0.10)
    canvas = painted_sky(stage, Sky(skyline, cloud_amount(stage, 0.5), lamp))
    earths = _earths(stage)
    count = 3 if stage.brief.style == "minimal" else int(rng.integers(5, 7))
    for i in range(count):
        near = i / (count - 1)
        wave = profile(stage.random(f"hill-{i}"), stage.width, stage.unit, slope=3.6, low=0.8)
        size = stage.unit * (0.028 + 0.035 * near)
        base = (skyline + (0.86 - skyline) * near**1.15) * stage.height
        line = (wave * np.float32(size) + np.float32(base)).astype(np.float32)
        tones = _furrows(stage, earths, i, near)
        vanish = float(rng.uniform(-0.2, 1.2)) * stage.width
        _plough(stage, canvas, Hill(line, tones, near, vanish))
        if stage.brief.allows("trees"):
            _hedge(stage, canvas, line, (i, near))
    cast(stage, canvas, Spot(stage.third("aloft") * stage.width, skyline * stage.height * 0.52, stage.unit * 0.33))
    return canvas


def _earths(stage: Stage) -> list[Field]:
    codes = EARTHS.get(stage.brief.season, _MIXED)
    if stage.brief.weather == "snow":
        codes = EARTHS["winter"]
    earths = [paint(code) for code in codes]
    hues = stage.hues()
    if hues:
        earths = [mixed(earth, hues[i % len(hues)], 0.75) for i, earth in enumerate(earths)]
    order = stage.random("earths").permutation(len(earths))
    return [earths[int(i)] for i in order]


def _furrows(stage: Stage, earths: list[Field], index: int, near: float) -> tuple[Field, Field]:
    air = mixed(stage.light.far, stage.light.horizon, 0.45)
    one = lit(stage.light, earths[index % len(earths)])
    other = mixed(lightened(one, -0.09), lit(stage.light, earths[(index + 1) % len(earths)]), 0.25)
    haze = 0.78 * (1 - near) ** 1.3
    return mixed(one, air, haze), mixed(other, air, haze)


def _plough(stage: Stage, canvas: Canvas, hill: Hill) -> None:
    height, width, unit = stage.height, stage.width, stage.unit
    first, second = hill.tones
    rows = np.arange(height, dtype=np.float32)
    fall = np.clip((rows - float(hill.line.min())) / (unit * 0.34), 0, 1)
    tones = first[:, None] + (lightened(first, -0.06) - first)[:, None] * fall[None]
    canvas.ground(hill.line, tones[:, :, None].astype(np.float32))
    top = max(0, int(hill.line.min()) - 1)
    foot = min(height, int(hill.line.max() + unit * (0.10 + 0.32 * hill.near)))
    below = np.arange(top, foot, dtype=np.float32)[:, None] + np.float32(0.5) - hill.line[None]
    inside = np.clip(below + 0.5, 0, 1)
    xs = np.arange(width, dtype=np.float32)[None, :] - np.float32(hill.vanish)
    depth = np.maximum(below, 0) / np.float32(unit) + np.float32(0.05 + 0.05 * hill.near)
    phase = xs / np.float32(unit) / depth * np.float32(0.9 + 0.5 * hill.near)
    crowd = np.float32(0.9 + 0.5 * hill.near) / (
        depth * np.float32(unit)
    )  # waves per pixel: none where too fine to show
    furrow = smoothstep(-0.4, 0.4, np.sin(phase * np.float32(2.2))) * smoothstep(0.22, 0.05, crowd)
    canvas.paint(Patch((furrow * inside).astype(np.float32), 0, top), second[:, None, None])
    rim = np.exp(-np.maximum(below, 0) / np.float32(unit * 0.02)) * inside * np.float32(0.35)
    canvas.paint(Patch(rim.astype(np.float32), 0, top), mixed(first, stage.light.disc, 0.45))


def _hedge(stage: Stage, canvas: Canvas, line: Field, place: tuple[int, float]) -> None:
    index, near = place
    rng = stage.random(f"hedge-{index}")
    size = stage.unit * (0.009 + 0.022 * near)
    air = mixed(stage.light.far, stage.light.horizon, 0.45)
    green = mixed(lit(stage.light, paint("#2f5238")), stage.light.near, 0.45)
    tone = mixed(green, air, 0.72 * (1 - near) ** 1.2)
    shapes: list[Points] = []
    x = float(rng.uniform(0, 0.3)) * stage.width
    while x < stage.width:
        for _ in range(int(rng.integers(1, 6))):
            foot = float(line[int(np.clip(x, 0, stage.width - 1))])
            if rng.random() < 0.3:
                shapes.append(_poplar(rng, (x, foot + 2), size * float(rng.uniform(2.6, 4.6))))
            else:
                shapes += _bush(rng, (x, foot + 1), size * float(rng.uniform(0.6, 1.2)))
            x += size * float(rng.uniform(0.5, 1.6))
        x += stage.unit * float(rng.uniform(0.12, 0.55))
    canvas.paint(covered(canvas, shapes), tone)


def _bush(rng: np.random.Generator, foot: tuple[float, float], radius: float) -> list[Points]:
    """A round tree or a piece of hedge: a few overlapping balls on the ground."""
    balls = []
    for _ in range(6):
        dx, lift, size = rng.uniform([-0.75, 0.25, 0.34], [0.75, 0.85, 0.55]) * radius
        balls.append(oval((foot[0] + dx, foot[1] - lift + abs(dx) * 0.35), (size, size * 0.9), count=20))
    base = oval((foot[0], foot[1] - radius * 0.2), (radius * 1.05, radius * 0.34), count=24)
    return [*balls, base]


def _poplar(rng: np.random.Generator, foot: tuple[float, float], height: float) -> Points:
    t = np.linspace(0, 1, 7)
    half = height * 0.10 * np.sin(np.pi * t**0.75) ** 0.8 * rng.uniform(0.8, 1.2, 7)
    left = np.stack([foot[0] - half, foot[1] - t * height], axis=1)
    right = np.stack([foot[0] + half, foot[1] - t * height], axis=1)[::-1]
    return spline(np.concatenate([left, right[1:-1], points((foot[0], foot[1]))]), steps=4)
