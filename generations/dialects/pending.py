"""Answers that have to wait for a generation, without holding a thread meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase

from generations.dialects.inline import InlineResponse
from generations.models import Generation
from generations.waiting import waiters

logger = logging.getLogger(__name__)


class Pending(HttpResponse):
    """What a view returns that has to wait: for which generation, how long at most, and how it answers then.

    ``late`` is what it says where it cannot tell: the order was accepted, so a 5xx would have it sent again.
    """

    def __init__(
        self,
        generation: Generation,
        seconds: float,
        answer: Callable[[], HttpResponseBase],
        late: Callable[[], HttpResponseBase],
    ) -> None:
        super().__init__()
        self.generation = generation
        self.seconds = seconds
        self.answer = answer
        self.late = late


async def awaited(pending: Pending) -> HttpResponseBase:
    """What it answers in the end. A client that leaves meanwhile ends the waiting and nothing else."""
    try:
        return await _awaited(pending)
    except Exception:
        logger.exception("generation %s goes on, but its request was not answered", pending.generation.pk)
        return pending.late()


async def _awaited(pending: Pending) -> HttpResponseBase:
    if not pending.generation.is_finished:
        await waiters.until_finished(pending.generation.pk, pending.seconds)
    answer: HttpResponseBase = await sync_to_async(pending.answer)()
    if isinstance(answer, InlineResponse):
        await answer.open()
    return answer
