"""Colours as three numbers from 0 to 1, mixed in OKLab so that blends stay clean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from generations.providers.sketch.fields import Field

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_STRIP = 32  # rows looked up at a time
_FROM_CONE = np.linalg.inv(_TO_CONE)
_FROM_LAB = np.linalg.inv(_TO_LAB)


def paint(code: str) -> Field:
    """The colour written as ``#rrggbb``."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)], dtype=np.float32)


def oklab(colours: Field) -> Field:
    """sRGB rows (n, 3) as OKLab rows."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    cone = np.cbrt(np.einsum("ij,nj->ni", _TO_CONE, linear))
    return np.asarray(np.einsum("ij,nj->ni", _TO_LAB, cone), dtype=np.float32)


def srgb(labs: Field) -> Field:
    """OKLab rows (n, 3) as sRGB rows, cut to what a screen can show."""
    cone = np.einsum("ij,nj->ni", _FROM_LAB, labs) ** 3
    linear = np.clip(np.einsum("ij,nj->ni", _FROM_CONE, cone), 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(coded, dtype=np.float32)


def mixed(first: Field, second: Field, share: float) -> Field:
    """``first`` with ``share`` of ``second`` in it."""
    labs = oklab(np.stack([first, second]))
    return cast("Field", srgb((labs[0] + (labs[1] - labs[0]) * np.float32(share))[None])[0])


def lightened(colour: Field, by: float) -> Field:
    """The colour with its lightness moved by ``by`` (-1 to 1) and its hue kept."""
    lab = oklab(colour[None])
    lab[0, 0] = np.clip(lab[0, 0] + by, 0, 1)
    return cast("Field", srgb(lab)[0])


def lightness(colour: Field) -> float:
    """How light the colour looks, 0 to 1."""
    return float(oklab(colour[None])[0, 0])


def greyed(colour: Field, share: float) -> Field:
    """The colour with ``share`` of its strength taken away."""
    lab = oklab(colour[None])
    lab[0, 1:] *= 1 - share
    return cast("Field", srgb(lab)[0])


def tinted(colours: Field, hue: Field, share: float) -> Field:
    """The colours keeping much of their lightness, with ``share`` of the chroma of ``hue``."""
    labs = oklab(colours)
    aim = oklab(hue[None])[0]
    # Very dark and very light colours cannot hold much chroma without looking dyed.
    room = np.clip(1.25 - np.abs(labs[:, :1] - aim[0]) * 1.1, 0.35, 1)
    labs[:, 1:] += (aim[None, 1:] * room - labs[:, 1:]) * share
    labs[:, 0] += (aim[0] - labs[:, 0]) * 0.22 * share
    return srgb(labs)


def ramp(stops: Sequence[Field], count: int, places: Sequence[float] | None = None) -> Field:
    """``count`` colours (count, 3) running through the stops."""
    labs = oklab(np.stack(list(stops)))
    at = np.linspace(0, 1, len(stops)) if places is None else np.asarray(places)
    t = np.linspace(0, 1, count)
    return srgb(np.stack([np.interp(t, at, labs[:, i]) for i in range(3)], axis=1).astype(np.float32))


def looked_up(table: Field, field: Field) -> Field:
    """Planes (3, h, w) of the colours in ``table`` (n, 3) at ``field`` (0 to 1)."""
    planes = np.empty((3, *field.shape), dtype=np.float32)
    columns = np.ascontiguousarray(table.T)
    for top in range(0, len(field), _STRIP):
        part = slice(top, top + _STRIP)
        spots = (np.clip(field[part], 0, 1) * np.float32(len(table) - 1)).astype(np.intp)
        for plane, column in zip(planes, columns, strict=True):
            column.take(spots, out=plane[part], mode="clip")
    return planes
