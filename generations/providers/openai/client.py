"""We call a server that speaks OpenAI's images API: one call, answered when the pictures are made."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx

from generations.providers.base import ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.http import Answer, HttpProvider, answers
from generations.providers.http.egress import within
from generations.providers.http.series import in_turn
from generations.providers.openai import wire
from generations.types import Finished, ImageRequest, Submission

LIST_SECONDS = 10
LIST_REMEMBERED = 60  # seconds in which the server is not asked again for its models


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> OpenAIProvider:
    """The provider of ``settings.PROVIDERS["openai"]``."""
    habits = wire.Habits(**config["habits"])
    limit = dt.timedelta(seconds=config["timeout"])
    return OpenAIProvider(
        config["base_url"], habits, key=config["key"], media=config["media"], limit=limit, transport=transport
    )


class OpenAIProvider(HttpProvider):
    """A server at an address that ends in ``/v1``, with a key or without."""

    name = "openai"
    synchronous = True
    answer_limit = 128 * 1024 * 1024  # pictures come inside the answer

    def __init__(
        self,
        base_url: str,
        habits: wire.Habits,
        *,
        key: str = "",
        media: Iterable[str] = (),
        limit: dt.timedelta,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        super().__init__(base_url, headers=headers, also=media, transport=transport)
        self.call_limit = limit  # for all pictures of a request: they may be painted one after another
        self._habits = habits
        self._listed: tuple[float, str] | None = None  # when the server was asked for its models, and the one to use

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """All pictures, in as many calls as the server needs: some make fewer than they are asked for."""
        with self.time_limit():
            model = request.provider_model or self._habits.model or self._usual()
            paint = partial(self._paint, request, model)
            return in_turn(request.count, self._habits.at_most, paint, insist=True)

    def cancel(self, job: str) -> None:
        """Nothing to stop: there are no jobs."""

    def models(self) -> frozenset[str] | None:
        """The ids that the server lists; nothing where it keeps no list."""
        try:
            return frozenset(self._list())
        except ProviderUnavailable as error:
            if error.code == "model_gone":  # 404: there is no such list
                return None
            raise

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means: OpenAI's codes where there are any, else the status."""
        trouble = wire.trouble(answer.json_or_none()) or _plain(answer)
        if trouble is None:
            return answers.refusal(answer, self.name, "", paid=paid)
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            detail = f"{self.name}: {trouble.text or trouble.code}"[: answers.DETAIL_LENGTH]
            if trouble.code in wire.CONTENT:
                return RequestRejected(detail, code="content_policy", status=answer.status)
            if code := _lasting(trouble):
                return ProviderUnavailable(detail, code=code, status=answer.status, passing=False)
            if answer.status == HTTPStatus.CONFLICT:
                return ProviderUnavailable(detail, code="busy", status=answer.status, retry_after=answers.SOON)
        return answers.refusal(answer, self.name, trouble.text or trouble.code, paid=paid)

    def _paint(self, request: ImageRequest, model: str, first: int, count: int) -> Finished:
        body = wire.submission(request, self._habits, model, first, count)
        said = self.request("POST", f"{self.base_url}/images/generations", body, paid=True)
        try:
            made = wire.pictures(said, self.base_url, body.get("seed") if count == 1 else None)
        except wire.Unexpected as error:
            raise answers.no_answer(f"{self.name}: {error}", HTTPStatus.OK, paid=True) from error
        pictures, broken = self.unfolded(made)
        missing = f"The server made {len(pictures)} of {count} pictures." if len(pictures) < count else None
        return Finished(pictures, withheld=broken or missing)

    def _usual(self) -> str:
        """The model to name where nobody named one; nothing where the server does not say, and so decides."""
        now = time.monotonic()
        if self._listed is None or now - self._listed[0] > LIST_REMEMBERED:
            try:
                name = wire.painter(self._list())
            except ProviderError as error:
                if error.code == "not_sent":
                    raise
                name = ""
            self._listed = now, name
        return self._listed[1]

    def _list(self) -> list[str]:
        with within(LIST_SECONDS):
            answer = self.request("GET", f"{self.base_url}/models")
        try:
            return wire.models(answer)
        except wire.Unexpected as error:
            raise answers.no_answer(f"{self.name}: {error}", HTTPStatus.OK) from error


def _lasting(trouble: wire.Trouble) -> str:
    """The code of what stays so until somebody acts, where the status does not say it; else empty."""
    if trouble.code in wire.NO_FUNDS:
        return "no_funds"
    return "model_gone" if trouble.code in wire.GONE else ""


def _plain(answer: Answer) -> wire.Trouble | None:
    """Words without any format, as small servers send them; a page is not meant for us."""
    if not answer.headers.get("content-type", "").startswith("text/plain"):
        return None
    text = answer.body[: answers.DETAIL_LENGTH].decode("utf-8", "replace").strip()
    return wire.Trouble("", text) if text else None
