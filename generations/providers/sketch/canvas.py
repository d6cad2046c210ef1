"""The canvas: three float planes, the strokes that cover them, and the eight-bit picture at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generations.providers.sketch.fields import Field, resized

_GRAIN_TILE = 512


@dataclass(frozen=True, slots=True)
class Patch:
    """How much of each pixel a shape covers, from 0 to 1, and where on the canvas that is."""

    cover: Field
    left: int = 0
    top: int = 0

    def times(self, factor: Field | float) -> Patch:
        """The same patch, thinner."""
        return Patch(np.asarray(self.cover * factor, dtype=np.float32), self.left, self.top)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture being painted: planes (3, height, width) of sRGB values from 0 to 1."""

    planes: Field

    @classmethod
    def filled(cls, width: int, height: int, colour: Field) -> Canvas:
        """A canvas of one colour."""
        planes = np.empty((3, height, width), dtype=np.float32)
        planes[:] = colour[:, None, None]
        return cls(planes)

    @property
    def width(self) -> int:
        return int(self.planes.shape[2])

    @property
    def height(self) -> int:
        return int(self.planes.shape[1])

    @property
    def unit(self) -> float:
        """The short side in pixels: what lengths are measured in."""
        return float(min(self.width, self.height))

    def enlarged(self, width: int, height: int) -> Canvas:
        """The same picture at another size."""
        return Canvas(np.stack([resized(plane, width, height) for plane in self.planes]))

    def view(self, patch: Patch) -> Field:
        """The part of the planes that lies under the patch."""
        rows, columns = patch.cover.shape
        part: Field = self.planes[:, patch.top : patch.top + rows, patch.left : patch.left + columns]
        return part

    def paint(self, patch: Patch, colour: Field) -> None:
        """Cover the patch with a colour (3,) or with tones that broadcast to (3, h, w)."""
        for plane, tone in zip(self.view(patch), colour, strict=True):
            np.add(plane, patch.cover * (tone - plane), out=plane)

    def shine(self, patch: Patch, colour: Field) -> None:
        """Add light of a colour where the patch is, as a screen would: never past white."""
        for plane, tone in zip(self.view(patch), colour, strict=True):
            np.add(plane, patch.cover * tone * (1 - plane), out=plane)

    def darken(self, patch: Patch, colour: Field) -> None:
        """Multiply by the colour where the patch is, as a shadow or a glaze would."""
        for plane, tone in zip(self.view(patch), colour, strict=True):
            np.multiply(plane, 1 - patch.cover * (1 - tone), out=plane)

    def lift(self, amount: Field, top: int = 0) -> None:
        """Lighten (or, below zero, darken) all three planes by a grey field whose first row lies at ``top``."""
        part = self.planes[:, top : top + amount.shape[0]]
        part += amount

    def ground(self, line: Field, tones: Field) -> None:
        """Fill everything below a line of heights in pixels with tones that broadcast to (3, height, width).

        The edge is smoothed across its slope, so that steep flanks are as clean as flat ones.
        """
        top = max(0, int(line.min()) - 1)
        solid = min(self.height, max(top, int(np.ceil(line.max())) + 2))
        if top >= self.height:
            return
        steep = np.sqrt(1 + np.gradient(line) ** 2)
        rows = np.arange(top, solid, dtype=np.float32)[:, None] + 0.5
        cover = np.clip((rows - line[None, :]) / steep[None, :] + 0.5, 0, 1).astype(np.float32)
        tones = np.broadcast_to(tones, (3, self.height, tones.shape[2]))
        self.paint(Patch(cover, 0, top), tones[:, top:solid])
        self.planes[:, solid:] = tones[:, solid:]

    def pixels(self, rng: np.random.Generator, grain: float = 1.3) -> NDArray[np.uint8]:
        """Rows of eight-bit pixels (h, w, 3); ``grain`` is the dither, in steps of 1/255."""
        height, width = self.height, self.width
        tile = rng.random((_GRAIN_TILE, _GRAIN_TILE), dtype=np.float32)
        tile += rng.random((_GRAIN_TILE, _GRAIN_TILE), dtype=np.float32) - np.float32(1)
        noise = np.tile(tile * np.float32(grain / 2) + np.float32(0.5), (1, -(-width // _GRAIN_TILE)))[:, :width]
        picture = np.empty((height, width, 3), dtype=np.uint8)
        for top in range(0, height, _GRAIN_TILE):  # in strips, so that a large picture costs little extra memory
            strip = self.planes[:, top : top + _GRAIN_TILE] * np.float32(255)
            strip += noise[: strip.shape[1]]
            np.clip(strip, 0, 255, out=strip)
            for i in range(3):
                picture[top : top + _GRAIN_TILE, :, i] = strip[i]
        return picture

    @classmethod
    def of_picture(cls, picture: Image.Image) -> Canvas:
        """A canvas with the colours of an eight-bit RGB picture."""
        values = np.asarray(picture, dtype=np.uint8).transpose(2, 0, 1).astype(np.float32)
        values *= np.float32(1 / 255)
        return cls(values)
