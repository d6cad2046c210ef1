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
from django.db import OperationalError, close_old_connections

from generations.following import bus
from generations.providers.fal.standing import Line, Standing

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15


async def updates(
    number: UUID, ask: Callable[[], Standing | None], write: Callable[[Standing], dict[str, Any]]
) -> AsyncIterator[str]:
    """An event for every change until it is over, each with the log lines that are new: clients add them up.

    Its events wake it; without them it asks every 15 seconds, when it says that it is still there.
    """
    queue = await bus.follow(number)
    told: list[Line] = []
    before: dict[str, Any] = {}
    try:
        while True:
            found = await sync_to_async(_asked)(ask)
            if found:
                new = [line for line in found.lines or [] if line not in told]
                body = write(found if found.lines is None else replace(found, lines=new))
                state = {**body, "logs": None}
                if state != before or body.get("logs"):
                    yield f"data: {json.dumps(body)}\n\n"
                if "logs" in body:
                    told += new
                before = state
                if found.generation.is_finished:
                    return
            try:
                await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        bus.leave(number, queue)


def _asked(ask: Callable[[], Standing | None]) -> Standing | None:
    """Nothing while the database is away."""
    close_old_connections()
    try:
        return ask()
    except OperationalError as error:
        logger.warning("nobody can tell how a request stands: %s", error)
        return None
