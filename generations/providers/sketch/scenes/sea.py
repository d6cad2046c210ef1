"""Calm water to the horizon under a low sun or a moon."""

from __future__ import annotations

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.water import Water, painted_water


def sea(stage: Stage) -> Canvas:
    """Sky above, water below, and the light's path between them."""
    rng = stage.random("sea")
    horizon = float(rng.choice([0.46, 0.56, 0.64]) + rng.uniform(-0.03, 0.03))
    lamp = lamp_for(stage, horizon, lift=0.03)
    canvas = painted_sky(stage, Sky(horizon, cloud_amount(stage, 0.5), lamp))
    painted_water(stage, canvas, Water(horizon, _chop(stage), lamp))
    _subject(stage, canvas, horizon, lamp.x if lamp else 0.5)
    return canvas


def _subject(stage: Stage, canvas: Canvas, horizon: float, light_x: float) -> None:
    """A boat a little to the side of the light, or a balloon over the water."""
    subject = stage.brief.subject
    rng = stage.random("sea-spot")
    x = light_x + float(rng.uniform(0.10, 0.2)) * (1 if light_x < 0.5 else -1)
    if subject == "balloon":
        cast(stage, canvas, Spot(x * stage.width, horizon * stage.height * 0.45, stage.unit * 0.26))
    elif subject == "boat":
        depth = float(rng.uniform(0.06, 0.30))
        y = horizon + (1 - horizon) * depth
        cast(stage, canvas, Spot(x * stage.width, y * stage.height, stage.unit * (0.13 + 0.5 * depth)))
    elif subject == "paperboat":
        y = horizon + (1 - horizon) * float(rng.uniform(0.42, 0.55))
        cast(stage, canvas, Spot(x * stage.width, y * stage.height, stage.unit * float(rng.uniform(0.34, 0.42))))


def _chop(stage: Stage) -> float:
    brief = stage.brief
    if brief.weather in {"storm", "wind"}:
        return 1.0
    if brief.style == "exposure" or brief.has("calm"):
        return 0.05
    return float(stage.random("chop").uniform(0.15, 0.55))
