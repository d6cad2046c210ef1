"""A part of a file over HTTP: the one range of bytes that a request names."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII)


class Part:
    """A file from one byte on, with no more than so many after it."""

    def __init__(self, file: IO[bytes], wanted: range) -> None:
        file.seek(wanted.start)
        self._file = file
        self._left = len(wanted)

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end of the part."""
        content = self._file.read(min(size, self._left))
        self._left -= len(content)
        return content

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def known(request: HttpRequest, etag: str) -> HttpResponse | None:
    """304 for whoever has this version already; 412 for whoever wants another; else None."""
    response = get_conditional_response(request, etag)
    if response:
        response["ETag"] = etag
    return response


def answer(request: HttpRequest, file: IO[bytes], size: int, etag: str, **named: Any) -> FileResponse | HttpResponse:
    """The file or the part of it that is asked for; it is closed with the answer. ``named`` is for ``FileResponse``."""
    wanted = _wanted(request, size, etag)
    response: FileResponse | HttpResponse
    if wanted is None:
        file.seek(0)
        response = FileResponse(file, **named)
    elif not wanted:
        file.close()
        response = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        response["Content-Range"] = f"bytes */{size}"
    else:
        response = FileResponse(Part(file, wanted), status=HTTPStatus.PARTIAL_CONTENT, **named)
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        response["Content-Length"] = str(len(wanted))
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


def _wanted(request: HttpRequest, size: int, etag: str) -> range | None:
    """The bytes that are asked for, none of them where the file ends before; None for the whole file.

    The whole is right wherever a range is not understood, is one of several, or is of another version.
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
