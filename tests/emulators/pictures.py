"""Real PNGs, as large as a model's, drawn once and made unique by a text chunk each."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import numpy as np
import PIL.Image

SIGNATURE_AND_HEADER = 8 + 25
SMALL = 16


def picture(width: int, height: int, number: int, *, small: bool = False) -> list[bytes]:
    """The pieces of a PNG of this size (a sixteenth of it when ``small``); each number's bytes are its own."""
    scale = SMALL if small else 1
    content = _drawn(width // scale, height // scale)
    text = b"tEXtComment\0" + str(number).encode()
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return [content[:SIGNATURE_AND_HEADER], chunk, content[SIGNATURE_AND_HEADER:]]


@cache
def _drawn(width: int, height: int) -> bytes:
    """A gradient with as much noise as makes it compress like a photograph: 1.4 MB at 1408×768."""
    noise = np.random.default_rng(width * height).normal(0, 1.9, (height, width, 3))
    rows = np.linspace(40, 200, height)[:, None, None]
    columns = np.linspace(0, 50, width)[None, :, None]
    pixels = np.clip(rows + columns * np.array([1.0, 0.6, 0.2]) + noise, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    PIL.Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
