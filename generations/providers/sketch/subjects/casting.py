"""Puts the subject a prompt asks for where a scene has room for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.shapes import covered, oval, placed
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects import things
from generations.providers.sketch.subjects.figures import figure
from generations.providers.sketch.subjects.spots import Spot

_COATS: dict[str, tuple[str, str]] = {
    "cat": ("#2b2a30", "#2b2a30"),
    "fox": ("#cf5a22", "#cf5a22"),
    "deer": ("#7a4d30", "#7a4d30"),
    "bird": ("#4a4f5c", "#d9683a"),
    "person": ("#2f3a4a", "#c8452f"),
}
_THINGS: dict[str, Callable[[Stage, Canvas, Spot], None]] = {
    "boat": things.boat,
    "paperboat": things.paperboat,
    "cabin": things.cabin,
    "tree": things.tree,
    "balloon": things.balloon,
}

# How tall each stands beside the others, as a share of the size a scene offers.
_STATURE = {"cat": 0.72, "fox": 0.74, "deer": 0.95, "bird": 0.6, "person": 0.78, "cabin": 0.78, "tree": 1.75}


def cast(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """Draw the brief's subject at the spot; nothing when the brief has none."""
    subject = stage.brief.subject
    if not subject:
        return
    facing = 1.0 if spot.x < stage.width / 2 else -1.0
    fit = Spot(spot.x, spot.y, spot.size * _STATURE.get(subject, 1.0), facing)
    if subject in _COATS:
        _figure(stage, canvas, fit)
    else:
        _THINGS[subject](stage, canvas, fit)


def _figure(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    tones = _tones(stage, *_COATS[stage.brief.subject])
    shadow = oval((spot.x, spot.y), (spot.size * 0.42, spot.size * 0.035))
    if stage.brief.subject != "bird":
        canvas.darken(covered(canvas, [shadow]).times(0.4), paint("#14161f"))
    for part in figure(stage.brief.subject, left=spot.facing < 0):
        canvas.paint(covered(canvas, [placed(part.outline, (spot.x, spot.y), spot.size)]), tones[part.role])


def _tones(stage: Stage, usual: str, accent: str) -> dict[str, Field]:
    coat = things.own_colour(stage, usual)
    light = stage.light
    if light.is_dark:  # keep the subject readable against the night
        coat = np.clip(coat * np.float32(1.35), 0, 1)
    pale = mixed(lit(light, paint("#fbf3e6")), coat, 0.06)
    return {
        "coat": coat,
        "shade": lightened(coat, -0.045),
        "deep": lightened(coat, -0.085) if float(coat.mean()) > 0.16 else lightened(coat, 0.07),
        "pale": pale,
        "dark": mixed(lit(light, paint("#2a1d1a")), light.near, 0.4),
        "accent": lit(light, paint(accent)) if not stage.brief.subject_colour else lightened(coat, 0.09),
    }
