"""Scalar fields: the grey pictures that light, cloud, stone and water are made of."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]

# Noise wraps round at its edges; drawing a little more than is shown keeps left from matching right.
_SPARE = 1.1
_STRIP = 16  # rows worked on at a time, few enough to stay in the processor's cache


def resized(field: Field, width: int, height: int) -> Field:
    """The field at another size, smoothly interpolated."""
    if field.shape == (height, width):
        return field
    if field.shape[0] <= height and field.shape[1] <= width:
        wide = _heightened(np.ascontiguousarray(field.T, dtype=np.float32), width)
        return _heightened(np.ascontiguousarray(wide.T), height)
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)).copy()


def _heightened(field: Field, height: int) -> Field:
    """The field with more rows, cubic between its own: in a third of the time that Pillow takes."""
    rows, weights = _taps(len(field), height)
    tall = np.empty((height, field.shape[1]), dtype=np.float32)
    for top in range(0, height, _STRIP):
        part = slice(top, top + _STRIP)
        np.einsum("kyx,ky->yx", field[rows[:, part]], weights[:, part], out=tall[part])
    return tall


@lru_cache(maxsize=64)
def _taps(count: int, wanted: int) -> tuple[NDArray[np.intp], Field]:
    """For each wanted row, the four it is mixed of and how much of each (Catmull-Rom's cubic)."""
    centre = (np.arange(wanted) + 0.5) * (count / wanted)
    rows = np.floor(centre - 0.5).astype(np.intp) + np.arange(-1, 3)[:, None]
    away = np.abs(rows + 0.5 - centre)
    near, far = (1.5 * away - 2.5) * away * away + 1, ((2.5 - 0.5 * away) * away - 4) * away + 2
    weights = np.where(away < 1, near, far) * ((rows >= 0) & (rows < count))
    weights /= weights.sum(axis=0)
    return np.clip(rows, 0, count - 1), weights.astype(np.float32)


def lattice(width: int, height: int, detail: int) -> tuple[int, int]:
    """Width and height of a grid of the same shape whose short side is ``detail``."""
    scale = detail / min(width, height)
    return max(2, round(width * scale)), max(2, round(height * scale))


def smoothstep(low: float, high: float, field: NDArray[np.floating[Any]]) -> Field:
    """0 below ``low``, 1 above ``high``, an S-curve between (falling when ``low`` > ``high``)."""
    t = (field - np.float32(low)).astype(np.float32, copy=False)
    t *= np.float32(1 / (high - low))
    np.clip(t, 0, 1, out=t)
    curve = t * np.float32(-2)
    curve += np.float32(3)
    curve *= t
    curve *= t
    return curve


def softened(field: Field, factor: float) -> Field:
    """The field without detail finer than about ``factor`` pixels."""
    height, width = field.shape
    small = Image.fromarray(np.ascontiguousarray(field)).resize(
        (max(2, round(width / factor)), max(2, round(height / factor))), Image.Resampling.BILINEAR
    )
    return resized(np.asarray(small, dtype=np.float32), width, height)


def grid(width: int, height: int) -> tuple[Field, Field]:
    """Row of x from 0 to the aspect and column of y from 0 to 1, to be broadcast together."""
    xs = (np.arange(width, dtype=np.float32) + 0.5) / height
    ys = (np.arange(height, dtype=np.float32) + 0.5) / height
    return xs[None, :].astype(np.float32), ys[:, None].astype(np.float32)


def fractal(
    rng: np.random.Generator,
    width: int,
    height: int,
    *,
    slope: float = 2.0,
    low: float = 1.0,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> Field:
    """Fractal noise with mean 0 and deviation 1.

    ``slope`` is how fast detail fades with frequency, ``low`` the frequency (in waves per short
    side) under which it no longer grows, ``stretch`` how long the forms are along x and y.
    """
    wide, tall = _period(width), _period(height)
    short = min(width, height)
    kx = np.fft.rfftfreq(wide).astype(np.float32) * np.float32(short * stretch[0])
    ky = np.fft.fftfreq(tall).astype(np.float32) * np.float32(short * stretch[1])
    power = kx[None, :] ** 2 + ky[:, None] ** 2 + np.float32(low * low)
    power **= np.float32(-slope / 2)
    power[0, 0] = 0
    waves = np.empty((tall, wide // 2 + 1), dtype=np.complex64)
    for part in (waves.real, waves.imag):
        np.multiply(rng.standard_normal(part.shape, dtype=np.float32), power, out=part)
    field = np.fft.irfft2(waves, s=(tall, wide))[:height, :width]
    return standardised(np.asarray(field, dtype=np.float32))


def _period(length: int) -> int:
    """After how many samples noise of this length repeats: an even number of factors that are transformed fast."""
    period = int(length * _SPARE) // 2 * 2
    while pow(30, 32, period):  # a factor greater than 5
        period += 2
    return period


def standardised(field: Field) -> Field:
    """The field shifted and scaled to mean 0 and deviation 1."""
    centred: Field = field - field.mean()
    centred /= np.float32(max(float(field.std()), 1e-6))
    return centred


def profile(rng: np.random.Generator, count: int, unit: float, *, slope: float = 1.6, low: float = 1.0) -> Field:
    """A line of fractal noise, ``count`` samples of which ``unit`` make a short side: mean 0, deviation 1.

    The same at every size; ``low`` is the frequency per short side under which it no longer grows.
    """
    length = 4096
    k = np.fft.rfftfreq(_period(length)).astype(np.float32) * (length / 2)
    power = (k**2 + low**2) ** np.float32(-slope / 2)
    power[0] = 0
    waves = rng.standard_normal((2, k.size)).astype(np.float32) * power
    line = np.fft.irfft(waves[0] + 1j * waves[1])[:length]
    line = (line - line.mean()) / max(float(line.std()), 1e-6)
    spots = (np.arange(count) + 0.5) * (length / 2 / unit) - 0.5
    return np.asarray(np.interp(spots, np.arange(length), line), dtype=np.float32)


def sampled(field: Field, xs: Field, ys: Field) -> Field:
    """The field read at fractional pixel positions, wrapping at its edges."""
    height, width = field.shape
    left, top = np.floor(xs), np.floor(ys)
    fx, fy = xs - left, ys - top
    ring = np.pad(field, ((0, 1), (0, 1)), mode="wrap").ravel()  # so that a pixel's neighbours are always beside it
    spots = np.mod(top.astype(np.intp), height) * (width + 1) + np.mod(left.astype(np.intp), width)

    def along(row: int) -> Field:
        here: Field = ring.take(spots + row)
        here += (ring.take(spots + (row + 1)) - here) * fx
        return here

    above, below = along(0), along(width + 1)
    above += (below - above) * fy
    return above


def warped(field: Field, dx: Field, dy: Field) -> Field:
    """The field pulled about: each pixel reads ``dx`` and ``dy`` pixels away."""
    height, width = field.shape
    xs = np.arange(width, dtype=np.float32)[None, :] + dx
    ys = np.arange(height, dtype=np.float32)[:, None] + dy
    return sampled(field, xs, ys)
