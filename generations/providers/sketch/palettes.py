"""Light at the hours of the day, and the colours that words stand for."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from generations.providers.sketch.colour import greyed, lightness, mixed, paint, tinted
from generations.providers.sketch.fields import Field


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of one hour: the sky from zenith to horizon, its lamp, and air from far to near."""

    zenith: Field
    middle: Field
    horizon: Field
    glow: Field  # the air round the lamp
    disc: Field  # the sun or moon itself
    far: Field  # the farthest land
    near: Field  # the nearest land
    ground: Field  # earth in full light
    height: float  # of the lamp above the horizon, 0 to 1
    stars: float  # how many can be seen, 0 to 1

    @property
    def is_dark(self) -> bool:
        """Whether lamps would be lit."""
        return self.stars > 0.3

    def mapped(self, colours: Field) -> Light:
        """The same light with its eight colours replaced by the rows of ``colours``."""
        names = [field.name for field in fields(self)][: len(colours)]
        return replace(self, **dict(zip(names, colours, strict=True)))

    def stacked(self) -> Field:
        """The eight colours as rows (8, 3)."""
        return np.stack(
            [self.zenith, self.middle, self.horizon, self.glow, self.disc, self.far, self.near, self.ground]
        )


def _light(codes: str, height: float, stars: float = 0.0) -> Light:
    zenith, middle, horizon, glow, disc, far, near, ground = (paint(f"#{code}") for code in codes.split())
    return Light(zenith, middle, horizon, glow, disc, far, near, ground, height, stars)


HOURS: dict[str, tuple[Light, ...]] = {
    #               zenith middle horizon glow  disc   far    near   ground
    "dawn": (
        _light("54679a b3a1c0 f6c8b2 ffe0bd fff4d8 a8a5c4 2a2c4c c79a94", 0.10),
        _light("6c9aae c3cfca f8dcc2 fff0cf fffbe6 a9bcc0 22404a c9b39a", 0.12),
    ),
    "morning": (
        _light("5d93bd a5cbd8 eeeadb fff3d2 fffdf0 a3bfcc 1d4149 b9b98a", 0.42),
        _light("86a9bd c5d6d4 f5e6cf fff0cc fffbea b5c2c2 2f4a44 c9b78c", 0.34),
    ),
    "noon": (
        _light("2f78bd 7db8de dcedee fdf8e4 fffef4 94bad2 1f4a3d a5b56a", 0.78),
        _light("3a8fb7 8fcbdb e6f2ea fffbe8 fffef6 9fc6cd 1c5148 b2b878", 0.74),
    ),
    "golden": (
        _light("7d93a6 e0bd8c fcd791 ffedb4 fff8d6 d8ab7c 49291f d59a4e", 0.20),
        _light("94816f e5a866 ffcf7d ffe6a3 fff6cf cf9465 3c2320 cc8440", 0.16),
    ),
    "sunset": (
        _light("43224f a93f6a f78f56 ffcf6c fff3b8 b5627c 27102f a8506a", 0.09),
        _light("3b3a6e b56a86 f9a477 ffd592 fff3cf b98797 231d3c a0707c", 0.09),
        _light("742f3a d8593f fbae5a ffdc86 fff5c4 c97358 331420 b0553f", 0.10),
    ),
    "dusk": (
        _light("263f70 7188ab eccaa2 ffe4b2 fff5cc 9fb4cf 121e30 7f8fa0", 0.10),
        _light("2b2f63 7a6a9c e9a9a0 ffd2ac fff0d2 9a8fb8 17172e 836f8a", 0.08),
        _light("17495b 5f9499 efd0a4 ffe6b8 fff6d4 93b4b4 0c2229 7f9488", 0.09),
    ),
    "night": (
        _light("080e2a 1a2856 46598c 8fa4e0 fdfbe6 53659b 070b1a 3d4a72", 0.66, 1.0),
        _light("031219 0c2f3d 2d6068 8ccfc8 f6fbe8 376a72 040e14 315a60", 0.62, 1.0),
        _light("120b26 2c2155 5d4d8a b3a0e6 fdf6ea 66599a 0c081a 4c4176", 0.66, 1.0),
    ),
}

_OVERCAST = paint("#b7bfc0")
_STORM = paint("#39434c")


def weathered(light: Light, weather: str) -> Light:
    """The light as fog, rain, snow or a storm leaves it."""
    if weather in {"", "clear", "clouds", "wind"}:
        return light
    share, veil = {"fog": (0.62, 0.85), "rain": (0.55, 0.6), "snow": (0.5, 0.9), "storm": (0.66, 0.6)}[weather]
    if weather == "storm":
        return _veiled(light, mixed(light.zenith, _STORM, 0.75), share)
    tone = _OVERCAST if not light.is_dark else mixed(light.horizon, _OVERCAST, 0.1)
    if weather == "rain":
        tone = mixed(tone, _STORM, 0.45)
    veiled = _veiled(light, mixed(greyed(light.horizon, 0.4), tone, 0.6 * veil), share)
    return replace(veiled, stars=light.stars * 0.35)


