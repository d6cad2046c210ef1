"""Things on a table: glazed vessels, a bowl of fruit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import greyed, lightened, mixed, paint
from generations.providers.sketch.fields import Field, fractal, resized, sampled, smoothstep
from generations.providers.sketch.paper import textured, wall
from generations.providers.sketch.shapes import across, covered, oval, points, spline, tapered
from generations.providers.sketch.stage import Stage

# wall in light, wall in shade, table, then glazes
_ROOMS = (
    "#efeade #b9b3a4 #b08e62 #e9e3d6 #2f5a6e #b8472f #6d7f5a",
    "#f1c6aa #c58a70 #bb6d4d #3f6072 #ece5d6 #8a4a3a #d8a657",
    "#41665c #243f39 #8a5a3c #d6934d #e8e0cf #7fa79f #b5533a",
    "#c9cfd2 #87919a #6c5a4c #2e3f5c #e7dccb #c1694a #8f9b7a",
    "#e9d9a8 #b79f63 #7d4f34 #234a4a #f0ead8 #c9562f #5a6f8c",
    "#4a3b52 #261f30 #6a4538 #cfa9a0 #e6dccd #7a5f8e #c98a4b",
)

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


@dataclass(frozen=True, slots=True)
class Room:
    """Wall, table and glazes; the height of the table's edge as a share; which side the light is on."""

    tones: list[Field]
    edge: float
    side: float


def vessels(stage: Stage) -> Canvas:
    """Two to four vessels in side light, grouped off the centre."""
    room = _room(stage)
    canvas = _table(stage, room)
    rng = stage.random("vessels")
    count = 1 if stage.brief.style == "minimal" else int(rng.integers(2, 4) if stage.width <= stage.height else rng.integers(3, 5))
    kinds = [str(kind) for kind in rng.permutation(["bottle", "tall", "amphora", "cup", "jar", "moon"])][:count]
    if not any(kind in {"bottle", "tall", "amphora"} for kind in kinds):
        kinds[0] = str(rng.choice(["bottle", "tall", "amphora"]))
    size = stage.unit * float(rng.uniform(0.40, 0.47)) * (0.9 if stage.width <= stage.height else 1.0)
    widths = np.array([2 * max(_PROFILES[kind][0]) * _PROFILES[kind][1] * size for kind in kinds])
    gaps = rng.uniform(-0.02, 0.10, count) * stage.unit
    total = float(widths.sum() + gaps[:-1].sum())
    x = (stage.width - total) / 2 + float(rng.uniform(-0.5, 0.5)) * (stage.width - total) * 0.5
    foot = stage.height * (room.edge + 0.10)
    glazes = [room.tones[3 + int(i)] for i in rng.permutation(4)]
    standing = []
    for i, kind in enumerate(kinds):
        drop = float(rng.uniform(-0.035, 0.035)) * stage.unit
        height = size * _PROFILES[kind][1] * float(rng.uniform(0.93, 1.07))
        speckle = float(rng.choice([0.0, 0.5, 1.0]))
        standing.append(Vessel(kind, x + widths[i] / 2, foot + drop, height, glazes[i], speckle))
        x += float(widths[i] + gaps[i])
    for vessel in sorted(standing, key=lambda one: one.foot):
        stand(stage, canvas, vessel, room.side)
    textured(stage, canvas, 0.008)
    return canvas


