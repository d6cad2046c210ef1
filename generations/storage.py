"""Pictures in object storage: bytes are decoded before they are trusted, kept untouched, and made small for lists.

Everything is stored under its content hash, so that storing again is harmless. No other module writes to the storage.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import os
import tempfile
import threading
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import PIL.Image
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from thumbhash import rgba_to_thumb_hash
from uuid_utils.compat import uuid7

from generations.files import FileStorage
from generations.unpacking import unpacked

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 4096 * 4096
MAX_SIDE = 16_383  # of a WebP, which every thumbnail is
THUMBNAIL_WIDTHS = (320, 640)
SPOOL = "spool/"
EXPORTS = "exports/"
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
RENDITIONS = ("image/jpeg", "image/webp")

# Decoding takes all of a core and as much memory as there are pixels: one more at once than there are cores, so that no
# core is idle while a thread waits for its turn in Python.
_decoding = threading.BoundedSemaphore((os.cpu_count() or 1) + 1)

# IPTC's vocabulary: pictures by a trained model, and pictures drawn by rule, such as sketch's.
SOURCE_TYPES = {
    True: "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    False: "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
}
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Atelier">
<Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


class UnusablePicture(Exception):
    """What the provider sent is not a picture that can be trusted or shown."""


@dataclass(frozen=True, slots=True)
class Original:
    """A picture that was decoded and is kept."""

    sha256: str
    media_type: str
    size: int
    width: int
    height: int
    placeholder: str


def original_key(sha256: str, media_type: str) -> str:
    """Where the untouched bytes of a picture are."""
    return f"originals/{sha256[:2]}/{sha256}.{EXTENSIONS[media_type]}"


def thumbnail_key(sha256: str, width: int) -> str:
    """Where its WebP of this width is."""
    return f"thumbnails/{sha256[:2]}/{sha256}-{width}.webp"


def rendition_key(sha256: str, media_type: str) -> str:
    """Where it is in another format and full size, once somebody has asked for that."""
    return f"renditions/{sha256[:2]}/{sha256}.{EXTENSIONS[media_type]}"


def keys_of(sha256: str, media_type: str) -> list[str]:
    """All that may be stored of a picture, the original first."""
    thumbnails = [thumbnail_key(sha256, width) for width in THUMBNAIL_WIDTHS]
    return [original_key(sha256, media_type), *thumbnails, *(rendition_key(sha256, kind) for kind in RENDITIONS)]


def spool(content: bytes) -> str:
    """Keep bytes that a provider was paid for, before anything else may fail; answers the key to ``read``.

    A key of its own each time: equal pictures of two generations must not be discarded under each other.
    """
    key = f"{SPOOL}{uuid7()}"
    _write(key, ContentFile(content))
    return key


def spooled(before: dt.datetime) -> list[str]:
    """The keys of what was spooled before that and is there still."""
    try:
        names = default_storage.listdir(SPOOL)[1]
    except FileNotFoundError:  # nothing ever was
        return []
    return [f"{SPOOL}{name}" for name in names if uuid.UUID(name).int >> 80 < before.timestamp() * 1000]


def read(key: str) -> bytes:
    """The bytes under a key. Raises ``FileNotFoundError`` (or the storage's own error) when there are none."""
    with default_storage.open(key) as file:
        content: bytes = file.read()
    return content


def exists(key: str) -> bool:
    """Whether there is anything under a key."""
    return default_storage.exists(key)


def aside() -> IO[bytes]:
    """An empty file on a disk, under no name, for what is yet to be looked at; nothing of it stays behind."""
    if isinstance(default_storage, FileStorage):
        return default_storage.aside()
    return tempfile.TemporaryFile()


def put(key: str, content: IO[bytes]) -> None:
    """Keep a whole file under a key, from its beginning; it need not fit into memory."""
    content.seek(0)
    _write(key, File(content))


def discard(key: str) -> None:
    """Forget the bytes under a key; harmless when they are gone."""
    default_storage.delete(key)


def keep(content: IO[bytes], *, trained: bool, claim: Callable[[str, str], object]) -> Original:
    """Decode, store the original untouched and its thumbnails, all from this file; raises ``UnusablePicture``.

    ``trained`` says whether a trained model made it, which the thumbnails carry as XMP ``DigitalSourceType``. ``claim``
    is given hash and media type before anything is written.
    """
    length = content.seek(0, os.SEEK_END)
    if length > MAX_BYTES:
        raise UnusablePicture(f"{length} bytes are more than {MAX_BYTES}")
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # IO names no readinto
    with _decoding, _decoded(content) as picture:
        media_type, size = PIL.Image.MIME[picture.format or ""], picture.size
        thumbnails, smallest = _thumbnails(_colour(picture), trained=trained)
    claim(sha256, media_type)
    content.seek(0)
    _write(original_key(sha256, media_type), File(content))
    for width, thumbnail in thumbnails.items():
        _write(thumbnail_key(sha256, width), ContentFile(thumbnail))
    return Original(sha256, media_type, length, *size, _placeholder(smallest))


def render(sha256: str, media_type: str, wanted: str, *, trained: bool) -> str:
    """The key of a picture in another format, full size; made on the first call. Raises as ``read`` does."""
    key = rendition_key(sha256, wanted)
    if not default_storage.exists(key):
        content = default_storage.open(original_key(sha256, media_type))
        with content, _decoding, _decoded(content) as picture:
            rendered = _rendered(_colour(picture), wanted, trained=trained)
        _write(key, ContentFile(rendered))
    return key


def open_file(key: str) -> IO[bytes]:
    """The stored object as an open file. Raises as ``read`` does."""
    return default_storage.open(key)


def link(key: str, *, media_type: str, filename: str = "") -> str | None:
    """A short-lived signed address of the object at the storage itself; None where the storage has no addresses.

    With ``filename`` the browser saves it under that name.
    """
    if isinstance(default_storage, FileSystemStorage):
        return None
    parameters = {"ResponseContentType": media_type, "ResponseCacheControl": "private, max-age=600"}
    if filename:
        parameters["ResponseContentDisposition"] = f'attachment; filename="{filename}"'
    return default_storage.url(key, parameters=parameters, expire=settings.SIGNED_URL_SECONDS)  # type: ignore[call-arg]


def _decoded(content: IO[bytes]) -> PIL.Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            picture = PIL.Image.open(content, formats=("PNG", "JPEG", "WEBP"))
            problem = _problem(picture)
            if not problem:
                if picture.format == "PNG":
                    picture = PIL.Image.open(unpacked(content), formats=("PNG",))
                picture.load()
    except Exception as error:  # a hostile file may break a decoder in any way
        raise UnusablePicture(f"not a PNG, JPEG or WebP that decodes: {type(error).__name__}") from error
    if problem:
        raise UnusablePicture(problem)
    return picture


def _problem(picture: PIL.Image.Image) -> str:
    """What its header says against it; pixels are not decoded for that."""
    if picture.width * picture.height > MAX_PIXELS:
        return f"{picture.width}×{picture.height} is larger than {MAX_PIXELS} pixels"
    if max(picture.size) > MAX_SIDE:
        return f"{picture.width}×{picture.height} has a side of more than {MAX_SIDE} pixels"
    return "more than one frame" if getattr(picture, "n_frames", 1) != 1 else ""


def _colour(picture: PIL.Image.Image) -> PIL.Image.Image:
    """In the eight bits a channel that WebP has; Pillow alone would make 16 bits of grey all white."""
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)  # which would copy it


