"""We call Apiframe: a job for each picture, asked after until all of them are over."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx

from generations.providers.apiframe import signing, wire
from generations.providers.base import NotGenuine, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.http import Answer, HttpProvider, answers
from generations.types import Accepted, Balance, Finished, ImageRequest, Picture, Submission

MEDIA = ("https://cdn.apiframe.ai", "https://cdn2.apiframe.ai")

# Its documentation asks for two to three seconds between two looks at an image job.
BETWEEN_LOOKS = dt.timedelta(seconds=2.5)


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> ApiframeProvider:
    """The provider of ``settings.PROVIDERS["apiframe"]``."""
    return ApiframeProvider(config["key"], config["base_url"], transport=transport)


class ApiframeProvider(HttpProvider):
    """Apiframe's jobs. Each picture has an idempotency key of its own, drawn from the reference.

    Whoever does not know what became of a submit submits again, with the same reference and the same callback: what was
    accepted is answered again, what was not is accepted now. Apiframe remembers the keys for a day.
    """

    name = "apiframe"
    repeatable = True
    calls_back = True

    def __init__(self, key: str, base_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(base_url, headers={"x-api-key": key}, media=MEDIA, transport=transport)
        self._key = key

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """Hand over one job for each picture. Once one is accepted, a refusal costs only the pictures after it."""
        if not wire.fits(request.prompt):
            detail = f"Apiframe takes prompts of at most {wire.PROMPT_UNITS} characters"
            raise ProviderUnavailable(detail, code="prompt_too_long", passing=False)
        body = wire.submission(request, callback)
        jobs: list[str] = []
        refused: list[str] = []
        with self.time_limit():
            while len(jobs) + len(refused) < request.count:
                try:
                    jobs.append(self._begin(body, f"{reference}-{len(jobs) + 1}"))
                except (ProviderUnavailable, RequestRejected) as error:
                    if not jobs:
                        raise
                    refused = [error.code] * (request.count - len(jobs))
        return Accepted(str(wire.Order(jobs, refused)), look_again=BETWEEN_LOOKS)

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        """Ask after each job in turn, up to the first that is not over."""
        try:
            order = wire.Order.parse(job)
        except wire.Unexpected as error:
            raise ProviderUnavailable(str(error), code="job_lost", passing=False) from error
        over: list[wire.Job] = []
        with self.time_limit():
            for number in order.jobs:
                found = self._look(number)
                if found.state == "unfinished":
                    return Accepted(job, look_again=BETWEEN_LOOKS)
                over.append(found)
        return self._finished(over, order.refused)

    def cancel(self, job: str) -> None:
        """Apiframe has no way to stop a job: it is made, and billed."""
        return

    def heard(self, provider_model: str, headers: Mapping[str, str], body: bytes) -> str:
        """The one job that a callback is about: of an attempt at several pictures, one of its jobs."""
        given = next((value for name, value in headers.items() if name.lower() == signing.HEADER), "")
        if not signing.genuine(self._key, given, body):
            raise NotGenuine("Apiframe did not sign it")
        try:
            return wire.called_back(json.loads(body))
        except (ValueError, RecursionError) as error:
            raise NotGenuine("what Apiframe signed names no job") from error

    def balance(self) -> Balance | None:
        """The team's credits."""
        left = wire.credits_left(self.request("GET", f"{self.base_url}/v2/me"))
        return None if left is None else Balance(left, "credits")

    def models(self) -> frozenset[str] | None:
        """The ids of its image models."""
        answer = self.request("GET", f"{self.base_url}/v2/models?modality=image")
        try:
            return wire.models(answer)
        except wire.Unexpected as error:
            raise answers.no_answer(f"{self.name}: {error}", HTTPStatus.OK) from error

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means, in Apiframe's words."""
        trouble = wire.trouble(answer.json_or_none())
        said = trouble.text if trouble else ""
        if trouble and answer.status == HTTPStatus.BAD_REQUEST and trouble.fields:
            return self._not_taken(said, trouble.fields)
        if trouble and answer.status == HTTPStatus.CONFLICT:
            detail = f"{self.name} has this picture's key with another body: {said[: answers.DETAIL_LENGTH]}"
            return RequestRejected(detail, code="conflict", status=answer.status)
        return answers.refusal(answer, self.name, said, paid=paid)

    def _begin(self, body: dict[str, Any], key: str) -> str:
        url = f"{self.base_url}/v2/images/generate"
        answer = self.request("POST", url, body, paid=True, headers={"idempotency-key": key})
        try:
            return wire.accepted(answer)
        except wire.Unexpected as error:
            raise answers.no_answer(f"{self.name}: {error}", HTTPStatus.OK, paid=True) from error

    def _look(self, number: str) -> wire.Job:
        try:
            answer = self.call("GET", f"{self.base_url}/v2/jobs/{number}")
        except ProviderError as error:
            raise answers.asked_in_vain(error) from error
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST} and wire.trouble(answer.json_or_none()):
            return wire.LOST
        if not answer.good:
            raise answers.asked_in_vain(self.problem(answer))
        try:
            return wire.job(answer.json_or_none())
        except wire.Unexpected as error:
            raise answers.no_answer(f"{self.name}: {error}", answer.status) from error

    def _finished(self, over: Sequence[wire.Job], refused: Sequence[str]) -> Finished:
        """The pictures there are, and why the others are missing."""
        if all(job.state != "completed" for job in over):
            raise self._failed(over)
        pictures, broken = self.unfolded(Picture(url=job.url) for job in over if job.url)
        reasons = [*(job.shortfall for job in over), broken, *(f"Apiframe refused: {code}." for code in refused)]
        withheld = " ".join(dict.fromkeys(filter(None, reasons)))[: answers.DETAIL_LENGTH]
        paid = [job.credits for job in over]
        cost = None if None in paid else round(sum(filter(None, paid)) * wire.CREDIT_USD, 5)
        return Finished(pictures, cost_usd=cost, withheld=withheld or None)

    def _failed(self, over: Sequence[wire.Job]) -> ProviderError:
        """What it means that no job made a picture: one that was refused for its content speaks for all."""
        for job in over:
            if job.against_policy:
                return RequestRejected(job.shortfall[: answers.DETAIL_LENGTH], code="content_policy")
        failed = next((job for job in over if job.state == "failed"), over[0])
        detail = failed.shortfall[: answers.DETAIL_LENGTH]
        return ProviderUnavailable(detail, code=f"job_{failed.state}", passing=False)

    def _not_taken(self, said: str, fields: frozenset[str]) -> ProviderError:
        """A body that is not valid: it is this vendor that does not take it."""
        code = "model_gone" if "model" in fields else "not_offered"
        detail = f"{self.name} does not take {', '.join(sorted(fields))}: {said}"[: answers.DETAIL_LENGTH]
        return ProviderUnavailable(detail, code=code, status=HTTPStatus.BAD_REQUEST, passing=False)
