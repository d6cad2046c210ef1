"""Sand dunes: lit faces, sharp crests, shadow in the lee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint, tinted
from generations.providers.sketch.fields import Field, fractal, profile, resized, sampled, smoothstep
from generations.providers.sketch.palettes import lit
from generations.providers.sketch.sky import Sky, cloud_amount, lamp_for, painted_sky
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot


@dataclass(frozen=True, slots=True)
class Dune:
    """One dune: its number, how near it is (0 to 1), its foot in pixels, and the side the light is on."""

    index: int
    near: float
    base: float
    side: float


def dunes(stage: Stage) -> Canvas:
    """Five to seven dunes from the haze to the foreground."""
    rng = stage.random("dunes")
    skyline = float(rng.uniform(0.34, 0.52)) + (0.08 if stage.tall else 0.0)
    lamp = lamp_for(stage, skyline, lift=0.08)
    canvas = painted_sky(stage, Sky(skyline, cloud_amount(stage, 0.12), lamp))
    count = 4 if stage.brief.style == "minimal" else int(rng.integers(5, 8))
    side = -1.0 if lamp and lamp.x > 0.5 else 1.0
    for i in range(count):
        near = i / (count - 1)
        base = skyline + (0.95 - skyline) * near**1.2
        _dune(stage, canvas, Dune(i, near, base * stage.height, side))
    _ripples(stage, canvas, skyline)
    _subject(stage, canvas, skyline)
    return canvas


def _subject(stage: Stage, canvas: Canvas, skyline: float) -> None:
    x = stage.third("traveller") * stage.width
    if stage.brief.subject == "balloon":
        cast(stage, canvas, Spot(x, skyline * stage.height * 0.52, stage.unit * 0.33))
    else:
        cast(stage, canvas, Spot(x, (skyline + (0.93 - skyline) * 0.55) * stage.height, stage.unit * 0.24))


def _dune(stage: Stage, canvas: Canvas, dune: Dune) -> None:
    rng = stage.random(f"dune-{dune.index}")
    size = stage.unit * (0.022 + 0.05 * dune.near) * (1.2 if stage.tall else 1.0)
    wave = profile(rng, stage.width, stage.unit, slope=3.6, low=0.7 + 0.5 * (1 - dune.near))
    crest = (wave * np.float32(size) + np.float32(dune.base)).astype(np.float32)
    lit_face, shade = _sand(stage, dune.near)
    rows = np.arange(stage.height, dtype=np.float32)
    fall = np.clip((rows - float(crest.min())) / (stage.unit * (0.10 + 0.3 * dune.near)), 0, 1)
    tones = lit_face[:, None] + (lightened(lit_face, -0.075) - lit_face)[:, None] * fall[None]
    canvas.ground(crest, tones[:, :, None])
    _lee(stage, canvas, crest, (dune, shade, size))


def _lee(stage: Stage, canvas: Canvas, crest: Field, face: tuple[Dune, Field, float]) -> None:
    """The slip face: shadow that hangs from the crest wherever it turns from the light."""
    dune, shade, size = face
    rng = stage.random(f"lee-{dune.index}")
    turned = np.gradient(crest) * dune.side * np.float32(stage.unit / size / 4.2)
    wander = profile(rng, stage.width, stage.unit, slope=3.4, low=0.9)
    hang = np.clip(turned + wander * np.float32(0.75), 0, None)
    drop = hang * np.float32(size * 0.85)
    top, foot = int(max(0, crest.min() - 1)), int(min(stage.height, (crest + drop).max() + 2))
    rows = np.arange(top, foot, dtype=np.float32)[:, None] + 0.5
    upper = np.clip(rows - crest[None] + 0.5, 0, 1)
    soft = np.float32(max(1.0, stage.unit * 0.0012 * (1 + 3 * dune.near)))
    lower = np.clip((crest + drop)[None] - rows, 0, soft) / soft
    canvas.paint(Patch((upper * lower).astype(np.float32), 0, top), shade)


def _sand(stage: Stage, near: float) -> tuple[Field, Field]:
    """The lit and the shaded colour of a dune."""
    light, brief = stage.light, stage.brief
    bare = paint("#e9edf1") if brief.season == "winter" or brief.weather == "snow" else paint("#e8b878")
    sand = lit(light, bare)
    hues = stage.hues()
    if hues:
        sand = tinted(sand[None], hues[-1], 0.8)[0]
    lit_face = mixed(mixed(light.horizon, sand, 0.5), sand, near**0.7)
    shade = mixed(
        mixed(lit_face, light.far, 0.4), mixed(sand, mixed(light.near, paint("#4a2a22"), 0.65), 0.55), 0.3 + 0.7 * near
    )
    return lit_face, shade


def _ripples(stage: Stage, canvas: Canvas, skyline: float) -> None:
    """Wind ripples, close together far off and broad at one's feet."""
    top = int(skyline * stage.height)
    width, height = (
        max(2, min(stage.width, 1408) // 2),
        max(2, (stage.height - top) * min(stage.width, 1408) // stage.width // 2),
    )
    depth = np.linspace(0, 1, height, dtype=np.float32)
    distance = 1 / (depth * 1.1 + 0.16)
    bend = fractal(stage.random("ripples"), 256, 256, slope=2.6, low=1.5)
    columns = np.linspace(-0.5, 0.5, width, dtype=np.float32) * stage.aspect
    xs = columns[None] * distance[:, None] * 60 + 128
    ys = np.broadcast_to((distance * 50)[:, None], xs.shape)
    phase = sampled(bend, xs.astype(np.float32), ys.astype(np.float32)) * 5 + distance[:, None] * 190 + xs * 0.12
    fade = (smoothstep(0.3, 1.0, depth) * np.float32(0.016))[:, None]
    canvas.lift(resized(np.asarray(np.sin(phase) * fade, np.float32), stage.width, stage.height - top), top)