def fruit(stage: Stage) -> Canvas:
    """A bowl of fruit, a few of them on the table beside it."""
    room = _room(stage)
    canvas = _table(stage, room)
    rng = stage.random("fruit")
    size = stage.unit * float(rng.uniform(0.40, 0.46))
    x = stage.width * (0.5 if stage.tall else stage.third("bowl") * 0.5 + 0.25)
    foot = stage.height * (room.edge + 0.115)
    bowl = Vessel("bowl", x, foot, size * 0.62, room.tones[3 + int(rng.integers(2))], float(rng.choice([0.0, 0.6])))
    kind = next((word for word in ("lemon", "orange", "apple", "pear", "cherry", "plum") if stage.brief.has(word)), "")
    kind = kind or str(rng.choice(["lemon", "orange", "apple", "pear"]))
    rim = foot - bowl.height
    half = bowl.height * 0.98
    cast_shadow(canvas, (x, foot, half * 0.62), room.side, bowl.height)
    opening(canvas, bowl)
    radius = half * 0.235
    rows = ((4, -0.02), (3, -0.32), (1 + int(rng.integers(2)), -0.60))
    for count, lift in rows:
        spread = half * 0.36 * (count - 1) / 1.5
        for place in np.linspace(-spread, spread, count) if count > 1 else [0.0]:
            spot = (x + float(place) + float(rng.normal(0, radius * 0.08)), rim + lift * half * 0.72 + float(rng.normal(0, radius * 0.06)))
            _fruit(stage, canvas, (*spot, radius * float(rng.uniform(0.93, 1.07))), (kind, room.side, float(rng.normal(0, 0.5))))
    stand(stage, canvas, bowl, room.side, shadow=False, rim=False)
    for _ in range(int(rng.integers(1, 3))):
        away = float(rng.choice([-1.0, 1.0])) * half * float(rng.uniform(1.25, 1.65))
        spot = (x + away, foot - radius * 0.55 + stage.unit * 0.03, radius)
        cast_shadow(canvas, (spot[0], spot[1] + radius * 0.85, radius * 0.8), room.side, radius)
        _fruit(stage, canvas, spot, (kind, room.side, float(rng.normal(0, 0.7))))
    textured(stage, canvas, 0.008)
    return canvas


def _room(stage: Stage) -> Room:
    rng = stage.random("room")
    tones = [paint(code) for code in _ROOMS[int(rng.integers(len(_ROOMS)))].split()]
    hues = stage.hues()
    if hues:
        tones[3] = hues[0]
        tones[4] = hues[1] if len(hues) > 1 else lightened(hues[0], -0.14)
        tones[5] = mixed(tones[5], hues[-1], 0.6)
        tones[6] = hues[0]
        tones[:2] = [mixed(tone, lightened(greyed(hues[-1], 0.5), 0.1), 0.4) for tone in tones[:2]]
    if stage.brief.time and stage.light.is_dark:
        tones = [mixed(lightened(tone, -0.26), stage.light.middle, 0.3) for tone in tones]
    elif stage.brief.time:
        tones = [mixed(tone, tone * stage.light.horizon, 0.6) for tone in tones]
    return Room(tones, float(rng.uniform(0.64, 0.72)), float(rng.choice([-1.0, 1.0])))


def _table(stage: Stage, room: Room) -> Canvas:
    canvas = wall(stage, room.tones[0], room.tones[1], 0.22 if room.side < 0 else 0.78)
    height, width = stage.height, stage.width
    grain = resized(stage.noise("grain", 220, 1.35, (9.0, 0.6)), width, height)
    rows = np.linspace(0, 1, height, dtype=np.float32)
    near = np.clip((rows - room.edge) / (1 - room.edge), 0, 1)
    wood = room.tones[2]
    tones = lightened(wood, 0.05)[:, None] + (lightened(wood, -0.10) - lightened(wood, 0.05))[:, None] * near[None]
    start = int(room.edge * height)
    canvas.ground(np.full(width, room.edge * height, dtype=np.float32), tones[:, :, None].astype(np.float32))
    canvas.lift(grain[start:] * np.float32(0.016), start)
    seam = np.exp(-((rows[start:] - room.edge) * height / (stage.unit * 0.02)) ** 1.0).astype(np.float32)
    canvas.darken(Patch(np.broadcast_to((seam * 0.18)[:, None], (height - start, width)), 0, start), paint("#3a2618"))
    return canvas


