"""Everything a scene is given to work with: the brief, its light, the size, and chance by name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.brief import Brief
from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.colour import ramp
from generations.providers.sketch.fields import Field, fractal, lattice
from generations.providers.sketch.palettes import Light, named


def chance(*parts: str) -> np.random.Generator:
    """Random numbers that depend on the parts alone, in this and every other process."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


@dataclass(frozen=True, slots=True)
class Stage:
    """One picture to be made. ``key`` holds prompt and seed, never the size."""

    brief: Brief
    light: Light
    width: int
    height: int
    key: str
    turn: int = 0  # grows by one with the seed

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def unit(self) -> float:
        """The short side in pixels."""
        return float(min(self.width, self.height))

    @property
    def tall(self) -> bool:
        """Whether the picture stands upright."""
        return self.width < self.height

    def random(self, name: str) -> np.random.Generator:
        """The chance that belongs to one part of the picture."""
        return chance(self.key, name)

    def cycled(self, name: str, count: int) -> int:
        """A choice among ``count`` that neighbouring seeds make differently."""
        return (self.turn + int(chance("cycle", name).integers(count))) % count

    def third(self, name: str = "third") -> float:
        """An x near one of the vertical thirds, as a share of the width."""
        rng = self.random(name)
        return float((1 if rng.random() < 0.5 else 2) / 3 + rng.uniform(-0.07, 0.07))

    def noise(self, name: str, detail: int, slope: float, stretch: tuple[float, float] = (1.0, 1.0)) -> Field:
        """Fractal noise of the picture's shape with ``detail`` pixels on the short side."""
        width, height = lattice(self.width, self.height, detail)
        return fractal(self.random(name), width, height, slope=slope, stretch=stretch)

    def hues(self) -> list[Field]:
        """The colours the prompt names, as colours."""
        return [named(word) for word in self.brief.colours]

    def sky_rows(self, count: int, horizon: float) -> Field:
        """The sky's colours (count, 3) from the top of the picture to its foot; below the horizon it holds."""
        light = self.light
        stops = [light.zenith, light.middle, light.horizon, light.horizon]
        return ramp(stops, count, (0.0, 0.58 * horizon, horizon, max(1.0, horizon + 1e-3)))

    def blank(self, colour: Field) -> Canvas:
        """A canvas of the picture's size."""
        return Canvas.filled(self.width, self.height, colour)
