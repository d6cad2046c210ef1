"""fal's platform API: what was asked of fal, what is left there, what it serves.

It takes the same key where that may look: what it does not let us see is nothing (None), and says nothing of the queue.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from generations.providers.base import ProviderError
from generations.providers.fal import wire
from generations.providers.http import HttpClient, answers
from generations.types import Balance

logger = logging.getLogger(__name__)

PAGES = 30
PAGE_LENGTH = 100
CLOSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class Closed(Exception):
    """The key may not look there."""


class Platform(HttpClient):
    """Lists come in pages. One that does not end within ``PAGES`` tells nothing: the rest may tell otherwise."""

    name = "fal"
    answer_limit = 16 * 1024 * 1024  # the inputs of a hundred requests, and pictures inside their outputs

    def requests(self, model: str, since: dt.datetime, until: dt.datetime) -> list[wire.Entry] | None:
        """What was asked of a model by our account, with its input. What waits may not be listed yet."""
        query = {"endpoint_id": model, "start": _stamp(since), "expand": "payloads", "limit": str(PAGE_LENGTH)}
        if until < dt.datetime.now(dt.UTC):  # else fal's own clock says when now is
            query["end"] = _stamp(until)
        items = self._all("/models/requests/by-endpoint", query, "items")
        return None if items is None else wire.entries(items, model)

    def models(self) -> frozenset[str] | None:
        """The ids of the models that make pictures of words."""
        items = self._all("/models", {"status": "active", "category": "text-to-image"}, "models")
        if items is None:
            return None
        ids = [item.get("endpoint_id") for item in items]
        return frozenset(identifier for identifier in ids if isinstance(identifier, str))

    def balance(self) -> Balance | None:
        """What is left of our credits; only an admin's key is told."""
        try:
            left = wire.credits_left(self._get("/account/billing", {"expand": "credits"}))
        except Closed:
            return None
        return Balance(*left) if left else None

    def _all(self, path: str, query: Mapping[str, str], name: str) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        cursor = ""
        with self.time_limit():
            for _ in range(PAGES):
                try:
                    answer = self._get(path, {**query, "cursor": cursor} if cursor else query)
                    items, cursor = wire.page(answer, name)
                except Closed:
                    return None
                except wire.Unexpected as error:
                    raise answers.no_answer(str(error), HTTPStatus.OK) from error
                found += items
                if not cursor:
                    return found
        logger.warning("fal's list of %s is longer than %s pages", name, PAGES)
        return None

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        """What it answers; ``Closed``, or a reason to ask again: nothing that it says ends a generation."""
        try:
            answer = self.call("GET", f"{self.base_url}{path}?{urlencode(query)}")
            if answer.status in CLOSED:
                logger.info("fal's platform does not let our key look at %s: %s", path, answer.status)
                raise Closed
            if not answer.good:
                raise self.problem(answer)
            return answer.json()
        except answers.Unreadable as error:
            raise answers.no_answer(f"fal's answer is {error}", HTTPStatus.OK) from error
        except ProviderError as error:
            raise answers.asked_in_vain(error) from error


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
