"""Pictures inside JSON, as base64: read in a few threads of their own, sent as they are read, never whole in memory."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any
from uuid import uuid4

from django.http import StreamingHttpResponse

from generations import storage
from generations.models import Image

PIECE = 3 * 2**16  # bytes at a time; a multiple of three, so that pieces of base64 join without padding
READERS = ThreadPoolExecutor(4, thread_name_prefix="inline")


class InlineResponse(StreamingHttpResponse):
    """JSON of a value in which an ``Image`` stands for the base64 of its original.

    ``open`` finds the first of them, before anything is promised; what it raises is the storage's.
    """

    def __init__(self, value: Any) -> None:
        self._images: list[Image] = []
        self._opened: dict[int, IO[bytes]] = {}
        self._mark = uuid4().hex
        self._texts = json.dumps(value, default=self._stand_in).split(self._mark)
        super().__init__(self._content(), content_type="application/json")
        length = sum(map(len, self._texts)) + sum(-(-image.size // 3) * 4 for image in self._images)
        self["Content-Length"] = str(length)

    async def open(self) -> None:
        """Be ready to read."""
        if self._images:
            await self._file(0)

    def close(self) -> None:
        """Let go of what was opened, whether the client stayed or not."""
        super().close()
        for file in self._opened.values():
            file.close()

    def _stand_in(self, image: Image) -> str:
        self._images.append(image)
        return self._mark

    async def _content(self) -> AsyncIterator[bytes]:
        yield self._texts[0].encode()
        for number, text in enumerate(self._texts[1:]):
            file = await self._file(number)
            while piece := await _in_a_thread(file.read, PIECE):
                yield base64.b64encode(piece)
            file.close()
            yield text.encode()

    async def _file(self, number: int) -> IO[bytes]:
        if number not in self._opened:
            image = self._images[number]
            key = storage.original_key(image.sha256, image.media_type)
            self._opened[number] = await _in_a_thread(storage.open_file, key)
        return self._opened[number]


async def _in_a_thread(call: Any, argument: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(READERS, call, argument)
