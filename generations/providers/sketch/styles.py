"""Manners of painting, laid over a finished scene."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from generations.providers.sketch.brushwork import oil
from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import looked_up, mixed, paint, ramp
from generations.providers.sketch.fields import Field, resized, smoothstep, softened
from generations.providers.sketch.paper import tooth
from generations.providers.sketch.stage import Stage

Style = Callable[[Stage, Canvas], Canvas]

_STRIP = 64
_TRACE = 1e-3  # of the whole picture in each sheet of paper, so that an empty one has a colour too


def styled(stage: Stage, canvas: Canvas) -> Canvas:
    """The canvas in the manner the brief asks for; the same canvas when it asks for none."""
    manner = STYLES.get(stage.brief.style)
    return manner(stage, canvas) if manner else canvas


def _grey(canvas: Canvas) -> Field:
    red, green, blue = canvas.planes
    grey: Field = red * np.float32(0.3)
    grey += green * np.float32(0.59)
    grey += blue * np.float32(0.11)
    return grey


def _edges(grey: Field, reach: int) -> Field:
    """How fast the grey changes over ``reach`` pixels, 0 to about 1."""
    both = np.zeros_like(grey)
    here = grey[reach:, reach:]
    across, down = grey[reach:, :-reach] - here, grey[:-reach, reach:] - here
    np.add(np.abs(across, out=across), np.abs(down, out=down), out=both[reach:, reach:])
    return both


def _reach(stage: Stage, share: float) -> int:
    return max(1, round(stage.unit * share))


def _waver(stage: Stage, canvas: Canvas, by: float) -> None:
    """Shake the outlines of the picture as by a hand."""
    pull = np.float32(stage.unit * by)
    dx = resized(stage.noise("shake-x", 128, 1.7), stage.width, stage.height) * pull
    dy = resized(stage.noise("shake-y", 128, 1.7), stage.width, stage.height) * pull
    dx += np.arange(stage.width, dtype=np.float32)[None, :]
    dy += np.arange(stage.height, dtype=np.float32)[:, None]
    spots = np.clip(dy, 0, stage.height - 1, out=dy).astype(np.int32)  # half the weight of what numpy indexes with
    spots *= stage.width
    spots += np.clip(dx, 0, stage.width - 1, out=dx).astype(np.int32)
    for plane in canvas.planes:
        still = plane.ravel().copy()
        for top in range(0, stage.height, _STRIP):
            still.take(spots[top : top + _STRIP], out=plane[top : top + _STRIP], mode="clip")


def _watercolour(stage: Stage, canvas: Canvas) -> Canvas:
    """Thin washes on white paper: pale, granular, darker where a wash dried at its edge."""
    _waver(stage, canvas, 0.0035)
    planes = canvas.planes
    for plane in planes:
        plane[:] = softened(plane, stage.unit / 330)
    wash = resized(stage.noise("wash", 96, 1.8), stage.width, stage.height)
    grain = tooth(stage)
    rim = _edges(_grey(canvas), _reach(stage, 0.004))
    rim *= np.float32(1.5)
    thin = np.clip(rim, 0, 0.3, out=rim)
    wash *= np.float32(0.075)
    grain *= np.float32(0.035)
    thin += wash
    thin += grain
    thin += np.float32(0.80)
    thin *= _deckle(stage)
    np.clip(thin, 0, 1.12, out=thin)
    white = paint("#f8f5ec")[:, None, None]  # less what the pigment keeps back
    planes *= np.float32(-0.94)
    planes += white - np.float32(0.06)
    planes *= thin
    np.subtract(white, planes, out=planes)
    return canvas


def _deckle(stage: Stage) -> Field:
    """1 where the wash covers the sheet, 0 on the bare margin, with an irregular wet edge."""
    wobble = resized(stage.noise("deckle", 200, 1.6), stage.width, stage.height)
    xs = (np.arange(stage.width, dtype=np.float32)[None, :] + 0.5) / stage.unit
    ys = (np.arange(stage.height, dtype=np.float32)[:, None] + 0.5) / stage.unit
    inside = np.minimum(np.minimum(xs, stage.width / stage.unit - xs), np.minimum(ys, stage.height / stage.unit - ys))
    return smoothstep(0.030, 0.038, inside + wobble * np.float32(0.006))


def _gouache(stage: Stage, canvas: Canvas) -> Canvas:
    """Flat opaque tones with a dry brush dragged through them."""
    flat = canvas
    _waver(stage, flat, 0.002)
    brush = resized(stage.noise("brush", 320, 1.1, (4.0, 0.7)), stage.width, stage.height)
    steps = np.float32(13)
    grey = np.maximum(_grey(flat), np.float32(0.02))
    level = brush * np.float32(0.008)
    level += grey
    level *= steps
    floor = np.floor(level)
    floor += smoothstep(0.3, 0.7, np.subtract(level, floor, out=level))
    floor += np.float32(0.15)
    floor /= grey
    floor *= 1 / steps
    flat.planes[:] *= floor
    brush += tooth(stage)
    brush *= np.float32(0.012)
    flat.lift(brush)
    return flat


def _ink(stage: Stage, canvas: Canvas) -> Canvas:
    """Black ink on warm paper, from pale wash to solid, one colour kept if the prompt names one."""
    _waver(stage, canvas, 0.004)
    grey = softened(_grey(canvas), stage.unit / 420)
    low, high = np.quantile(grey[::8, ::8], (0.02, 0.97))
    level = np.clip((grey - np.float32(low)) / np.float32(max(high - low, 0.05)), 0, 1)
    wash = resized(stage.noise("wash", 128, 1.5), stage.width, stage.height)
    level = np.clip(level + wash * np.float32(0.035) - _edges(grey, _reach(stage, 0.003)) * np.float32(0.9), 0, 1)
    hues = stage.hues()
    dark = mixed(paint("#16171c"), hues[0], 0.45) if hues else paint("#16171c")
    table = ramp(
        [dark, mixed(dark, paint("#7d7c7a"), 0.65), paint("#cfcabd"), paint("#f4efe3")], 256, (0, 0.34, 0.72, 1)
    )
    sheet = Canvas(looked_up(table, level))
    sheet.lift(tooth(stage) * np.float32(0.016))
    return sheet


def _papercut(stage: Stage, canvas: Canvas) -> Canvas:
    """Sheets of coloured paper stacked from light to dark, each throwing its shadow on the next."""
    grey = softened(_grey(canvas), stage.unit / 110)
    cuts = np.quantile(grey[::8, ::8], np.linspace(0.08, 0.92, 8))
    levels = np.linspace(0, 1, 4096, dtype=np.float32)
    piled = np.sum([smoothstep(cut - 0.004, cut + 0.004, levels) for cut in cuts.tolist()], axis=0)
    sheets = piled.take((grey * np.float32(len(levels) - 1)).astype(np.intp), mode="clip")
    reach = _reach(stage, 0.007)
    shade = sheets - softened(np.roll(sheets, (reach, reach), (0, 1)), reach * 0.9)
    tones = _means(canvas, sheets, len(cuts) + 1)
    paper = Canvas(looked_up(ramp(list(tones), len(cuts) * 32 + 1), sheets * np.float32(1 / len(cuts))))
    shade *= np.float32(0.34)
    paper.darken(Patch(np.clip(shade, 0, 0.5, out=shade)), paint("#241c2c"))
    paper.lift(tooth(stage) * np.float32(0.013))
    return paper


def _means(canvas: Canvas, sheets: Field, count: int) -> Field:
    """The mean colour of the picture on each sheet."""
    label = np.clip(np.rint(sheets[::4, ::4]), 0, count - 1).astype(np.intp).ravel()
    total = np.bincount(label, minlength=count) + _TRACE
    planes = [plane[::4, ::4].ravel() for plane in canvas.planes]
    sums = [np.bincount(label, weights=plane, minlength=count) + _TRACE * plane.mean() for plane in planes]
    return np.stack([one / total for one in sums], axis=1).astype(np.float32)


def _pencil(stage: Stage, canvas: Canvas) -> Canvas:
    """Graphite on paper: outlines, and hatching that crosses where it is dark."""
    grey = _grey(canvas)
    low, high = np.quantile(grey[::8, ::8], (0.02, 0.98))
    level = np.clip((grey - np.float32(low)) / np.float32(max(high - low, 0.05)), 0, 1)
    grain = tooth(stage)
    dark = _hatched(stage, level)
    outline = smoothstep(0.015, 0.13, _edges(softened(grey, 1.5), _reach(stage, 0.0022)))
    outline *= np.float32(0.62)
    dark *= 1 + grain * np.float32(0.38)
    dark += outline
    dark += (1 - level) * np.float32(0.16)
    sheet = stage.blank(paint("#f5f2ea"))
    hues = stage.hues()
    lead = mixed(paint("#2a2b30"), hues[0], 0.6) if hues else paint("#2a2b30")
    sheet.paint(Patch(np.clip(dark, 0, 0.94)), lead)
    sheet.lift(grain * np.float32(0.012))
    return sheet


def _hatched(stage: Stage, level: Field) -> Field:
    """Three directions of strokes, each where it is darker than for the one before."""
    shake = resized(stage.noise("hand", 96, 2.0), stage.width, stage.height) * np.float32(2.2)
    xs = np.arange(stage.width, dtype=np.float32)[None, :] / np.float32(stage.unit)
    ys = np.arange(stage.height, dtype=np.float32)[:, None] / np.float32(stage.unit)
    dark = np.zeros_like(level)
    for turn, below in ((0.75, 0.82), (-0.6, 0.46), (0.15, 0.24)):
        phase = xs * np.float32(np.cos(turn) * 560) + ys * np.float32(np.sin(turn) * 560)
        phase += shake
        stroke = np.sin(phase, out=phase)
        stroke += np.float32(1)
        stroke *= smoothstep(below, below - 0.55, level)
        stroke *= np.float32(0.23)
        dark += stroke
    return dark


def _pixel(stage: Stage, canvas: Canvas) -> Canvas:
    """Large square pixels in a small palette."""
    across = round(160 * stage.width / stage.unit)
    down = round(across * stage.height / stage.width)
    small = Image.fromarray(canvas.pixels(stage.random("pixel"), 0.0)).resize((across, down), Image.Resampling.BOX)
    few = small.quantize(28, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return Canvas.of_picture(few.resize((stage.width, stage.height), Image.Resampling.NEAREST))


def _film(stage: Stage, canvas: Canvas) -> Canvas:
    """A print from film: soft curve, bright parts that bleed, corners that fall off, grain."""
    grey = _grey(canvas)
    bleed = softened(smoothstep(0.62, 1.0, grey), stage.unit / 22)
    canvas.shine(Patch(np.clip(bleed * np.float32(0.22), 0, 1)), paint("#ffb98a"))
    xs = np.linspace(-1, 1, stage.width, dtype=np.float32)[None, :]
    ys = np.linspace(-1, 1, stage.height, dtype=np.float32)[:, None]
    fall = 1 - np.float32(0.24) * np.clip(xs * xs + ys * ys - np.float32(0.25), 0, 2)
    canvas.planes[:] *= fall * np.float32(0.94)
    canvas.planes[:] += np.array([0.035, 0.032, 0.045], dtype=np.float32)[:, None, None]
    if stage.brief.allows("grain"):
        canvas.lift(tooth(stage, "grain") * np.float32(0.026))
    return canvas


def _exposure(stage: Stage, canvas: Canvas) -> Canvas:
    """Everything that moved has become smooth: the picture drawn out sideways, the lower part most."""
    rows = np.linspace(0, 1, stage.height, dtype=np.float32)[:, None]
    share = np.float32(0.35) + np.float32(0.5) * smoothstep(0.4, 0.75, rows)
    reach = max(2, round(stage.width / (stage.unit * 0.12)))
    for plane in canvas.planes:
        short = np.array(Image.fromarray(plane).resize((reach, stage.height), Image.Resampling.BOX), dtype=np.float32)
        drawn = np.array(Image.fromarray(short).resize((stage.width, stage.height), Image.Resampling.BICUBIC))
        np.add(plane, (drawn - plane) * share * np.float32(0.72), out=plane)
    return canvas


def _print(stage: Stage, canvas: Canvas) -> Canvas:
    """Two or three inks through a screen of dots, a little out of register."""
    grey = softened(_grey(canvas), 1.5)
    low, high = np.quantile(grey[::8, ::8], (0.02, 0.98))
    level = np.clip((grey - np.float32(low)) / np.float32(max(high - low, 0.05)), 0, 1)
    hues = stage.hues()
    light = stage.light
    first = hues[0] if hues else mixed(light.horizon, paint("#f0653a"), 0.55)
    second = hues[1] if len(hues) > 1 else mixed(light.near, paint("#16324f"), 0.5)
    sheet = stage.blank(paint("#f5efdf"))
    for ink, (turn, curve), strength in ((first, (0.26, 1.25), 0.9), (second, (1.05, 0.72), 0.95)):
        sheet.darken(Patch(_screened(stage, level, turn, curve) * np.float32(strength)), ink)
    sheet.lift(tooth(stage) * np.float32(0.014))
    return sheet


def _screened(stage: Stage, level: Field, turn: float, curve: float) -> Field:
    """Dots whose size follows the darkness."""
    xs = np.arange(stage.width, dtype=np.float32)[None, :] / np.float32(stage.unit)
    ys = np.arange(stage.height, dtype=np.float32)[:, None] / np.float32(stage.unit)
    c, s = np.float32(np.cos(turn) * 430), np.float32(np.sin(turn) * 430)
    need = 1 - level
    need **= np.float32(1 / curve)
    need *= np.float32(1.18)
    dots = np.sin(xs * c + ys * s)
    dots *= np.sin(ys * c - xs * s)
    dots *= np.float32(0.5)
    need -= dots
    return smoothstep(0.41, 0.59, need)


STYLES: dict[str, Style] = {
    "oil": oil,
    "watercolour": _watercolour,
    "gouache": _gouache,
    "ink": _ink,
    "papercut": _papercut,
    "pencil": _pencil,
    "pixel": _pixel,
    "film": _film,
    "exposure": _exposure,
    "print": _print,
}
