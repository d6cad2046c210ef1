"""How a request stands, told as it changes, without a thread that waits."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection

from generations.following import bus
from generations.providers.fal.standing import Line, Standing

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15
Write = Callable[[Standing], dict[str, Any]]


async def updates(number: UUID, ask: Callable[[], Standing | None], write: Write) -> AsyncIterator[str]:
    """An event for every change until it is over.

    What happens to the generation wakes it; else it asks every 15 seconds, when it says that it is still there.
    """
    queue = await bus.follow(number)
    account = Account(write)
    try:
        while True:
            found = await sync_to_async(_asked)(ask)
            if found and (news := account.news(found)):
                yield f"data: {json.dumps(news)}\n\n"
            if found and found.generation.is_finished:
                return
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        bus.leave(number, queue)


class Account:
    """What one stream has told of a request. Clients add log lines up, so each is told once."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._told: list[Line] = []
        self._before: dict[str, Any] = {}

    def news(self, found: Standing) -> dict[str, Any] | None:
        """How it stands, with what was not told before; nothing when nothing has changed."""
        new = [line for line in found.lines or [] if line not in self._told]
        body = self._write(found if found.lines is None else replace(found, lines=new))
        before, self._before = self._before, {**body, "logs": None}
        if "logs" in body:
            self._told += new
        return body if self._before != before or body.get("logs") else None


def _asked(ask: Callable[[], Standing | None]) -> Standing | None:
    """Nothing while the database is away."""
    try:
        return ask()
    except (OperationalError, InterfaceError) as error:
        logger.warning("nobody can tell how a request stands: %s", error)
        connection.close()
        return None
