"""Glazed vessels on a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, fractal, sampled, smoothstep
from generations.providers.sketch.paper import textured
from generations.providers.sketch.scenes.tabletop import Room, cast_shadow, room_for, table
from generations.providers.sketch.shapes import covered, oval, spline
from generations.providers.sketch.stage import Stage

# Half-widths from lip to foot, as shares of the height, and how tall the thing stands.
_PROFILES: dict[str, tuple[tuple[float, ...], float]] = {
    "bottle": ((0.085, 0.075, 0.07, 0.075, 0.13, 0.22, 0.265, 0.265, 0.235, 0.17), 1.0),
    "tall": ((0.075, 0.058, 0.055, 0.085, 0.135, 0.165, 0.165, 0.145, 0.115, 0.085), 1.2),
    "amphora": ((0.12, 0.085, 0.085, 0.19, 0.29, 0.335, 0.315, 0.25, 0.175, 0.13), 0.92),
    "cup": ((0.46, 0.465, 0.465, 0.46, 0.45, 0.435, 0.41, 0.375, 0.33, 0.27), 0.42),
    "jar": ((0.25, 0.24, 0.30, 0.37, 0.40, 0.405, 0.39, 0.36, 0.315, 0.255), 0.66),
    "moon": ((0.16, 0.15, 0.27, 0.40, 0.47, 0.49, 0.47, 0.40, 0.29, 0.18), 0.74),
    "bowl": ((0.98, 0.975, 0.95, 0.905, 0.835, 0.74, 0.62, 0.49, 0.38, 0.36), 0.40),
}


@dataclass(frozen=True, slots=True)
class Vessel:
    """A turned vessel: its profile, centre line and foot in pixels, height in pixels, glaze, speckle 0 to 1."""

    kind: str
    x: float
    foot: float
    height: float
    glaze: Field
    speckle: float


def vessels(stage: Stage) -> Canvas:
    """One to four vessels in side light, grouped off the centre."""
    room = room_for(stage)
    canvas = table(stage, room)
    for vessel in sorted(_group(stage, room), key=lambda one: one.foot):
        stand(stage, canvas, vessel, room.side)
    textured(stage, canvas, 0.008)
    return canvas


def _group(stage: Stage, room: Room) -> list[Vessel]:
    """The vessels, a tall one always among them, close enough to belong together."""
    rng = stage.random("vessels")
    count = int(rng.integers(2, 4) if stage.width <= stage.height else rng.integers(2, 5))
    count = 1 if stage.brief.style == "minimal" else count
    kinds = [str(kind) for kind in rng.permutation(["bottle", "tall", "amphora", "cup", "jar", "moon"])][:count]
    if not {"bottle", "tall", "amphora"} & set(kinds):
        kinds[0] = str(rng.choice(["bottle", "tall", "amphora"]))
    widths = np.array([2 * max(_PROFILES[kind][0]) * _PROFILES[kind][1] for kind in kinds])
    gaps = rng.uniform(-0.13, 0.10, count)
    total = float(widths.sum() + gaps[:-1].sum())
    size = min(stage.unit * float(rng.uniform(0.47, 0.54)), stage.width * 0.80 / total, stage.height * 0.44)
    room_left = stage.width - total * size
    x = room_left * (0.5 + float(rng.choice([-1, 1])) * float(rng.uniform(0.05, 0.24)))
    foot = stage.height * (room.edge + 0.10)
    group = []
    for i, kind in enumerate(kinds):
        drop = float(rng.uniform(-0.04, 0.04)) * stage.unit + (0.035 * stage.unit if kind == "cup" else 0.0)
        height = size * _PROFILES[kind][1] * float(rng.uniform(0.95, 1.05))
        glaze = room.tones[3 + (i + stage.turn) % 4]
        speckle = float(rng.choice([0.0, 0.5, 1.0]))
        group.append(Vessel(kind, x + float(widths[i]) * size / 2, foot + drop, height, glaze, speckle))
        x += float(widths[i] + gaps[i]) * size
    return group


def stand(stage: Stage, canvas: Canvas, vessel: Vessel, side: float, *, shadow: bool = True, rim: bool = True) -> None:
    """Paint a vessel where it stands, lit from one side."""
    halves = _halves(vessel)
    if shadow:
        cast_shadow(canvas, (vessel.x, vessel.foot, float(halves[-1]) * 1.15), side, vessel.height)
    if rim:
        opening(canvas, vessel)
    broad = float(halves.max()) + 2
    bow = float(halves[-1]) * _TILT
    left, right = int(max(0, vessel.x - broad)), int(min(canvas.width, vessel.x + broad + 1))
    top = int(max(0, vessel.foot - vessel.height))
    bottom = int(min(canvas.height, vessel.foot + bow + 2))
    ys = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(0.5)
    dx = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(0.5 - vessel.x)
    rise = vessel.foot - vessel.height
    half = np.interp(ys[:, 0], np.linspace(rise, vessel.foot, len(halves)), halves).astype(np.float32)[:, None]
    turn = np.clip(dx / half, -1, 1)
    facing = np.sqrt(1 - turn * turn)
    cover = np.clip(half - np.abs(dx) + 0.5, 0, 1) * np.clip(vessel.foot + facing * bow - ys + 0.5, 0, 1)
    cover *= np.clip(ys - (rise + facing * np.float32(halves[0] * _TILT)) + 0.5, 0, 1)
    slope = np.gradient(half[:, 0])[:, None]
    tones = _shaded(stage, vessel, (turn, facing, slope, ys), side)
    canvas.paint(Patch(cover.astype(np.float32), left, top), tones)


_TILT = 0.16  # how far the eye stands above the table: an ellipse's short axis over its long one


def _halves(vessel: Vessel) -> Field:
    shares, _ = _PROFILES[vessel.kind]
    anchors = np.stack([np.linspace(0, 1, len(shares)), np.array(shares)], axis=1)
    line = spline(anchors, closed=False, steps=12)
    return np.asarray(line[:, 1] * vessel.height, dtype=np.float32)


def opening(canvas: Canvas, vessel: Vessel) -> None:
    """The mouth of a vessel: its inside, seen from a little above."""
    lip = float(_halves(vessel)[0])
    centre = (vessel.x, vessel.foot - vessel.height + lip * _TILT * 0)
    canvas.paint(covered(canvas, [oval(centre, (lip, lip * _TILT))]), lightened(vessel.glaze, -0.05))
    inner = oval((centre[0], centre[1] + lip * 0.012), (lip * 0.93, lip * _TILT * 0.86))
    canvas.paint(covered(canvas, [inner]), mixed(lightened(vessel.glaze, -0.38), paint("#17120f"), 0.45))


def _shaded(stage: Stage, vessel: Vessel, form: tuple[Field, Field, Field, Field], side: float) -> Field:
    turn, facing, slope, ys = form
    light = turn * np.float32(side * 0.62) + facing * np.float32(0.62) - slope * np.float32(-0.28)
    dim = smoothstep(-0.55, 1.05, light) * np.float32(0.92) + np.float32(0.14)
    bounce = np.clip(-turn * np.float32(side) - 0.62, 0, 1) * np.float32(0.22)
    glaze = vessel.glaze[:, None, None] * (dim + bounce)[None]
    if vessel.speckle:
        rng = stage.random(f"glaze-{vessel.kind}")
        spots = fractal(rng, 256, 256, slope=1.25, low=float(rng.choice([6.0, 14.0])))
        u = np.arcsin(np.clip(turn, -0.999, 0.999)) * 52 + 128
        v = np.broadcast_to((ys - vessel.foot) / vessel.height * 190 + 256, u.shape)
        flecks = smoothstep(1.0, 1.35, sampled(spots, u.astype(np.float32), v.astype(np.float32)))
        ink = lightened(vessel.glaze, -0.3)[:, None, None] * (dim * np.float32(1.05))
        glaze += (ink - glaze) * flecks * np.float32(0.8 * vessel.speckle)
    gleam = np.exp(-(((turn - side * 0.52) / 0.085) ** 2)) * np.exp(-((slope * 1.4) ** 2)) * np.float32(0.20)
    return np.asarray(np.clip(glaze + gleam * (1 - glaze), 0, 1), dtype=np.float32)
