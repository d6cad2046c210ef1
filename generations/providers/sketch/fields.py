"""Scalar fields: the grey pictures that light, cloud, stone and water are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]

# Noise wraps round at its edges; drawing a little more than is shown keeps left from matching right.
_SPARE = 1.1


def resized(field: Field, width: int, height: int) -> Field:
    """The field at another size, smoothly interpolated."""
    if field.shape == (height, width):
        return field
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.array(picture.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)


def lattice(width: int, height: int, detail: int) -> tuple[int, int]:
    """Width and height of a grid of the same shape whose short side is ``detail``."""
    scale = detail / min(width, height)
    return max(2, round(width * scale)), max(2, round(height * scale))


def smoothstep(low: float, high: float, field: NDArray[np.floating[Any]]) -> Field:
    """0 below ``low``, 1 above ``high``, an S-curve between (falling when ``low`` > ``high``)."""
    t = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


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
    wide, tall = int(width * _SPARE) // 2 * 2, int(height * _SPARE) // 2 * 2
    short = min(width, height)
    kx = np.fft.rfftfreq(wide).astype(np.float32) * np.float32(short * stretch[0])
    ky = np.fft.fftfreq(tall).astype(np.float32) * np.float32(short * stretch[1])
    power = kx[None, :] ** 2 + ky[:, None] ** 2 + np.float32(low * low)
    power **= np.float32(-slope / 2)
    power[0, 0] = 0
    waves = rng.standard_normal((2, tall, wide // 2 + 1), dtype=np.float32) * power
    field = np.fft.irfft2(waves[0] + np.complex64(1j) * waves[1], s=(tall, wide))[:height, :width]
    return standardised(np.asarray(field, dtype=np.float32))


def standardised(field: Field) -> Field:
    """The field shifted and scaled to mean 0 and deviation 1."""
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-6), dtype=np.float32)


def profile(rng: np.random.Generator, count: int, unit: float, *, slope: float = 1.6, low: float = 1.0) -> Field:
    """A line of fractal noise, ``count`` samples of which ``unit`` make a short side: mean 0, deviation 1.

    The same at every size; ``low`` is the frequency per short side under which it no longer grows.
    """
    length = 4096
    k = np.fft.rfftfreq(int(length * _SPARE)).astype(np.float32) * (length / 2)
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
    x0, y0 = left.astype(np.int32) % width, top.astype(np.int32) % height
    x1, y1 = (x0 + 1) % width, (y0 + 1) % height
    flat = field.ravel()
    upper, lower = y0 * width, y1 * width
    above = flat.take(upper + x0) * (1 - fx) + flat.take(upper + x1) * fx
    below = flat.take(lower + x0) * (1 - fx) + flat.take(lower + x1) * fx
    return np.asarray(above + (below - above) * fy, dtype=np.float32)


def warped(field: Field, dx: Field, dy: Field) -> Field:
    """The field pulled about: each pixel reads ``dx`` and ``dy`` pixels away."""
    height, width = field.shape
    xs = np.arange(width, dtype=np.float32)[None, :] + dx
    ys = np.arange(height, dtype=np.float32)[:, None] + dy
    return sampled(field, xs, ys)