def _thumbnails(picture: PIL.Image.Image, *, trained: bool) -> tuple[dict[int, bytes], PIL.Image.Image]:
    """WebPs by width, and the smallest as a picture. Each is made from the one before, which costs half as much."""
    made = {}
    small = picture
    for width in sorted(THUMBNAIL_WIDTHS, reverse=True):
        if picture.width > width:
            size = width, max(1, round(picture.height * width / picture.width))
            small = small.resize(size, PIL.Image.Resampling.BICUBIC, reducing_gap=1.5)
        made[width] = _webp(small, trained=trained)
    return made, small


def _webp(picture: PIL.Image.Image, *, trained: bool) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=82, method=2, xmp=_xmp(trained=trained))
    return out.getvalue()


def _rendered(picture: PIL.Image.Image, media_type: str, *, trained: bool) -> bytes:
    out = io.BytesIO()
    if media_type == "image/jpeg":
        _on_white(picture).save(out, "JPEG", quality=92, optimize=True, xmp=_xmp(trained=trained))
    else:
        picture.save(out, "WEBP", quality=92, method=2, xmp=_xmp(trained=trained))
    return out.getvalue()


def _on_white(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Without transparency, which a JPEG has not."""
    if picture.mode == "RGB":
        return picture
    return PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _xmp(*, trained: bool) -> bytes:
    return XMP.format(source_type=SOURCE_TYPES[trained]).encode()


def _placeholder(picture: PIL.Image.Image) -> str:
    """ThumbHash of a 12 px copy: it keeps 7 waves, and the encoder is plain Python that fails on transparency."""
    small = picture.copy()
    small.thumbnail((12, 12), PIL.Image.Resampling.BOX)
    small = _on_white(small).convert("RGBA")
    return base64.b64encode(bytes(rgba_to_thumb_hash(*small.size, list(small.tobytes())))).decode()


def _write(key: str, content: File[bytes]) -> None:
    default_storage.save(key, content)
