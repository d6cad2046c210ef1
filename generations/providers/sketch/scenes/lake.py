"""A still lake with mountains standing in it upside down."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import mixed
from generations.providers.sketch.fields import profile
from generations.providers.sketch.scenes.mountains import paint_ranges
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.trees import conifers
from generations.providers.sketch.water import Water, reflected

_AFLOAT = {"boat", "paperboat", "balloon"}


def lake(stage: Stage) -> Canvas:
    """Ranges and a wooded far shore over their reflection."""
    rng = stage.random("lake")
    shore = float(rng.uniform(0.56, 0.66))
    skyline = shore - float(rng.uniform(0.17, 0.24))
    lamp = lamp_for(stage, skyline, lift=0.14)
    canvas = painted_sky(stage, Sky(shore, cloud_amount(stage, 0.4), lamp))
    paint_ranges(stage, canvas, skyline, shore + 0.02)
    _shore(stage, canvas, shore)
    subject = stage.brief.subject
    spot = Spot(stage.third("lake-spot") * stage.width, shore * stage.height - 1, stage.unit * 0.115)
    if subject and subject not in _AFLOAT:
        cast(stage, canvas, spot)
    if subject == "balloon":
        cast(stage, canvas, Spot(spot.x, skyline * stage.height * 0.55, stage.unit * 0.22))
    reflected(stage, canvas, Water(shore, float(rng.uniform(0.05, 0.3)), lamp, "lake"))
    if subject in {"boat", "paperboat"}:
        cast(stage, canvas, Spot(spot.x, (shore + (1 - shore) * 0.45) * stage.height, stage.unit * 0.24))
    return canvas


def _shore(stage: Stage, canvas: Canvas, shore: float) -> None:
    rng = stage.random("shore")
    light = stage.light
    tone = mixed(light.near, light.far, 0.16)
    wave = profile(rng, stage.width, stage.unit, slope=2.4, low=1.2)
    line = (shore * stage.height - np.abs(wave) * np.float32(0.012 * stage.unit)).astype(np.float32)
    if stage.brief.allows("trees"):
        canvas.paint(conifers(canvas, rng, line, stage.unit * 0.06, dense=1.5), tone)
    canvas.ground(line, tone[:, None, None])
