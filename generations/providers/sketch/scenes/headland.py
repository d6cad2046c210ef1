"""A lighthouse on a headland above the sea."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, profile, resized, smoothstep
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.shapes import Points, covered, oval, placed, points
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.subjects.things import halo, own_colour
from generations.providers.sketch.water import Water, painted_water


def headland(stage: Stage) -> Canvas:
    """Sea and sky, a dark cape from one side, the tower on it, its beam after sundown."""
    rng = stage.random("headland")
    horizon = float(rng.uniform(0.60, 0.68))
    side = float(rng.choice([-1.0, 1.0]))
    lamp = lamp_for(stage, horizon, lift=0.03)
    if lamp:
        lamp = type(lamp)(0.5 - side * float(rng.uniform(0.10, 0.26)), lamp.y, lamp.radius)
    canvas = painted_sky(stage, Sky(horizon, cloud_amount(stage, 0.55), lamp))
    chop = 1.0 if stage.brief.weather in {"storm", "wind"} else float(rng.uniform(0.3, 0.7))
    painted_water(stage, canvas, Water(horizon, chop, lamp))
    x = 0.5 + side * float(rng.uniform(0.20, 0.28))
    line = _cape(stage, (horizon, side, x, 0.15), "cape")
    at = int(x * stage.width)
    spot = Spot(x * stage.width, float(line[at]) + stage.unit * 0.01, stage.unit * (0.46 if stage.tall else 0.42))
    after_dark = stage.light.is_dark or stage.light.height < 0.13 or stage.brief.weather in {"storm", "fog"}
    if after_dark and stage.brief.allows("lights"):
        _beams(stage, canvas, spot, side)
    _tower(stage, canvas, spot, lit_lamp=after_dark)
    _land(stage, canvas, line, horizon)
    return canvas


def _cape(stage: Stage, place: tuple[float, float, float, float], name: str) -> Field:
    """Height of the land in pixels; past the foot of the picture where there is none."""
    horizon, side, x, rise = place
    rng = stage.random(name)
    xs = (np.arange(stage.width, dtype=np.float32) + 0.5) / stage.width
    toward = (xs - np.float32(x)) * np.float32(side) * np.float32(stage.width / stage.unit)
    rough = profile(rng, stage.width, stage.unit, slope=1.7, low=4) * np.float32(0.010)
    top = np.float32(horizon * stage.height) - np.float32(rise * stage.unit) * smoothstep(-0.34, 0.12, toward)
    edge = smoothstep(-0.12, -0.42, toward + rough * 3)
    line = top + (rough + edge * np.float32(0.42)) * np.float32(stage.unit)
    return np.asarray(line, dtype=np.float32)


def _land(stage: Stage, canvas: Canvas, line: Field, horizon: float) -> None:
    light = stage.light
    grass = mixed(lit(light, paint("#eef2f5" if stage.brief.weather == "snow" else "#5c7048")), light.near, 0.42)
    rock = mixed(lit(light, paint("#4b433f")), light.near, 0.55)
    rows = np.arange(stage.height, dtype=np.float32)
    share = smoothstep(float(line.min()), horizon * stage.height + stage.unit * 0.06, rows)
    canvas.ground(line, (grass[:, None] + (rock - grass)[:, None] * share[None])[:, :, None])
    top = int(max(0, line.min()))
    crags = resized(stage.noise("crags", 300, 1.5, (0.7, 1.6)), stage.width, stage.height)[top:]
    below = np.arange(top, stage.height, dtype=np.float32)[:, None] - line[None]
    inside = np.clip(below, 0, 1) * smoothstep(0.0, 0.05, below / np.float32(stage.unit))
    canvas.lift(np.clip(crags, -2, 2) * inside * np.float32(0.020), top)
    rim = np.exp(-np.maximum(below, 0) / np.float32(stage.unit * 0.012)) * np.clip(below + 0.5, 0, 1) * np.float32(0.45)
    canvas.paint(Patch(rim.astype(np.float32), 0, top), mixed(grass, light.glow, 0.5))


def _tower(stage: Stage, canvas: Canvas, spot: Spot, *, lit_lamp: bool) -> None:
    light = stage.light
    white = mixed(lit(light, paint("#f7f3ea")), light.horizon, 0.12)
    band = own_colour(stage, "#c23b30")
    dark = mixed(lit(light, paint("#33302f")), light.near, 0.5)

    def put(outline: Points, tone: Field) -> None:
        canvas.paint(covered(canvas, [placed(outline, (spot.x, spot.y), spot.size)]), tone)

    def ring(low: float, high: float) -> Points:
        a, b = 0.098 - 0.040 * low / 0.76, 0.098 - 0.040 * high / 0.76
        return points((-a, -low), (-b, -high), (b, -high), (a, -low))

    put(points((0.06, 0.03), (0.06, -0.12), (0.17, -0.19), (0.30, -0.12), (0.30, 0.03)), lightened(white, -0.05))
    put(points((0.04, -0.11), (0.17, -0.205), (0.32, -0.11), (0.30, -0.10), (0.17, -0.18), (0.06, -0.10)), band)
    put(ring(-0.03, 0.76), white)
    for low in (0.12, 0.38, 0.62):
        put(ring(low, low + 0.12), band)
    shadow = points((0.035, 0.03), (0.022, -0.76), (0.058, -0.76), (0.099, 0.03))
    canvas.darken(covered(canvas, [placed(shadow, (spot.x, spot.y), spot.size)]).times(0.38), light.near)
    put(points((-0.085, -0.755), (0.085, -0.755), (0.085, -0.785), (-0.085, -0.785)), dark)
    glass = paint("#ffe9a8") if lit_lamp else mixed(light.horizon, light.middle, 0.5)
    put(points((-0.048, -0.785), (0.048, -0.785), (0.048, -0.885), (-0.048, -0.885)), glass)
    for x in (-0.048, -0.016, 0.016, 0.048):
        put(points((x - 0.004, -0.785), (x + 0.004, -0.785), (x + 0.004, -0.885), (x - 0.004, -0.885)), dark)
    put(
        np.concatenate(
            [points((-0.066, -0.885)), oval((0, -0.885), (0.06, 0.075), 0, 48)[24:], points((0.066, -0.885))]
        ),
        band,
    )
    put(points((-0.005, -0.95), (0.005, -0.95), (0.003, -1.02), (-0.003, -1.02)), dark)
    if lit_lamp and stage.brief.allows("lights"):
        halo(canvas, (spot.x, spot.y - spot.size * 0.835), spot.size * 0.42, 0.8)


def _beams(stage: Stage, canvas: Canvas, spot: Spot, side: float) -> None:
    """The light swung out over the sea on one side and, fainter, over the land."""
    x, y = spot.x, spot.y - spot.size * 0.835
    reach = float(max(stage.width, stage.height)) * 0.85
    rng = stage.random("beam")
    for heading, strength in ((-side, 0.55), (side, 0.22)):
        tilt = float(rng.uniform(-0.10, 0.03))
        width, height = stage.width // 4, stage.height // 4
        xs = (np.arange(width, dtype=np.float32)[None, :] + 0.5) * 4 - np.float32(x)
        ys = (np.arange(height, dtype=np.float32)[:, None] + 0.5) * 4 - np.float32(y)
        along = np.maximum(xs * np.float32(heading) + ys * np.float32(tilt), 0)
        off = ys - along * np.float32(tilt)
        spread = along * np.float32(0.075) + np.float32(spot.size * 0.02)
        beam = np.exp(-((off / spread) ** 2)) * np.clip(1 - along / np.float32(reach), 0, 1) ** 1.5 * (along > 0)
        cover = resized((beam * np.float32(strength)).astype(np.float32), stage.width, stage.height)
        canvas.shine(Patch(np.clip(cover, 0, 1)), paint("#ffe7b0"))
