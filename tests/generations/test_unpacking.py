"""PNGs that are unpacked before they are decoded: nothing comes of them that Pillow alone would not have made."""

from __future__ import annotations

import io
import struct
from typing import IO

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.unpacking import LARGEST, unpacked

Seen = tuple[str, tuple[int, int], bytes, object]


def png(mode: str = "RGB", size: tuple[int, int] = (90, 60), **options: object) -> bytes:
    out = io.BytesIO()
    PIL.Image.linear_gradient("L").resize(size).convert(mode).save(out, "PNG", **options)
    return out.getvalue()


def noise(side: int) -> bytes:
    """What cannot be packed, and so is in more than one piece."""
    out = io.BytesIO()
    PIL.Image.effect_noise((side, side), 90).save(out, "PNG")
    return out.getvalue()


def header(content: bytes, at: int, value: int) -> bytes:
    """The same with another byte in its header."""
    return content[: 16 + at] + bytes([value]) + content[17 + at :]


def seen(content: IO[bytes]) -> Seen | None:
    """What Pillow makes of it; nothing where it refuses."""
    try:
        with PIL.Image.open(content, formats=("PNG",)) as picture:
            picture.load()
            return picture.mode, picture.size, picture.tobytes(), picture.info.get("transparency")
    except Exception:  # noqa: BLE001 - a broken file may break a decoder in any way
        return None


PLAIN = {
    "colour": png(),
    "alpha": png("RGBA"),
    "grey": png("L"),
    "grey with alpha": png("LA"),
    "palette": png("P"),
    "palette with a transparent colour": png("P", transparency=0),
    "not packed at all": png(compress_level=0),
    "in several pieces": noise(300),
    "with something after the end": png() + b"<script>alert(1)</script>",
}
LEFT_ALONE = {
    "nothing": b"",
    "a page": b"<!doctype html><title>busy</title>" * 9,
    "cut off in its header": png()[:20],
    "cut off in its pixels": png()[:-200],
    "cut off in the size of a piece": noise(300)[:65_000],
    "black and white": png("1"),
    "sixteen bits": png("I;16"),
    "interlaced": header(png(), 12, 1),
    "a colour type that there is not": header(png(), 9, 5),
    "fewer pixels than it promises": header(png(), 7, 61),
    "more pixels than it promises": header(png(), 7, 59),
    "no height": header(png(), 7, 0),
    "pixels that do not check": png()[:-20] + bytes(4) + png()[-16:],
    "larger than is held twice": png()[:16] + struct.pack(">II", 4096, LARGEST // 4096 // 3 + 1) + png()[24:],
    "mostly something else": png() + bytes(100_000),
}


@pytest.mark.parametrize("content", PLAIN.values(), ids=PLAIN)
def test_a_plain_picture_is_stored_and_looks_the_same(content: bytes) -> None:
    packed = io.BytesIO(content)
    stored = unpacked(packed)
    assert stored is not packed
    with PIL.Image.open(stored) as picture:
        picture.verify()  # every checksum
    stored.seek(0)
    assert seen(stored) == seen(packed) is not None


@pytest.mark.parametrize("content", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_unusual_or_broken_is_left_to_the_decoder(content: bytes) -> None:
    packed = io.BytesIO(content)
    assert unpacked(packed) is packed
    assert packed.tell() == 0


@given(
    st.sampled_from([*PLAIN.values()]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3),
    st.integers(0, 50),
)
def test_whatever_is_done_to_it_pillow_sees_the_same(
    content: bytes, changes: list[tuple[float, int]], short: int
) -> None:
    harmed = bytearray(content[: len(content) - short])
    for where, value in changes:
        harmed[int(where * (len(harmed) - 1))] = value
    assert seen(unpacked(io.BytesIO(harmed))) == seen(io.BytesIO(harmed))