def cast_shadow(canvas: Canvas, at: tuple[float, float, float], side: float, height: float) -> None:
    """The soft shadow of a thing standing at x, foot with a radius, thrown away from the light."""
    x, foot, radius = at
    for reach, depth, strength in ((2.1, 0.34, 0.42), (1.2, 0.2, 0.55)):
        centre = x - side * radius * (reach - 0.75)
        left, right = int(max(0, centre - radius * 2.6 * reach)), int(min(canvas.width, centre + radius * 2.6 * reach))
        top, bottom = int(max(0, foot - height * 0.5)), int(min(canvas.height, foot + height * 0.5))
        if right <= left or bottom <= top:
            continue
        xs = (np.arange(left, right, dtype=np.float32)[None, :] - centre) / (radius * reach)
        ys = (np.arange(top, bottom, dtype=np.float32)[:, None] - foot) / (radius * depth)
        cover = np.exp(-(xs * xs + ys * ys) * np.float32(1.15)) * np.float32(strength)
        canvas.darken(Patch(cover.astype(np.float32), left, top), paint("#33241f"))


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
    if right <= left or bottom <= top:
        return
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


_FRUITS = {"lemon": "#f0c832", "orange": "#ea8a24", "apple": "#bf2f2c", "pear": "#b9b448", "cherry": "#8f1528", "plum": "#5a2a55"}


def _outline(kind: str) -> Field:
    """A fruit's outline of about unit radius, its stem upwards."""
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    if kind == "lemon":
        radii = 0.86 + 0.30 * np.abs(np.cos(angles)) ** 9 + 0.10 * np.cos(angles) ** 2
        return np.stack([np.cos(angles) * radii * 1.08, np.sin(angles) * radii * 0.93], axis=1).astype(np.float32)
    if kind == "pear":
        upper = np.clip(-np.sin(angles), 0, 1)
        wide = 0.95 - 0.42 * upper**1.1
        return np.stack([np.cos(angles) * wide, np.sin(angles) * (0.92 + 0.62 * upper)], axis=1).astype(np.float32)
    dent = 0.10 * np.exp(-(((angles - 1.5 * np.pi) / 0.32) ** 2)) if kind == "apple" else 0 * angles
    return np.stack([np.cos(angles) * (1 - dent), np.sin(angles) * (0.95 - dent)], axis=1).astype(np.float32)


def _fruit(stage: Stage, canvas: Canvas, spot: tuple[float, float, float], kind_side_turn: tuple[str, float, float]) -> None:
    kind, side, turn = kind_side_turn
    x, y, radius = spot
    brief = stage.brief
    skin = stage.hues()[0] if brief.colours and brief.subject_colour in {"", *brief.colours} else paint(f"{_FRUITS[kind]}")
    c, s = np.cos(turn * 0.6), np.sin(turn * 0.6)
    shape = _outline(kind).astype(np.float64) * radius
    shape = np.stack([x + shape[:, 0] * c - shape[:, 1] * s, y + shape[:, 0] * s + shape[:, 1] * c], axis=1)
    canvas.darken(covered(canvas, [shape + (0, radius * 0.09)]).times(0.35), paint("#2a1a14"))
    patch = covered(canvas, [shape])
    if not patch.cover.size:
        return
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(x)) / np.float32(radius * 1.06), (ys - np.float32(y)) / np.float32(radius * 1.06)
    facing = np.sqrt(np.clip(1 - dx * dx - dy * dy, 0.02, 1))
    light = dx * np.float32(side * 0.55) - dy * np.float32(0.45) + facing * np.float32(0.62)
    level = smoothstep(-0.5, 1.0, light)[None]
    dark = mixed(lightened(skin, -0.26), paint("#5a2418"), 0.2)[:, None, None]
    tones = dark + (lightened(skin, 0.03)[:, None, None] - dark) * level
    gleam = np.exp(-((dx - side * 0.36) ** 2 + (dy + 0.40) ** 2) * 24) * np.float32(0.42)
    canvas.paint(patch, np.clip(tones + gleam * (1 - tones), 0, 1).astype(np.float32))
    if kind in {"apple", "pear", "cherry", "plum"}:
        lift = 1.42 if kind == "pear" else 0.80
        root = np.array([x + s * radius * lift, y - c * radius * lift])
        tip = root + np.array([radius * 0.12 + s * radius * 0.3, -radius * 0.34])
        stem = spline(points((root[0], root[1]), ((root[0] + tip[0]) / 2 - radius * 0.04, (root[1] + tip[1]) / 2),
                             (tip[0], tip[1])), closed=False)
        canvas.paint(covered(canvas, [tapered(stem, radius * 0.03, radius * 0.05)]), paint("#4a3420"))
