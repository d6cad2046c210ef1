"""PNGs unpacked by ISA-L before Pillow decodes them: it takes a quarter of the time that zlib does."""

from __future__ import annotations

import io
import os
import struct
from functools import reduce
from typing import IO

from isal import isal_zlib

BEGINNING = struct.Struct(">8sI4sIIBBBBBI")  # signature and header: all that comes before the first other chunk
CHUNK = struct.Struct(">I4s")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
WHOLE_BYTES = 8  # bits of a channel
LARGEST = 20 * 1024 * 1024  # bytes of pixels, or of a file: for a moment both are held, the pixels twice
ZLIB = b"\x78\x01"  # what its streams begin with
BLOCK = 0xFFFF  # bytes that a stored block of a deflate stream holds at most


def unpacked(png: IO[bytes]) -> IO[bytes]:
    """The same PNG with its pixels stored, not packed; or the very one, from its beginning, if it is unusual.

    What is broken is left for the decoder to refuse: nothing is raised.
    """
    length = png.seek(0, os.SEEK_END)
    png.seek(0)
    size = _size(png.read(BEGINNING.size))
    png.seek(0)
    if not size or max(size, length) > LARGEST or length > 2 * size:
        return png
    content = png.read()
    png.seek(0)
    try:
        before, packed, after = _parts(content)
        unpacking = isal_zlib.decompressobj()
        pixels = unpacking.decompress(packed, size + 1)
    except (struct.error, isal_zlib.IsalError):  # type: ignore[misc]  # its stubs take the class for an instance
        return png
    if len(pixels) != size or not unpacking.eof:
        return png
    return io.BytesIO(b"".join([before, *_stored(pixels), after]))


def _size(beginning: bytes) -> int:
    """Bytes of its pixels, each row's filter among them; 0 for what is not to be unpacked here."""
    if len(beginning) < BEGINNING.size:
        return 0
    *_, width, height, depth, colour, _packing, _filters, interlaced, _crc = BEGINNING.unpack(beginning)
    plain = depth == WHOLE_BYTES and not interlaced and colour in CHANNELS
    return height * (1 + width * CHANNELS[colour]) if plain else 0


def _parts(content: bytes) -> tuple[bytes, bytes, bytes]:
    """What comes before its pixels, these, packed, and what comes after; chunks as they are."""
    view, at, pixels = memoryview(content), BEGINNING.size, []
    first = last = 0
    while at < len(content):
        length, kind = CHUNK.unpack_from(view, at)
        ends = at + CHUNK.size + length + 4
        if kind == b"IDAT":
            first = first or at
            last = ends
            pixels.append(view[at + CHUNK.size : ends - 4])
        elif last:
            break
        at = ends
    return content[:first], b"".join(pixels), content[last:]


def _stored(pixels: bytes) -> list[bytes | memoryview]:
    """They as one chunk of a PNG: a deflate stream of blocks that are stored as they are."""
    view, body = memoryview(pixels), list[bytes | memoryview]([b"IDAT", ZLIB])
    for at in range(0, len(pixels), BLOCK):
        block = view[at : at + BLOCK]
        body += [struct.pack("<BHH", at + BLOCK >= len(pixels), len(block), len(block) ^ BLOCK), block]
    body.append(struct.pack(">I", isal_zlib.adler32(pixels)))
    length = sum(map(len, body)) - len(b"IDAT")
    return [struct.pack(">I", length), *body, struct.pack(">I", reduce(_checked, body, 0))]


def _checked(crc: int, part: bytes | memoryview) -> int:
    return isal_zlib.crc32(part, crc)
