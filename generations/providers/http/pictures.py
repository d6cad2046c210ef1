"""Bytes from outside, up to a limit, and whether they are a picture at all."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import httpx

from generations.providers.base import RequestRejected
from generations.providers.http.egress import left
from generations.types import Picture

LIMIT = 30 * 1024 * 1024
TELLING = 12  # bytes at its beginning say what kind of picture it is
ACCEPT = "image/png, image/webp, image/jpeg"


class TooLarge(Exception):
    """More bytes than anyone may send us."""


def pieces(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """The body as it is sent, never more than ``limit`` bytes of it; raises ``TooLarge``."""
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge(f"larger than {limit} bytes")
    size = 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > limit:
            raise TooLarge(f"larger than {limit} bytes")
        left(None)
        yield piece


def sniff(beginning: bytes) -> None:
    """Refuse what does not begin as a PNG, JPEG or WebP does; what it was called is nothing to go by."""
    webp = beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP"
    if not webp and not beginning.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise RequestRejected("what came is no picture", code="not_a_picture")


def unfolded(picture: Picture) -> Picture:
    """The picture, with its bytes when they came inside its address."""
    if picture.url and picture.url.startswith("data:"):
        return replace(picture, content=from_data(picture.url), url=None)
    return picture


def from_data(url: str) -> bytes:
    """The picture inside a ``data:`` URI."""
    if len(url) > LIMIT * 4 // 3 + 1024:
        raise RequestRejected(f"the picture is larger than {LIMIT} bytes", code="too_large")
    head, _, text = url.partition(",")
    try:
        raw = unquote_to_bytes(text)
        content = base64.b64decode(raw) if head.endswith(";base64") else raw
    except (binascii.Error, ValueError) as error:
        raise RequestRejected("the picture's data URI is broken", code="not_a_picture") from error
    if len(content) > LIMIT:
        raise RequestRejected(f"the picture is larger than {LIMIT} bytes", code="too_large")
    sniff(content)
    return content
