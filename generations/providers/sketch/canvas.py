"""The canvas: three float planes, the strokes that cover them, and the eight-bit picture at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generations.providers.sketch.fields import Field, resized

_GRAIN_TILE = 512
_CACHED = 1 << 15  # pixels worked on at a time, few enough to stay in the processor's cache


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
        planes = np.empty((3, height, width), dtype=np.float32)
        for plane, small in zip(planes, self.planes, strict=True):
            plane[:] = resized(small, width, height)
        return Canvas(planes)

    def view(self, patch: Patch) -> Field:
        """The part of the planes that lies under the patch."""
        rows, columns = patch.cover.shape
        part: Field = self.planes[:, patch.top : patch.top + rows, patch.left : patch.left + columns]
        return part

    def paint(self, patch: Patch, colour: Field) -> None:
        """Cover the patch with a colour (3,) or with tones that broadcast to (3, h, w)."""
        for cover, plane, tone, spare in self._strips(patch, colour):
            np.subtract(tone, plane, out=spare)
            np.multiply(spare, cover, out=spare)
            np.add(plane, spare, out=plane)

    def shine(self, patch: Patch, colour: Field) -> None:
        """Add light of a colour where the patch is, as a screen would: never past white."""
        for cover, plane, tone, spare in self._strips(patch, colour):
            np.subtract(np.float32(1), plane, out=spare)
            np.multiply(spare, tone, out=spare)
            np.multiply(spare, cover, out=spare)
            np.add(plane, spare, out=plane)

    def darken(self, patch: Patch, colour: Field) -> None:
        """Multiply by the colour where the patch is, as a shadow or a glaze would."""
        for cover, plane, tone, spare in self._strips(patch, np.asarray(1 - colour)):
            np.multiply(cover, tone, out=spare)
            np.multiply(spare, plane, out=spare)
            np.subtract(plane, spare, out=plane)

    def _strips(self, patch: Patch, colour: Field) -> Iterator[tuple[Field, Field, Field, Field]]:
        """Cover, plane and tone of a few rows of the patch, plane by plane, and an array of their size to work in."""
        view = self.view(patch)
        tones = np.broadcast_to(colour[:, None, None] if colour.ndim == 1 else colour, view.shape)
        count, width = patch.cover.shape
        rows = max(1, _CACHED // max(1, width))
        spare = np.empty((rows, width), dtype=np.float32)
        for top in range(0, count, rows):
            part = slice(top, top + rows)
            cover = patch.cover[part]
            for plane, tone in zip(view, tones, strict=True):
                yield cover, plane[part], tone[part], spare[: len(cover)]

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
        flat = 1 / np.sqrt(1 + np.gradient(line) ** 2)
        rows = np.arange(top, solid, dtype=np.float32)[:, None]
        cover = rows * flat
        cover += (np.float32(0.5) - line) * flat + np.float32(0.5)
        np.clip(cover, 0, 1, out=cover)
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
        rows = _GRAIN_TILE // 16
        for top in range(0, height, rows):
            for i, plane in enumerate(self.planes):
                strip = plane[top : top + rows] * np.float32(255)
                strip += noise[top % _GRAIN_TILE :][: len(strip)]
                np.clip(strip, 0, 255, out=strip)
                picture[top : top + rows, :, i] = strip.astype(np.uint8)
        return picture

    @classmethod
    def of_picture(cls, picture: Image.Image) -> Canvas:
        """A canvas with the colours of an eight-bit RGB picture."""
        values = np.asarray(picture, dtype=np.uint8).transpose(2, 0, 1).astype(np.float32)
        values *= np.float32(1 / 255)
        return cls(values)
