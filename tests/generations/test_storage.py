"""Pictures in files and in S3: decoded before they are trusted, kept untouched, never torn."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import os
import resource
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import PIL.Image
import PIL.PngImagePlugin
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from thumbhash import thumb_hash_to_approximate_aspect_ratio

from generations import storage
from generations.files import FileStorage
from generations.storage import Original, UnusablePicture, original_key, thumbnail_key
from tests.fakes import png

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def picture(mode: str = "RGB", size: tuple[int, int] = (900, 600), kind: str = "PNG", **options: object) -> bytes:
    """An encoded picture with a gradient, so that no two sizes look alike."""
    out = io.BytesIO()
    PIL.Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def kept(content: bytes, *, trained: bool = True) -> Original:
    """The picture of these bytes, kept."""
    return storage.keep(io.BytesIO(content), trained=trained, claim=lambda *_bytes: None)


def stored() -> set[str]:
    """Every object there is."""

    def below(folder: str) -> Iterator[str]:
        folders, names = default_storage.listdir(folder)
        yield from (f"{folder}/{name}" for name in names)
        for inner in folders:
            yield from below(f"{folder}/{inner}")

    present = default_storage.listdir("")[0]
    return {key for folder in present for key in below(folder)}


@pytest.mark.parametrize("kind", KINDS)
def test_an_original_is_kept_untouched_under_its_hash(storage_kind: str, kind: str) -> None:
    content = picture(kind=kind)
    original = kept(content)
    assert original.sha256 == hashlib.sha256(content).hexdigest()
    assert (original.media_type, original.size) == (KINDS[kind], len(content))
    assert (original.width, original.height) == (900, 600)
    key = original_key(original.sha256, original.media_type)
    assert storage.read(key) == content
    assert key == f"originals/{original.sha256[:2]}/{original.sha256}.{storage.EXTENSIONS[KINDS[kind]]}"


@pytest.mark.parametrize(("trained", "source"), [(True, "trainedAlgorithmicMedia"), (False, "algorithmicMedia")])
def test_thumbnails_are_webp_of_both_widths_and_say_what_made_them(
    storage_kind: str, source: str, *, trained: bool
) -> None:
    original = kept(picture(), trained=trained)
    for width, height in ((320, 213), (640, 427)):
        content = storage.read(thumbnail_key(original.sha256, width))
        with PIL.Image.open(io.BytesIO(content)) as small:
            assert (small.format, small.size) == ("WEBP", (width, height))
            xmp = small.info["xmp"].decode()
        assert f"<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/{source}</" in xmp


def test_small_pictures_are_not_made_larger(files: Path) -> None:
    original = kept(picture(size=(100, 50)))
    for width in storage.THUMBNAIL_WIDTHS:
        with PIL.Image.open(io.BytesIO(storage.read(thumbnail_key(original.sha256, width)))) as small:
            assert small.size == (100, 50)


def test_keeping_the_same_picture_again_is_harmless(storage_kind: str) -> None:
    content = picture()
    first = kept(content)
    objects = stored()
    assert kept(content) == first
    assert stored() == objects
    assert len(objects) == 3
    assert storage.read(original_key(first.sha256, first.media_type)) == content


def test_keeping_again_mends_an_original_that_something_damaged(storage_kind: str) -> None:
    content = picture()
    original = kept(content)
    key = original_key(original.sha256, original.media_type)
    default_storage.delete(key)
    default_storage.save(key, ContentFile(b"torn"))
    kept(content)
    assert storage.read(key) == content


def test_the_placeholder_decodes_to_a_blur_of_the_same_shape(files: Path) -> None:
    original = kept(picture(size=(900, 600)))
    ratio, above, below = blur(base64.b64decode(original.placeholder))
    assert ratio == pytest.approx(1.5, rel=0.15)
    assert (above, below) == pytest.approx((0, 1), abs=0.25), "dark above and light below, as the picture is"


def blur(placeholder: bytes) -> tuple[float, float, float]:
    """A ThumbHash's ratio and its light at the top and at the bottom, by the format's own description."""
    ratio = thumb_hash_to_approximate_aspect_ratio(list(placeholder))
    header = int.from_bytes(placeholder[:3], "little")
    light, scale, across, down = (header & 63) / 63, (header >> 18 & 31) / 31, 7, placeholder[3] & 7
    signs = [sign >> shift & 15 for sign in placeholder[5:] for shift in (0, 4)]
    waves = [(cx, cy) for cy in range(down) for cx in range(across) if (cx or cy) and cx * down < across * (down - cy)]
    weights = {wave: (sign / 7.5 - 1) * scale for wave, sign in zip(waves, signs, strict=False)}
    above, below = (
        light + sum(2 * weights[wave] * math.cos(math.pi * wave[1] * y) for wave in waves if not wave[0])
        for y in (1 / 32, 31 / 32)
    )
    return ratio, above, below


def test_spooled_bytes_come_back_until_they_are_discarded(storage_kind: str) -> None:
    key = storage.spool(b"paid for")
    assert key.startswith(storage.SPOOL)
    assert storage.read(key) == b"paid for"
    storage.discard(key)
    with pytest.raises(FileNotFoundError):
        storage.read(key)
    storage.discard(key)


def test_discarding_one_spooled_picture_leaves_another_of_the_same_bytes(storage_kind: str) -> None:
    first, second = storage.spool(b"the same"), storage.spool(b"the same")
    storage.discard(first)
    assert storage.read(second) == b"the same"


def header_only(width: int, height: int) -> bytes:
    """A PNG that promises this size and has no pixels."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb() -> bytes:
    """900 million pixels in about 109 kB."""
    pixels = zlib.compressobj(9)
    row = bytes(1 + 30_000 // 8)
    data = b"".join(pixels.compress(row * 1000) for _ in range(30)) + pixels.flush()
    return header_only(30_000, 30_000) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def animated(kind: str) -> bytes:
    out = io.BytesIO()
    first, second = (PIL.Image.new("RGB", (60, 40), colour) for colour in ("teal", "gold"))
    first.save(out, kind, save_all=True, append_images=[second])
    return out.getvalue()


REFUSED = {
    "nothing": b"",
    "a page": b"<!doctype html><title>busy</title>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>',
    "GIF": picture(kind="GIF"),
    "TIFF": picture(kind="TIFF"),
    "BMP": picture(kind="BMP"),
    "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    "PNG cut off": picture()[:-2000],
    "JPEG cut off": picture(kind="JPEG")[:-2000],
    "WebP cut off": picture(kind="WEBP")[:-200],
    "PNG with a wrong checksum": picture().replace(b"IDAT", b"IDAX", 1),
    "PNG of no size": header_only(0, 0) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
    "PNG of no height": header_only(9, 0) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""),
    "PNG that promises pixels and has none": header_only(64, 64) + chunk(b"IEND", b""),
    "animated PNG": animated("PNG"),
    "animated WebP": animated("WEBP"),
    "a side that WebP cannot have": picture("1", (16_384, 1)),
    "a PNG past the limit of pixels": header_only(4097, 4096),
    "a zip before a PNG": b"PK\x03\x04" + bytes(26) + png(),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_single_sound_picture_is_refused_and_leaves_nothing(files: Path, content: bytes) -> None:
    with pytest.raises(UnusablePicture):
        kept(content)
    assert list(files.iterdir()) == []


def test_a_bomb_is_refused_without_decoding_it(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bomb()
    assert len(content) < 120_000
    decoded: list[object] = []

    def decode(self: object) -> None:
        decoded.append(self)
        raise OSError

    monkeypatch.setattr(PIL.PngImagePlugin.PngImageFile, "load", decode)
    for hostile in (content, header_only(4097, 4096)):
        with pytest.raises(UnusablePicture):
            kept(hostile)
    assert decoded == []
    with pytest.raises(UnusablePicture):
        kept(png())
    assert decoded, "a sound picture is decoded, so the trap was set"


def test_more_bytes_than_the_limit_are_refused(files: Path) -> None:
    with pytest.raises(UnusablePicture, match="bytes are more than"):
        kept(png() + bytes(storage.MAX_BYTES))


UNUSUAL = {
    "CMYK": picture("CMYK", kind="JPEG"),
    "16 bit grey": picture("I;16"),
    "grey": picture("L"),
    "grey with alpha": picture("LA"),
    "palette": picture("P"),
    "palette with a transparent colour": picture("P", transparency=0),
    "black and white": picture("1"),
    "alpha": picture("RGBA"),
    "progressive": picture(kind="JPEG", progressive=True),
    "one pixel": picture(size=(1, 1)),
    "very wide": picture("1", (16_383, 1)),
    "very tall": picture("1", (1, 16_383)),
    "something after the end": png() + b"<script>alert(1)</script>PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("content", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_pictures_are_kept_as_they_are_with_thumbnails_anyone_can_show(files: Path, content: bytes) -> None:
    original = kept(content)
    assert storage.read(original_key(original.sha256, original.media_type)) == content
    for width in storage.THUMBNAIL_WIDTHS:
        with PIL.Image.open(io.BytesIO(storage.read(thumbnail_key(original.sha256, width)))) as small:
            small.load()
            assert small.format == "WEBP"
    assert base64.b64decode(original.placeholder)


def test_sixteen_bits_of_grey_look_the_same_as_eight(files: Path) -> None:
    deep = PIL.Image.frombytes("I;16", (4, 1), struct.pack("<4H", 0, 20_000, 40_000, 65_535))
    out = io.BytesIO()
    deep.save(out, "PNG")
    original = kept(out.getvalue())
    with PIL.Image.open(io.BytesIO(storage.read(thumbnail_key(original.sha256, 320)))) as small:
        greys = [small.convert("L").getpixel((x, 0)) for x in range(4)]
    assert greys == pytest.approx([0, 78, 156, 255], abs=12)


def test_the_bytes_decide_what_it_is_and_not_what_it_is_called(files: Path) -> None:
    original = kept(picture(kind="WEBP"))
    assert original_key(original.sha256, original.media_type).endswith(".webp")


class Killed(BaseException):
    """The process died here."""


def test_a_file_appears_whole_or_not_at_all(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_descriptor: int) -> None:
        raise Killed

    with monkeypatch.context() as death:
        death.setattr(os, "fsync", die)
        with pytest.raises(Killed):
            default_storage.save("originals/a.png", ContentFile(b"whole"))
    assert not default_storage.exists("originals/a.png")
    default_storage.save("originals/a.png", ContentFile(b"whole"))
    assert storage.read("originals/a.png") == b"whole"


def test_what_was_fetched_to_the_same_disk_is_not_written_a_second_time(files: Path) -> None:
    with storage.aside() as fetched:
        fetched.write(b"whole")
        storage.put("originals/a.png", fetched)
        assert (files / "originals/a.png").stat().st_ino == os.fstat(fetched.fileno()).st_ino
        storage.put("originals/b.png", fetched)
    assert storage.read("originals/a.png") == storage.read("originals/b.png") == b"whole"


def test_a_file_that_has_a_name_is_copied_for_its_owner_may_go_on_writing_to_it(files: Path) -> None:
    theirs = files / "theirs.png"
    theirs.write_bytes(b"whole")
    with theirs.open("r+b") as content:
        storage.put("originals/a.png", content)
        content.write(b"more")
    assert storage.read("originals/a.png") == b"whole"


def test_what_is_on_another_disk_is_copied(files: Path) -> None:
    without_such_files = FileStorage(location="/proc")
    with without_such_files.aside() as fetched, tempfile.TemporaryFile(dir="/dev/shm") as in_memory:
        for key, content in {"originals/a.png": fetched, "originals/b.png": in_memory}.items():
            content.write(b"whole")
            storage.put(key, content)
            assert storage.read(key) == b"whole"


def test_a_full_disk_leaves_neither_a_torn_file_nor_a_part_of_one(files: Path) -> None:
    content = os.urandom(100_000)
    with files_no_larger_than(50_000), pytest.raises(OSError, match="too large"):
        default_storage.save("originals/a.png", ContentFile(content))
    assert [path for path in files.rglob("*") if path.is_file()] == []
    default_storage.save("originals/a.png", ContentFile(content))
    assert storage.read("originals/a.png") == content


@contextmanager
def files_no_larger_than(limit: int) -> Iterator[None]:
    """The kernel refuses to write more than this, as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_files_have_no_addresses_of_their_own(files: Path) -> None:
    assert storage.link("originals/a.png", media_type="image/png") is None
