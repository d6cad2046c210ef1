"""The design's values as ``static/css/tokens.css`` has them, and how well its colours are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.contrib.staticfiles import finders

DARKEST = 0.04045  # of a channel: below it the scale is straight
TEXT, SHAPE = 4.5, 3.0  # the least contrast that WCAG asks of text, and of what shows where a control is

DECLARATION = re.compile(r"^  --([\w-]+):\s*([^;]+);", re.MULTILINE)
BOTH = re.compile(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
FONT = re.compile(r"(\d{3}) (\d+)px/(\d+)px var\(--(\w+)\)")
PIXELS = re.compile(r"(\d+)px")

# What is read or seen on what, and how well at least.
PAIRS = (
    *(
        (text, ground, TEXT)
        for text in ("ink", "ink-2", "accent", "danger", "warning")
        for ground in ("canvas", "surface")
    ),
    ("ink", "sunken", TEXT),
    ("ink-2", "sunken", TEXT),
    ("ink-3", "canvas", TEXT),
    ("ink-3", "surface", TEXT),
    ("ink", "raised", TEXT),
    ("ink-2", "accent-tint", TEXT),
    ("on-tint", "accent-tint", TEXT),
    ("accent", "accent-tint", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("danger", "danger-tint", TEXT),
    ("warning", "warning-tint", TEXT),
    ("on-inverse", "inverse", TEXT),
    ("inverse-accent", "inverse", TEXT),
    ("edge", "surface", SHAPE),
    ("edge", "canvas", SHAPE),
)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour role in both themes."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Pair:
    """How well one colour is told from another that it stands on."""

    upon: Colour
    ground: Colour
    least: float

    @property
    def light(self) -> float:
        """The ratio in the light theme."""
        return contrast(self.upon.light, self.ground.light)

    @property
    def dark(self) -> float:
        """The ratio in the dark theme."""
        return contrast(self.upon.dark, self.ground.dark)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the type scale."""

    name: str
    weight: int
    size: int
    line: int
    face: str


@dataclass(frozen=True, slots=True)
class Length:
    """A space, a radius or a size in pixels."""

    name: str
    pixels: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """All of them, by kind; ``others`` are those that only their own words can show."""

    colours: list[Colour]
    pairs: list[Pair]
    steps: list[Step]
    spaces: list[Length]
    radii: list[Length]
    shadows: list[str]
    others: list[tuple[str, str]]


def read() -> Tokens:
    """As the pages load them."""
    text = Path(str(finders.find("css/tokens.css"))).read_text()
    root = text[text.index(":root {") : text.index("\n}\n")]
    values = {name: " ".join(value.split()) for name, value in DECLARATION.findall(root)}
    colours = {colour.name: colour for colour in _colours(values)}
    steps, lengths = list(_steps(values)), list(_lengths(values))
    shadows = [name for name in values if name.startswith("sh-")]
    shown = {*colours, *shadows, *(step.name for step in steps), *(length.name for length in lengths)}
    return Tokens(
        colours=list(colours.values()),
        pairs=[Pair(colours[upon], colours[ground], least) for upon, ground, least in PAIRS],
        steps=steps,
        spaces=[length for length in lengths if not length.name.startswith("r-")],
        radii=[length for length in lengths if length.name.startswith("r-")],
        shadows=shadows,
        others=[(name, value) for name, value in values.items() if name not in shown],
    )


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours that are written ``#rrggbb``."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= DARKEST else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colours(values: dict[str, str]) -> Iterator[Colour]:
    for name, value in values.items():
        if both := BOTH.fullmatch(value):
            yield Colour(name, both[1], both[2])
        elif re.fullmatch("#[0-9a-f]{6}", value):
            yield Colour(name, value, value)


def _steps(values: dict[str, str]) -> Iterator[Step]:
    for name, value in values.items():
        if font := FONT.fullmatch(value):
            yield Step(name, int(font[1]), int(font[2]), int(font[3]), font[4])


def _lengths(values: dict[str, str]) -> Iterator[Length]:
    for name, value in values.items():
        if length := PIXELS.fullmatch(value):
            yield Length(name, int(length[1]))
