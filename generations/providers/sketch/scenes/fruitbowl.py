"""A bowl of fruit on a table."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, fractal, sampled, smoothstep
from generations.providers.sketch.paper import textured
from generations.providers.sketch.scenes.tabletop import cast_shadow, room_for, table
from generations.providers.sketch.scenes.vessels import Vessel, opening, stand
from generations.providers.sketch.shapes import across, covered, disc, placed, points, spline, tapered
from generations.providers.sketch.stage import Stage

_SIZE = 0.27  # a fruit's radius beside the height of the bowl
_FRUITS = {
    "lemon": "#f0c832",
    "orange": "#ea8a24",
    "apple": "#bf2f2c",
    "pear": "#b9b448",
    "cherry": "#8f1528",
    "plum": "#5a2a55",
}


def fruit(stage: Stage) -> Canvas:
    """A bowl of fruit, a few of them on the table beside it."""
    room = room_for(stage)
    canvas = table(stage, room)
    rng = stage.random("fruit")
    size = stage.unit * float(rng.uniform(0.42, 0.48)) * (1.12 if stage.tall else 1.0)
    x = stage.width * (0.5 if stage.tall else stage.third("bowl") * 0.5 + 0.25)
    foot = stage.height * (room.edge + 0.115)
    bowl = Vessel("bowl", x, foot, size * 0.62, room.tones[3 + int(rng.integers(2))], float(rng.choice([0.0, 0.6])))
    kind = next((word for word in _FRUITS if stage.brief.has(word)), "")
    kind = kind or ("lemon", "apple", "pear", "orange")[stage.cycled("fruit", 4)]
    cast_shadow(canvas, (x, foot, bowl.height * 0.61), room.side, bowl.height)
    opening(canvas, bowl)
    _pile(stage, canvas, bowl, (kind, room.side))
    stand(stage, canvas, bowl, room.side, shadow=False, rim=False)
    radius = bowl.height * _SIZE
    away = float(rng.choice([-1.0, 1.0]))
    for _ in range(int(rng.integers(1, 3))):
        beside = x + away * bowl.height * float(rng.uniform(1.3, 1.7))
        beside = min(max(beside, radius * 1.5), stage.width - radius * 1.5)
        spot = (beside, foot - radius * 0.5 + stage.unit * 0.03, radius)
        cast_shadow(canvas, (spot[0], spot[1] + radius * 0.85, radius * 0.8), room.side, radius)
        _fruit(stage, canvas, spot, (kind, room.side, float(rng.normal(0, 0.5))))
        away = -away
    textured(stage, canvas, 0.008)
    return canvas


def _pile(stage: Stage, canvas: Canvas, bowl: Vessel, look: tuple[str, float]) -> None:
    """Fruit heaped above the rim, the hindmost first."""
    kind, side = look
    rng = stage.random("pile")
    half, rim = bowl.height * 0.98, bowl.foot - bowl.height
    radius = bowl.height * _SIZE
    for count, lift, spread in ((3, -0.46, 0.30), (1, -0.70, 0.0), (4, -0.20, 0.62), (3, 0.02, 0.42)):
        places = np.linspace(-spread, spread, count) if count > 1 else rng.uniform(-0.1, 0.1, 1)
        for place in places:
            px = bowl.x + float(place) * half + float(rng.normal(0, radius * 0.10))
            py = rim + lift * half * 0.62 + float(rng.normal(0, radius * 0.07))
            turn = float(rng.normal(0, 0.55))
            _fruit(stage, canvas, (px, py, radius * float(rng.uniform(0.92, 1.06))), (kind, side, turn))


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


def _fruit(stage: Stage, canvas: Canvas, spot: tuple[float, float, float], look: tuple[str, float, float]) -> None:
    """One fruit at x, y with a radius; its kind, the side of the light, and how it is turned."""
    kind, side, turn = look
    x, y, radius = spot
    skin = _skin(stage, kind)
    shape = placed(_outline(kind).astype(np.float64), (x, y), radius, turn * 0.6)
    near = disc(canvas, (x, y + radius * 0.12), radius * 1.0, radius * 0.3)
    canvas.darken(near.times(0.34), paint("#2a160e"))
    patch = covered(canvas, [shape])
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(x)) / np.float32(radius * 1.12), (ys - np.float32(y)) / np.float32(radius * 1.12)
    facing = np.sqrt(np.clip(1 - dx * dx - dy * dy, 0.02, 1))
    light = dx * np.float32(side * 0.60) - dy * np.float32(0.50) + facing * np.float32(0.55)
    pores = sampled(fractal(stage.random("pores"), 128, 128, slope=0.6, low=8), dx * 46 + 64, dy * 46 + 64)
    level = np.clip(smoothstep(-0.62, 1.02, light) + pores * np.float32(0.022), 0, 1.05)[None]
    dark = mixed(lightened(skin, -0.30), paint("#4a1c12"), 0.3)[:, None, None]
    tones = dark + (lightened(skin, 0.035)[:, None, None] - dark) * level
    bounce = np.clip(dy - 0.55, 0, 1) * np.float32(0.16)
    gleam = np.exp(-((dx - side * 0.34) ** 2 + (dy + 0.40) ** 2) * 22) * np.float32(0.34) + bounce
    canvas.paint(patch, np.clip(tones + gleam * (1 - tones), 0, 1).astype(np.float32))
    if kind in {"apple", "pear", "cherry", "plum"}:
        _stem(canvas, spot, turn * 0.6, 1.42 if kind == "pear" else 0.80)


def _skin(stage: Stage, kind: str) -> Field:
    hues = stage.hues()
    return hues[0] if hues else paint(_FRUITS[kind])


def _stem(canvas: Canvas, spot: tuple[float, float, float], turn: float, lift: float) -> None:
    line = spline(points((0.0, -lift), (0.0, -lift - 0.17), (0.12, -lift - 0.34)), closed=False)
    stem = placed(tapered(line, 0.03, 0.05), (spot[0], spot[1]), spot[2], turn)
    canvas.paint(covered(canvas, [stem]), paint("#4a3420"))
