"""Soft-edged fields of colour floating on a ground."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, fractal, resized, smoothstep
from generations.providers.sketch.paper import tooth
from generations.providers.sketch.stage import Stage

_GROUNDS = (
    "#5a1a18 #d9672b #c32a25 #e9b04a",
    "#141b33 #2c4f96 #c4cedb #5f83b4",
    "#e7cfa4 #e08a3c #f3e3b4 #c9542f",
    "#2a1530 #7a2f52 #d0776a #3c1c3f",
    "#22332c #3e6a52 #c4bd7c #17241f",
    "#e0d8c8 #5f7f88 #2c3a44 #cf9f6a",
    "#f0b9a2 #f7e4c8 #d95f5a #f2a36a",
)


def colourfield(stage: Stage) -> Canvas:
    """Two to four rectangles with breathing edges, laid in many thin coats."""
    tones = _tones(stage)
    rng = stage.random("fields")
    canvas = stage.blank(tones[0])
    _coat(stage, canvas, tones[0])
    count = int(rng.integers(2, 4)) + (1 if stage.height > stage.width * 1.3 and rng.random() < 0.5 else 0)
    weights = rng.uniform(0.55, 1.5, count)
    margin, gap = float(rng.uniform(0.055, 0.085)), float(rng.uniform(0.018, 0.034))
    tall = stage.height / stage.unit - 2 * margin - (count - 1) * gap
    top = margin
    for i, share in enumerate(weights / weights.sum()):
        foot = top + tall * float(share)
        _field(stage, canvas, (top, foot, margin), (tones[1 + i % 3], i))
        top = foot + gap
    canvas.lift(tooth(stage) * np.float32(0.009))
    return canvas


def _tones(stage: Stage) -> list[Field]:
    tones = [paint(code) for code in _GROUNDS[stage.cycled("ground", len(_GROUNDS))].split()]
    hues = stage.hues()
    if hues:
        first, last = hues[0], hues[-1]
        tones = [
            lightened(mixed(first, tones[0], 0.25), -0.14),
            first,
            last if len(hues) > 1 else lightened(first, -0.07),
            hues[1] if len(hues) > 2 else lightened(last, 0.10),
        ]
    elif stage.brief.time:
        light = stage.light
        tones = [light.zenith, light.middle, light.horizon, light.far]
    return tones


def _coat(stage: Stage, canvas: Canvas, tone: Field) -> None:
    clouds = resized(stage.noise("coat", 120, 1.7, (1.4, 0.8)), stage.width, stage.height)
    canvas.paint(Patch(smoothstep(-0.5, 2.4, clouds) * np.float32(0.4)), lightened(tone, 0.05))
    canvas.paint(Patch(smoothstep(0.5, -2.4, clouds) * np.float32(0.4)), lightened(tone, -0.05))


def _field(stage: Stage, canvas: Canvas, box: tuple[float, float, float], dye: tuple[Field, int]) -> None:
    top, foot, margin = box
    tone, index = dye
    unit = stage.unit
    first, last = max(0, int((top - 0.05) * unit)), min(stage.height, int((foot + 0.05) * unit))
    wobble = _band(stage, f"edge-{index}", last - first, (1.3, 1.0), 1.55)
    brush = _band(stage, f"brush-{index}", last - first, (3.2, 0.5), 1.35)
    xs = (np.arange(stage.width, dtype=np.float32) + 0.5)[None, :] / unit
    ys = (np.arange(first, last, dtype=np.float32) + 0.5)[:, None] / unit
    wide = stage.width / unit
    inside = np.minimum(np.minimum(xs - margin, wide - margin - xs), np.minimum(ys - top, foot - ys))
    inside = inside + wobble * np.float32(0.0065)
    halo = smoothstep(-0.03, 0.02, inside) * np.float32(0.35)
    canvas.paint(Patch(halo, 0, first), tone)
    body = smoothstep(-0.004, 0.022, inside) * (np.float32(0.9) + brush * np.float32(0.05))
    canvas.paint(Patch(np.clip(body, 0, 1), 0, first), tone)
    worn = smoothstep(0.6, 2.6, brush) * body
    canvas.paint(Patch(worn * np.float32(0.35), 0, first), lightened(tone, 0.07))
    deep = smoothstep(-0.4, -2.4, brush) * body
    canvas.paint(Patch(deep * np.float32(0.4), 0, first), lightened(tone, -0.07))


def _band(stage: Stage, name: str, rows: int, stretch: tuple[float, float], slope: float) -> Field:
    """Noise for so many full rows of the sheet, as fine as noise for the whole sheet would be."""
    share = 280 / stage.unit
    width, height = max(8, round(stage.width * share)), max(8, round(rows * share))
    noise = fractal(stage.random(name), width, height, slope=slope, low=1.0, stretch=stretch)
    return resized(noise, stage.width, rows)
