"""We call Google, or a gateway that speaks its formats: one call, answered when the pictures are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx

from generations.providers.base import ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.google import wire
from generations.providers.http import Answer, HttpProvider, answers
from generations.providers.http.series import first_then_rest, in_turn
from generations.types import Finished, ImageRequest, Submission

PAGES = 20

# What a status is called says more than its number; whatever else is called something is read by its number.
REASONS = {"API_KEY_INVALID": "bad_key", "BILLING_DISABLED": "no_funds", "SERVICE_DISABLED": "no_access"}
LASTING = {
    "UNAUTHENTICATED": "bad_key",
    "PERMISSION_DENIED": "no_access",
    "FAILED_PRECONDITION": "no_access",  # a region without the model, an account without billing
    "NOT_FOUND": "model_gone",
}
PASSING = {"RESOURCE_EXHAUSTED": "rate_limited", "UNAVAILABLE": "busy", "ABORTED": "busy"}


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> GoogleProvider:
    """The provider of ``settings.PROVIDERS["google"]``."""
    return GoogleProvider(config["key"], config["base_url"], transport=transport)


class GoogleProvider(HttpProvider):
    """Google's models by key. Pictures always come inside the answer, and there is no job to ask after."""

    name = "google"
    synchronous = True
    call_limit = dt.timedelta(minutes=4)
    answer_limit = 64 * 1024 * 1024

    def __init__(self, key: str, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(wire.home(base_url), headers={"x-goog-api-key": key}, transport=transport)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """All pictures: Imagen's in one call, Gemini's in one call each."""
        if not wire.MODEL.fullmatch(request.provider_model):
            raise ProviderUnavailable("Google has no such model", code="model_gone", passing=False)
        with self.time_limit():
            if wire.predicts(request.provider_model):
                return in_turn(request.count, wire.at_most(request.provider_model), partial(self._predict, request))
            return first_then_rest(request.count, partial(self._generate, request))

    def cancel(self, job: str) -> None:
        """Nothing to stop: there are no jobs."""

    def models(self) -> frozenset[str]:
        """The ids in the list of models, which comes in pages."""
        found: list[str] = []
        page: dict[str, Any] = {"pageSize": 1000}
        for _ in range(PAGES):
            answer = self.request("GET", f"{self.base_url}/models?{urlencode(page)}")
            try:
                names, token = wire.models(answer)
            except wire.Unexpected as error:
                raise answers.no_answer(str(error), HTTPStatus.OK) from error
            found += names
            if not token:
                break
            page["pageToken"] = token
        return frozenset(found)

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means, by the name of its status."""
        trouble = wire.trouble(answer.json_or_none())
        if trouble is None:
            return answers.refusal(answer, self.name, "", paid=paid)
        detail = f"{self.name}: {trouble.text or trouble.name}"[: answers.DETAIL_LENGTH]
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR or trouble.name in PASSING:
            if code := _lasting(trouble):
                return ProviderUnavailable(detail, code=code, status=answer.status, passing=False)
            if code := PASSING.get(trouble.name, ""):
                wait = answers.retry_after(trouble.wait or answer.headers.get("retry-after")) or answers.SOON
                return ProviderUnavailable(detail, code=code, status=answer.status, retry_after=wait)
            if wire.forbids(trouble):
                return RequestRejected(detail, code="content_policy", status=answer.status)
        return answers.refusal(answer, self.name, trouble.text or trouble.name, paid=paid)

    def _predict(self, request: ImageRequest, first: int, count: int) -> Finished:
        body = wire.prediction(request, count, vertex=wire.VERTEX in self.base_url)
        return self._finished(self._ask(request, "predict", body), wire.predicted, count)

    def _generate(self, request: ImageRequest, first: int, count: int) -> Finished:
        return self._finished(self._ask(request, "generateContent", wire.content(request)), wire.generated, count)

    def _ask(self, request: ImageRequest, act: str, body: dict[str, Any]) -> Any:
        return self.request("POST", f"{self.base_url}/models/{request.provider_model}:{act}", body, paid=True)

    def _finished(self, said: Any, read: Callable[[Any], wire.Made], count: int) -> Finished:
        try:
            made = read(said)
        except wire.Unexpected as error:
            raise answers.no_answer(str(error), HTTPStatus.OK, paid=True) from error
        if made.blocked and not made.pictures:
            raise RequestRejected(made.missing, code="content_policy")
        pictures, broken = self.unfolded(made.pictures)
        missing = broken or made.missing or f"Google made {len(pictures)} of {count} pictures."
        return Finished(pictures, withheld=missing if len(pictures) < count else None)


def _lasting(trouble: wire.Trouble) -> str:
    """The code of what stays so until somebody acts; else empty."""
    if reason := next((code for name, code in REASONS.items() if name in trouble.reasons), ""):
        return reason
    return "no_funds" if wire.depleted(trouble) else LASTING.get(trouble.name, "")
