"""The room of a still life: wall, table, shadows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import greyed, lightened, mixed, paint
from generations.providers.sketch.fields import Field, resized
from generations.providers.sketch.paper import wall
from generations.providers.sketch.stage import Stage

# wall in light, wall in shade, table, then glazes
_ROOMS = (
    "#efeade #b9b3a4 #b08e62 #e9e3d6 #2f5a6e #b8472f #6d7f5a",
    "#f1c6aa #c58a70 #bb6d4d #3f6072 #ece5d6 #8a4a3a #d8a657",
    "#41665c #243f39 #8a5a3c #d6934d #e8e0cf #7fa79f #b5533a",
    "#c9cfd2 #87919a #6c5a4c #2e3f5c #e7dccb #c1694a #8f9b7a",
    "#e9d9a8 #b79f63 #7d4f34 #234a4a #f0ead8 #c9562f #5a6f8c",
    "#4a3b52 #261f30 #6a4538 #cfa9a0 #e6dccd #7a5f8e #c98a4b",
)


@dataclass(frozen=True, slots=True)
class Room:
    """Wall, table and glazes; the height of the table's edge as a share; which side the light is on."""

    tones: list[Field]
    edge: float
    side: float


def room_for(stage: Stage) -> Room:
    """A room and its glazes, in the colours and the light the prompt names."""
    rng = stage.random("room")
    tones = [paint(code) for code in _ROOMS[stage.cycled("room", len(_ROOMS))].split()]
    hues = stage.hues()
    if hues:
        tones[3] = hues[0]
        tones[4] = hues[1] if len(hues) > 1 else lightened(hues[0], -0.14)
        tones[5] = mixed(tones[5], hues[-1], 0.6)
        tones[6] = hues[0]
        tones[:2] = [mixed(tone, lightened(greyed(hues[-1], 0.5), 0.1), 0.4) for tone in tones[:2]]
    if stage.brief.time and stage.light.is_dark:
        tones = [mixed(lightened(tone, -0.26), stage.light.middle, 0.3) for tone in tones]
    elif stage.brief.time:
        tones = [mixed(tone, tone * stage.light.horizon, 0.6) for tone in tones]
    return Room(tones, float(rng.uniform(0.64, 0.72)), float(rng.choice([-1.0, 1.0])))


def table(stage: Stage, room: Room) -> Canvas:
    """The empty room: a plaster wall and a wooden table before it."""
    canvas = wall(stage, room.tones[0], room.tones[1], 0.22 if room.side < 0 else 0.78)
    height, width = stage.height, stage.width
    grain = resized(stage.noise("grain", 220, 1.35, (9.0, 0.6)), width, height)
    rows = np.linspace(0, 1, height, dtype=np.float32)
    near = np.clip((rows - room.edge) / (1 - room.edge), 0, 1)
    wood = room.tones[2]
    tones = lightened(wood, 0.05)[:, None] + (lightened(wood, -0.10) - lightened(wood, 0.05))[:, None] * near[None]
    start = int(room.edge * height)
    canvas.ground(np.full(width, room.edge * height, dtype=np.float32), tones[:, :, None].astype(np.float32))
    canvas.lift(grain[start:] * np.float32(0.016), start)
    seam = np.exp(-(((rows[start:] - room.edge) * height / (stage.unit * 0.02)) ** 1.0)).astype(np.float32)
    canvas.darken(Patch(np.broadcast_to((seam * 0.18)[:, None], (height - start, width)), 0, start), paint("#3a2618"))
    return canvas


def cast_shadow(canvas: Canvas, at: tuple[float, float, float], side: float, height: float) -> None:
    """The soft shadow of a thing standing at x, foot with a radius, thrown away from the light."""
    x, foot, radius = at
    for reach, depth, strength in ((2.1, 0.34, 0.42), (1.2, 0.2, 0.55)):
        centre = x - side * radius * (reach - 0.75)
        left, right = int(max(0, centre - radius * 2.6 * reach)), int(min(canvas.width, centre + radius * 2.6 * reach))
        top, bottom = int(max(0, foot - height * 0.5)), int(min(canvas.height, foot + height * 0.5))
        xs = (np.arange(left, right, dtype=np.float32)[None, :] - centre) / (radius * reach)
        ys = (np.arange(top, bottom, dtype=np.float32)[:, None] - foot) / (radius * depth)
        cover = np.exp(-(xs * xs + ys * ys) * np.float32(1.15)) * np.float32(strength)
        canvas.darken(Patch(cover.astype(np.float32), left, top), paint("#33241f"))
