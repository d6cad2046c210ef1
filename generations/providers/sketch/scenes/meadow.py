"""A meadow in flower, seen from low down."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, profile
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.shapes import Points, covered
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot

_BEDS = (
    "#d9402f #f0b33c #f6efe2",
    "#8a6cc8 #c8a8e0 #f4eef6",
    "#f2c53c #f7f1e3 #e8883a",
    "#e8799a #f6c8d2 #b8457a",
    "#4f74c8 #f4f0e6 #e9b84a",
)

_PETALS = 0.4  # nearer than this a blossom has petals
_KINDS = {
    "poppy": "#d63a2a #e8604a #f6efe2",
    "sunflower": "#f2b82c #f7d04a #e89a24",
    "rose": "#d4506c #f0a8b4 #f8e4de",
    "tulip": "#e0483c #f2b93a #f3c6cf",
    "daisy": "#f8f5ec #f3ead0 #f2c53c",
    "lavender": "#8a6cc8 #a48ad8 #6f57b0",
    "cornflower": "#4468c8 #7a94dc #e8ecf4",
}


def meadow(stage: Stage) -> Canvas:
    """Hills, then grass and flowers that grow as they come nearer."""
    rng = stage.random("meadow")
    skyline = float(rng.uniform(0.40, 0.50)) + (0.05 if stage.tall else 0)
    lamp = lamp_for(stage, skyline, lift=0.10)
    canvas = painted_sky(stage, Sky(skyline, cloud_amount(stage, 0.5), lamp))
    light = stage.light
    green = lit(light, paint({"autumn": "#a8893f", "spring": "#86ad58"}.get(stage.brief.season, "#6f9a4c")))
    line = np.zeros(stage.width, dtype=np.float32)
    for i, rise in enumerate((0.0, 0.06, 0.13)):
        wave = profile(stage.random(f"rise-{i}"), stage.width, stage.unit, slope=3.2, low=0.9)
        line = ((skyline + rise) * stage.height + wave * np.float32(0.022 * stage.unit)).astype(np.float32)
        tone = mixed(mixed(light.far, light.horizon, 0.3), green, (0.25, 0.55, 0.9)[i])
        rows = np.arange(stage.height, dtype=np.float32)
        share = np.clip((rows - float(line.min())) / (stage.height * 0.5), 0, 1)
        foot = mixed(tone, light.near, 0.55)
        canvas.ground(line, (tone[:, None] + (foot - tone)[:, None] * share[None])[:, :, None].astype(np.float32))
    x = stage.third("meadow-spot")
    at = int(x * stage.width)
    if stage.brief.subject == "balloon":
        cast(stage, canvas, Spot(x * stage.width, skyline * stage.height * 0.45, stage.unit * 0.3))
    else:
        cast(stage, canvas, Spot(x * stage.width, float(line[at]) + stage.unit * 0.05, stage.unit * 0.30))
    _beds(stage, canvas, float(line.mean()), green)
    return canvas


def _beds(stage: Stage, canvas: Canvas, start: float, green: Field) -> None:
    """Rows of stems and blossoms from small and pale to large and clear."""
    named = next((codes for word, codes in _KINDS.items() if stage.brief.has(word)), "")
    dyes = [paint(code) for code in (named or _BEDS[stage.cycled("beds", len(_BEDS))]).split()]
    hues = stage.hues()
    if hues and not (named and stage.brief.colours == ("lavender",)):
        dyes = [
            hues[0],
            hues[1] if len(hues) > 1 else lightened(hues[0], 0.12),
            hues[2] if len(hues) > 2 else lightened(hues[0], -0.1),
        ]
    dyes = [lit(stage.light, dye) for dye in dyes]
    count = 8
    for row in range(count):
        near = row / (count - 1)
        base = start + (stage.height * 1.12 - start) * (0.04 + 0.96 * near**1.35)
        _bed(stage, canvas, (row, near, base), (dyes, mixed(green, stage.light.near, 0.25 + 0.35 * near)))


def _bed(stage: Stage, canvas: Canvas, place: tuple[int, float, float], dye: tuple[list[Field], Field]) -> None:
    row, near, base = place
    dyes, stalk = dye
    rng = stage.random(f"bed-{row}")
    size = stage.unit * (0.0050 + 0.030 * near**1.25)
    clumps = profile(rng, stage.width, stage.unit, slope=1.6, low=2)
    stems = _grass(stage, rng, (near, base, size))
    x = rng.random(int(stage.width / stage.unit * (150 - 112 * near**0.6))) * stage.width
    x = x[clumps[x.astype(int)] >= rng.normal(-0.55, 0.6, len(x))]
    tall = size * rng.uniform(3.2, 6.5, len(x))
    tips = np.stack([x + rng.normal(0.1, 0.16, len(x)) * tall, base - tall], axis=1)
    foot = np.full(len(x), base + size * 2)
    sides = [np.stack([x + lean, foot], axis=1) for lean in (-size * 0.09, size * 0.09)]
    stems += list(np.stack([sides[0], tips, sides[1]], axis=1))
    canvas.paint(covered(canvas, stems).times(0.92), stalk)
    kinds = rng.choice(3, len(x), p=[0.62, 0.24, 0.14])
    for kind, tone in enumerate(dyes):
        heads = _blossoms(rng, tips[kinds == kind], size, near)
        canvas.paint(covered(canvas, heads), mixed(tone, stage.light.horizon, 0.30 * (1 - near)))
    if near > _PETALS:
        hearts = _ovals(tips, np.full((len(x), 2), size) * [0.22, 0.17], np.zeros(len(x)))
        canvas.paint(covered(canvas, hearts), mixed(stalk, paint("#3a2a1e"), 0.5))


def _grass(stage: Stage, rng: np.random.Generator, place: tuple[float, float, float]) -> list[Points]:
    """Blades between the stems of one bed."""
    near, base, size = place
    count = int(stage.width / stage.unit * (200 - 90 * near))
    x = rng.random(count) * stage.width
    tall = size * rng.uniform(1.5, 5.7, count)
    tip = x + rng.uniform(-0.28, 0.42, count) * tall
    foot = np.full(count, base + size * 2)
    wide = size * 0.10
    corners = [
        np.stack([x - wide, foot], axis=1),
        np.stack([tip, base - tall], axis=1),
        np.stack([x + wide, foot], axis=1),
    ]
    return list(np.stack(corners, axis=1))


def _blossoms(rng: np.random.Generator, tips: Points, size: float, near: float) -> list[Points]:
    """Five petals on each tip; far off, a single dab."""
    count = len(tips)
    sizes = size * rng.uniform(0.75, 1.2, count)
    if near <= _PETALS:
        return _ovals(tips, sizes[:, None] * [0.62, 0.46], np.zeros(count))
    turns = rng.uniform(0, 6, count)
    petals: list[Points] = []
    for k in range(5):
        angles = turns + k * 2 * np.pi / 5
        away = np.stack([np.cos(angles) * 0.44, np.sin(angles) * 0.34], axis=1) * sizes[:, None]
        petals += _ovals(tips + away, sizes[:, None] * [0.44, 0.32], angles)
    return petals


def _ovals(centres: Points, radii: Points, turns: Points) -> list[Points]:
    """Many small ellipses at once."""
    t = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    u, v = np.cos(t) * radii[:, :1], np.sin(t) * radii[:, 1:]
    c, s = np.cos(turns)[:, None], np.sin(turns)[:, None]
    return list(np.stack([centres[:, :1] + u * c - v * s, centres[:, 1:] + u * s + v * c], axis=2))
