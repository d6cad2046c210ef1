"""A skyline at the water's edge, its windows lit after dark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint, ramp
from generations.providers.sketch.fields import Field
from generations.providers.sketch.shapes import Points, covered, points
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.water import Water, reflected

_RANKS = 4
_LAMPS = ("#ffd58a", "#ffe7bd", "#ffb765", "#cfe3ff")


@dataclass(frozen=True, slots=True)
class Tower:
    """A building: left edge, width and top in pixels, and the shape of its roof."""

    left: float
    width: float
    top: float
    roof: str


def city(stage: Stage) -> Canvas:
    """Four ranks of buildings in haze over their reflection."""
    rng = stage.random("city")
    shore = float(rng.uniform(0.70, 0.78))
    lamp = lamp_for(stage, shore - 0.12, lift=0.10)
    canvas = painted_sky(stage, Sky(shore, cloud_amount(stage, 0.45), lamp))
    slate = mixed(stage.light.near, paint("#1f2c3d"), 0.55)
    tones = ramp(
        [
            mixed(stage.light.far, stage.light.horizon, 0.35),
            mixed(stage.light.far, stage.light.near, 0.5),
            slate,
        ],
        _RANKS,
    )
    for rank in range(_RANKS):
        _rank(stage, canvas, (rank, shore), tones[rank])
        if rank < _RANKS - 1:
            _haze(stage, canvas, shore, 0.30 - 0.06 * rank)
    wet = stage.brief.weather in {"rain", "storm"}
    reflected(stage, canvas, Water(shore, 0.75 if wet else float(rng.uniform(0.2, 0.5)), lamp, "river"))
    return canvas


def _haze(stage: Stage, canvas: Canvas, shore: float, strength: float) -> None:
    top, foot = int((shore - 0.34) * stage.height), int(shore * stage.height)
    cover = np.linspace(0, 1, foot - top, dtype=np.float32) ** np.float32(1.6) * np.float32(strength)
    if stage.brief.weather == "fog":
        cover *= 1.9
    glow = mixed(stage.light.horizon, stage.light.glow, 0.4)
    sheet = np.broadcast_to(np.clip(cover, 0, 1)[:, None], (foot - top, stage.width))
    canvas.paint(Patch(sheet, 0, top), glow)


def _rank(stage: Stage, canvas: Canvas, place: tuple[int, float], tone: Field) -> None:
    rank, shore = place
    foot = shore * stage.height
    towers = _towers(stage, rank, foot)
    outlines: list[Points] = []
    for tower in towers:
        outlines += _outline(tower, foot)
    canvas.paint(covered(canvas, outlines), tone)
    after_dark = stage.light.is_dark or stage.light.height < 0.11
    if after_dark and stage.brief.allows("lights"):
        rng = stage.random(f"windows-{rank}")
        share = (0.5 if stage.light.is_dark else 0.26) * (0.75 + 0.25 * rank / _RANKS)
        for tower in towers:
            _windows(stage, canvas, rng, tower, (foot, share * rng.uniform(0.35, 1.25), rank))
    elif rank > 0:
        rng = stage.random(f"panes-{rank}")
        for tower in towers:
            _panes(stage, canvas, tower, (foot, float(rng.uniform(0.3, 1.0)), tone))


def _towers(stage: Stage, rank: int, foot: float) -> list[Tower]:
    rng = stage.random(f"towers-{rank}")
    unit = stage.unit
    centre = stage.third("downtown") * stage.width
    tall = (0.50, 0.46, 0.36, 0.20)[rank] * (1.25 if stage.tall else 1.0) * float(rng.uniform(0.9, 1.1))
    towers = []
    x = -unit * 0.05
    while x < stage.width:
        width = unit * float(rng.uniform(0.035, 0.085)) * (1 + 0.22 * rank)
        near = np.exp(-(((x - centre) / (unit * 0.62)) ** 2))
        height = unit * tall * (0.22 + 0.78 * near) * float(rng.uniform(0.42, 1.08))
        roof = str(rng.choice(["flat", "flat", "step", "mast", "spire", "slant", "crown"]))
        if rank == _RANKS - 1:
            roof = str(rng.choice(["flat", "flat", "step", "slant"]))
        towers.append(Tower(x, width, foot - height, roof))
        x += width * float(rng.uniform(0.70, 0.98))
    return towers


# Roofs above a body of width 1: corners from (0, 0) at the upper left, heights upwards.
_ROOFS: dict[str, tuple[tuple[float, float], ...]] = {
    "step": ((0.2, -0.02), (0.2, 0.35), (0.8, 0.35), (0.8, -0.02)),
    "mast": ((0.482, -0.02), (0.5, 0.95), (0.518, -0.02)),
    "spire": ((0.12, -0.02), (0.5, 0.9), (0.88, -0.02)),
    "slant": ((0.0, -0.02), (0.0, 0.4), (1.0, 0.0), (1.0, -0.02)),
    "crown": (
        *((0.15, -0.02), (0.15, 0.3), (0.32, 0.3), (0.32, 0.55), (0.47, 0.55), (0.5, 1.0)),
        *((0.53, 0.55), (0.68, 0.55), (0.68, 0.3), (0.85, 0.3), (0.85, -0.02)),
    ),
}


def _outline(tower: Tower, foot: float) -> list[Points]:
    left, right, top = tower.left, tower.left + tower.width, tower.top
    body = points((left, foot + 2), (left, top), (right, top), (right, foot + 2))
    roof = _ROOFS.get(tower.roof)
    if roof is None:
        return [body]
    return [body, points(*((left + tower.width * x, top - tower.width * y) for x, y in roof))]


def _windows(
    stage: Stage, canvas: Canvas, rng: np.random.Generator, tower: Tower, state: tuple[float, float, int]
) -> None:
    """Lit panes on a grid; whole floors dark, single rooms bright."""
    foot, share, rank = state
    pitch_x, pitch_y = stage.unit * (0.0085 + 0.0016 * rank), stage.unit * (0.0118 + 0.0018 * rank)
    columns, floors = int(tower.width * 0.84 / pitch_x), int((foot - tower.top) / pitch_y - 1.2)
    if columns < 1 or floors < 1:
        return
    lit = (rng.random((floors, columns)) < share) * rng.uniform(0.35, 1.0, (floors, columns))
    lit *= rng.random((floors, 1)) > 0.12
    left, top = tower.left + (tower.width - columns * pitch_x) / 2, tower.top + pitch_y * 0.8
    x0, x1 = max(0, int(left)), min(canvas.width, int(left + columns * pitch_x) + 1)
    y0, y1 = max(0, int(top)), min(canvas.height, int(top + floors * pitch_y) + 1)
    if x1 <= x0 or y1 <= y0:
        return
    u = (np.arange(x0, x1) + 0.5 - left) / pitch_x
    v = (np.arange(y0, y1) + 0.5 - top) / pitch_y
    pane_x = np.clip((0.31 - np.abs(u % 1 - 0.5)) * pitch_x + 0.5, 0, 1) * (u >= 0) * (u < columns)
    pane_y = np.clip((0.30 - np.abs(v % 1 - 0.5)) * pitch_y + 0.5, 0, 1) * (v >= 0) * (v < floors)
    power = lit[np.clip(v.astype(int), 0, floors - 1)[:, None], np.clip(u.astype(int), 0, columns - 1)[None, :]]
    cover = power * pane_x[None, :] * pane_y[:, None] * (0.55 + 0.14 * rank)
    hues = stage.hues()
    colour = hues[-1] if hues and rng.random() < 0.6 else paint(_LAMPS[int(rng.choice(4, p=[0.5, 0.25, 0.17, 0.08]))])
    canvas.paint(Patch(cover.astype(np.float32), x0, y0), lightened(colour, 0.03))


def _panes(stage: Stage, canvas: Canvas, tower: Tower, look: tuple[float, float, Field]) -> None:
    """By day: a façade that catches the sky on one side and fades in bands."""
    foot, strength, tone = look
    x0, x1 = max(0, int(tower.left)), min(canvas.width, int(tower.left + tower.width))
    y0, y1 = max(0, int(tower.top) + 1), min(canvas.height, int(foot))
    if x1 <= x0 or y1 <= y0:
        return
    pitch = stage.unit * 0.0125
    floors = ((np.arange(y0, y1) - tower.top) / pitch % 1 < 0.55).astype(np.float32)[:, None]
    sheen = np.linspace(1, 0.1, y1 - y0, dtype=np.float32)[:, None]
    cover = floors * sheen * np.float32(0.16 * strength) * np.ones((1, x1 - x0), dtype=np.float32)
    canvas.paint(Patch(cover.astype(np.float32), x0, y0), mixed(stage.light.horizon, tone, 0.2))
