"""We call AI/ML API: one call, answered when the pictures are made."""

from __future__ import annotations

import datetime as dt
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx

from generations.providers.aimlapi import wire
from generations.providers.base import ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.http import Answer, HttpProvider, answers
from generations.providers.http.series import in_turn
from generations.types import Balance, Finished, ImageRequest, Submission

MEDIA = ("https://cdn.aimlapi.com",)


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> AimlapiProvider:
    """The provider of ``settings.PROVIDERS["aimlapi"]``."""
    return AimlapiProvider(config["key"], config["base_url"], transport=transport)


class AimlapiProvider(HttpProvider):
    """AI/ML API. It knows no jobs: a call that was not answered may have been paid, and nobody can tell."""

    name = "aimlapi"
    synchronous = True
    call_limit = dt.timedelta(minutes=3)  # 78 s is the longest that its documentation shows
    answer_limit = 64 * 1024 * 1024  # pictures may come inside the answer

    def __init__(self, key: str, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"authorization": f"Bearer {key}"}
        super().__init__(
            base_url.removesuffix("/").removesuffix("/v1"), headers=headers, media=MEDIA, transport=transport
        )

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """All pictures, in as many calls as the model needs for them."""
        with self.time_limit():
            at_most = wire.fields(request.provider_model).at_most
            return in_turn(request.count, at_most, partial(self._paint, request))

    def cancel(self, job: str) -> None:
        """Nothing to stop: there are no jobs."""

    def balance(self) -> Balance:
        """What is left of what was paid in."""
        answer = self.request("GET", f"{self.base_url}/v2/billing")
        try:
            return Balance(*wire.balance(answer))
        except wire.Unexpected as error:
            raise answers.no_answer(str(error), HTTPStatus.OK) from error

    def models(self) -> frozenset[str]:
        """The ids in its list of models, and their aliases."""
        answer = self.request("GET", f"{self.base_url}/v1/models")
        try:
            return wire.models(answer)
        except wire.Unexpected as error:
            raise answers.no_answer(str(error), HTTPStatus.OK) from error

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means. An empty account and a forbidden prompt are both a 403."""
        trouble = wire.trouble(answer.json_or_none())
        if trouble is None:
            return answers.refusal(answer, self.name, "", paid=paid)
        detail = f"{self.name}: {trouble.text or trouble.kind}"[: answers.DETAIL_LENGTH]
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            if trouble.no_funds:
                return ProviderUnavailable(detail, code="no_funds", status=answer.status, passing=False)
            if trouble.content:
                return RequestRejected(detail, code="content_policy", status=answer.status)
            if trouble.too_long:
                return ProviderUnavailable(detail, code="prompt_too_long", status=answer.status, passing=False)
        return answers.refusal(answer, self.name, trouble.text or trouble.kind, paid=paid)

    def _paint(self, request: ImageRequest, first: int, count: int) -> Finished:
        body = wire.submission(request, first, count)
        answer = self.call("POST", f"{self.base_url}/v1/images/generations", body, paid=True)
        if not answer.good:
            raise self._refused(answer, request.provider_model)
        try:
            said = answer.json()
            pictures, broken = self.unfolded(wire.pictures(said))
        except (answers.Unreadable, wire.Unexpected) as error:
            raise answers.no_answer(str(error), answer.status, paid=True) from error
        withheld = broken or f"AI/ML API made {len(pictures)} of {count} pictures: the rest may have been filtered."
        cost = wire.cost(said, answer.headers)
        return Finished(pictures, cost_usd=cost, withheld=withheld if len(pictures) < count else None)

    def _refused(self, answer: Answer, model: str) -> ProviderError:
        """A model that was taken out of the list is named in the refusal, whose status is that of any bad request."""
        trouble = wire.trouble(answer.json_or_none())
        if trouble and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and trouble.disowns(model):
            detail = f"{self.name} has no model {model} (any more)"
            return ProviderUnavailable(detail, code="model_gone", status=answer.status, passing=False)
        return self.problem(answer, paid=True)