def _veiled(light: Light, veil: Field, share: float) -> Light:
    shares = (share, share, share * 0.8, share * 0.7, share * 0.3, share * 0.8, share * 0.22, share * 0.5)
    rows = [mixed(greyed(row, part * 0.4), veil, part) for row, part in zip(light.stacked(), shares, strict=True)]
    return light.mapped(np.stack(rows))


def lit(light: Light, colour: Field) -> Field:
    """What a colour looks like in this light: warm and clear at noon, sunk into blue at night."""
    level = 0.30 if light.is_dark else min(1.0, 0.74 + 0.85 * light.height)
    warm = mixed(light.horizon, light.disc, 0.55)
    seen = colour * (0.35 + 0.65 * warm / max(float(warm.max()), 1e-3)) * np.float32(level)
    return mixed(seen.astype(np.float32), light.middle if light.is_dark else light.far, 0.42 if light.is_dark else 0.16)


def dyed(light: Light, hues: list[Field], strength: float = 1.0) -> Light:
    """The light steeped in the colours a prompt names: the first in the air, the last on the land."""
    if not hues or not strength:
        return light
    rows = light.stacked()
    air, land = hues[0], hues[-1]
    middle = hues[1] if len(hues) > 1 else air
    rows[[0, 1]] = tinted(rows[[0, 1]], air, 0.85 * strength)
    rows[[2, 3]] = tinted(rows[[2, 3]], middle, 0.68 * strength)
    rows[[4]] = tinted(rows[[4]], middle, 0.25 * strength)
    rows[[5, 6, 7]] = tinted(rows[[5, 6, 7]], land, 0.85 * strength)
    if lightness(air) > 0.93 or lightness(air) < 0.25:  # white and black are lightness, not hue
        rows = np.stack([mixed(row, air, 0.42 * strength) for row in rows])
    return light.mapped(rows)


NAMED: dict[str, str] = {
    "red": "#c8232c",
    "crimson": "#a5142f",
    "scarlet": "#d8321f",
    "vermilion": "#e2452a",
    "rust": "#a8492a",
    "terracotta": "#c5694a",
    "coral": "#f27a63",
    "salmon": "#f09a86",
    "orange": "#ef8524",
    "amber": "#f0a51e",
    "ochre": "#c98a2b",
    "gold": "#dba93a",
    "yellow": "#f3ce3c",
    "lemon": "#f5e15a",
    "mustard": "#cfa02f",
    "lime": "#a9cc3f",
    "olive": "#77803a",
    "green": "#2f8a4c",
    "emerald": "#0f8a62",
    "sage": "#9caf8e",
    "mint": "#a5dcc0",
    "jade": "#3a9b77",
    "viridian": "#2c7d69",
    "teal": "#147f83",
    "turquoise": "#35bdb5",
    "cyan": "#35b9d6",
    "blue": "#2a5fb8",
    "azure": "#4493dc",
    "cobalt": "#1f48a8",
    "navy": "#1b2a56",
    "ultramarine": "#2b34a6",
    "indigo": "#3d3590",
    "violet": "#7347b0",
    "purple": "#7a3d9a",
    "lavender": "#b3a2dc",
    "lilac": "#c5a3d8",
    "plum": "#74335f",
    "mauve": "#a8809f",
    "magenta": "#c42c8c",
    "pink": "#f094b2",
    "rose": "#d9647c",
    "peach": "#fbbf98",
    "burgundy": "#6d1a2d",
    "brown": "#7a5138",
    "sepia": "#8a6a47",
    "beige": "#dcc9a8",
    "cream": "#f3e8cf",
    "ivory": "#f6f0df",
    "sand": "#d8bd8f",
    "white": "#f7f6f2",
    "silver": "#bcc2c8",
    "grey": "#8b9094",
    "slate": "#566472",
    "charcoal": "#33383d",
    "black": "#15161a",
    "copper": "#b96a3d",
    "bronze": "#8f6b3a",
}


def named(word: str) -> Field:
    """The colour a word stands for; the word must be in ``NAMED``."""
    return paint(NAMED[word])


EARTHS: dict[str, tuple[str, ...]] = {
    "spring": ("#8fb96a", "#bcd27a", "#f0b8c6", "#f7e3a1", "#5f9460"),
    "summer": ("#5f9a4e", "#a9b84f", "#e3c65a", "#3f7a4b", "#cfd06a"),
    "autumn": ("#c9822f", "#a84a2a", "#dcaa45", "#7a4a2e", "#8f8a3e"),
    "winter": ("#e9eef2", "#cfdae4", "#b5c4d4", "#f7f8f8", "#93a6ba"),
}
