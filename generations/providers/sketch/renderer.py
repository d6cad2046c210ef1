"""Prompt and seed in, picture out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generations.providers.sketch.brief import Brief
from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.encoding import encoded
from generations.providers.sketch.palettes import HOURS, Light, dyed, named, weathered
from generations.providers.sketch.scenes.table import SCENES, Scene
from generations.providers.sketch.stage import Stage, chance
from generations.providers.sketch.styles import styled
from generations.providers.sketch.weather import fallen
from generations.providers.sketch.words import describe

__all__ = ["describe", "drawn", "render"]


def render(
    prompt: str,
    *,
    negative_prompt: str = "",
    width: int,
    height: int,
    seed: int,
    output_format: str = "png",
) -> bytes:
    """The file (``png``, ``jpeg`` or ``webp``) of a picture of the prompt.

    The same arguments give the same bytes. Another seed is another take on the same brief, and
    another size of the same shape is the same picture.
    """
    key = f"{prompt}\x1f{seed}"  # without the negative prompt: the same picture, less what it names
    turn = int(chance("turn", prompt).integers(1 << 16)) + seed
    return encoded(drawn(describe(prompt, negative_prompt), (width, height), key, turn), output_format)


def drawn(brief: Brief, size: tuple[int, int], key: str, turn: int) -> NDArray[np.uint8]:
    """The pixels (height, width, 3) of a picture of the brief.

    Another ``key`` is another picture; of those alike in it, neighbouring turns differ most.
    """
    scene = SCENES[brief.scene]
    stage = Stage(brief, _light(brief, scene, turn), *size, key, turn)
    canvas: Canvas = scene.draw(stage)
    if scene.outdoors:
        fallen(stage, canvas)
    canvas = styled(stage, canvas)
    grain = 0.0 if brief.style == "pixel" else 1.3
    return canvas.pixels(stage.random("grain"), grain)


def _light(brief: Brief, scene: Scene, turn: int) -> Light:
    """The light of the hour the words name, else of one the scene likes; neighbouring seeds differ."""
    hours = [hour for hour in scene.hours if hour not in brief.without] or ["noon"]
    hour = brief.time or hours[turn % len(hours)]
    variants = HOURS[hour]
    light = variants[(turn if brief.time else turn // len(hours)) % len(variants)]
    return dyed(weathered(light, brief.weather), [named(colour) for colour in brief.colours], scene.dye)
