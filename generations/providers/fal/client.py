"""We call fal, through its queue: submit, status, result, cancel."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

import httpx

from generations.providers.base import ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.fal import wire
from generations.providers.http import Answer, HttpProvider, answers
from generations.types import Accepted, Finished, ImageRequest, Submission

MEDIA = ("https://fal.media", "https://*.fal.media")

CLIENT_CLOSED_REQUEST = 499  # nginx's, and fal's for a job that was cancelled

# We copy every picture at once; fal need not keep its own for longer than an outage of ours may last.
KEEP_ONE_DAY = '{"expiration_duration_seconds":86400}'
AFTER_SUBMIT = dt.timedelta(seconds=1)
BETWEEN_LOOKS = dt.timedelta(seconds=0.5)
PER_WAITING_JOB = dt.timedelta(seconds=0.5)
LONGEST_LOOK = dt.timedelta(seconds=5)


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> FalProvider:
    """The provider of ``settings.PROVIDERS["fal"]``."""
    return FalProvider(config["key"], config["queue_url"], transport=transport)


class FalProvider(HttpProvider):
    """fal's queue. A submit has no idempotency key: what was sent and not answered may have been paid."""

    name = "fal"
    answer_limit = 16 * 1024 * 1024  # pictures may come inside the answer

    def __init__(self, key: str, queue_url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        headers = {"authorization": f"Key {key}", "x-fal-object-lifecycle-preference": KEEP_ONE_DAY}
        super().__init__(queue_url, headers=headers, media=MEDIA, transport=transport)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """Hand the request over; fal answers at once with the id of a job."""
        url = f"{self.base_url}/{request.provider_model}"
        answer = self.request("POST", url, wire.submission(request), paid=True)
        try:
            job = wire.accepted(answer, request.provider_model, self.base_url)
        except wire.Unexpected as error:
            raise answers.no_answer(str(error), HTTPStatus.OK, paid=True) from error
        return Accepted(str(job), look_again=AFTER_SUBMIT)

    def poll(self, job: str) -> Submission:
        """Ask for the state and, once the job is over, for its result: only that says how it ended."""
        known = self._known(job)
        with self.time_limit():
            answer = self.call("GET", f"{self.base_url}{known.status}")
            if not answer.good:
                raise self._lost(answer)
            state, before = wire.state(answer.json_or_none())
            if state == "waiting":
                return Accepted(job, look_again=min(BETWEEN_LOOKS + before * PER_WAITING_JOB, LONGEST_LOOK))
            if state == "painting":
                return Accepted(job, look_again=BETWEEN_LOOKS)
            return self._result(job, known)

    def cancel(self, job: str) -> None:
        """Ask fal to stop. That the job is over, or unknown by now, is as good."""
        answer = self.call("PUT", f"{self.base_url}{self._known(job).cancel}")
        if not answer.good and answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}:
            raise self._lost(answer)

    def problem(self, answer: Answer, *, paid: bool = False) -> ProviderError:
        """What an answer that is no success means, in the words of fal's two families of errors."""
        trouble = self._trouble(answer)
        if trouble is None:
            return self._ingress(answer) or answers.refusal(answer, self.name, "", paid=paid)
        if trouble.kind in wire.CONTENT:
            return RequestRejected(trouble.text, code="content_policy", status=answer.status)
        if code := self._special(answer, trouble):
            return self._unavailable(answer, trouble, code, passing=code != "no_funds")
        return answers.refusal(answer, self.name, f"{trouble.kind} {trouble.text}".strip(), paid=paid)

    def _result(self, job: str, known: wire.Job) -> Submission:
        answer = self.call("GET", f"{self.base_url}{known.response}")
        if answer.good:
            try:
                pictures, missing = self.unfolded(wire.pictures(answer.json()))
            except (answers.Unreadable, wire.Unexpected) as error:
                raise answers.no_answer(str(error), answer.status) from error
            withheld = missing or (None if pictures else "fal made no picture")
            return Finished(pictures, withheld=withheld)
        trouble = self._trouble(answer)
        if answer.status == HTTPStatus.BAD_REQUEST and trouble and "in progress" in trouble.text:
            return Accepted(job, look_again=BETWEEN_LOOKS)
        raise self._failed(answer, trouble)

    def _failed(self, answer: Answer, trouble: wire.Trouble | None) -> ProviderError:
        """What the answer of a result means: the job's own failure, or only that it could not be read now."""
        if answer.status == CLIENT_CLOSED_REQUEST:
            return ProviderUnavailable(
                "fal's job was cancelled", code="job_cancelled", status=answer.status, passing=False
            )
        if trouble and trouble.theirs:
            return self._unavailable(answer, trouble, "job_failed", passing=False)
        return self._lost(answer)

    def _lost(self, answer: Answer) -> ProviderError:
        """What a refusal to talk about an accepted job means; that the account is refused says nothing of the job."""
        problem = self.problem(answer)
        if answer.status == HTTPStatus.NOT_FOUND:
            return ProviderUnavailable(
                "fal does not know the job", code="job_lost", status=answer.status, passing=False
            )
        if isinstance(problem, ProviderUnavailable) and problem.retry_after is None:
            problem.retry_after, problem.passing = answers.LATER, True
        return problem

    def _special(self, answer: Answer, trouble: wire.Trouble) -> str:
        """The code where fal means something else than the status says; empty where it does not."""
        if answer.status == HTTPStatus.GATEWAY_TIMEOUT and answer.headers.get("x-fal-request-timeout-type") == "user":
            return "busy"  # it did not start in time, and will not
        if answer.status == HTTPStatus.FORBIDDEN and "balance" in trouble.text.lower():
            return "no_funds"
        return "busy" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and trouble.theirs else ""

    def _ingress(self, answer: Answer) -> ProviderError | None:
        """An answer of the gateway before fal: the request never reached the queue."""
        unreached = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
        if answer.status in unreached and b"nginx" in answer.body and "x-fal-request-id" not in answer.headers:
            wait = answers.retry_after(answer.headers.get("retry-after")) or answers.SOON
            return ProviderUnavailable("fal's gateway is busy", code="busy", status=answer.status, retry_after=wait)
        return None

    def _unavailable(self, answer: Answer, trouble: wire.Trouble, code: str, *, passing: bool) -> ProviderError:
        said = f"{trouble.kind} {trouble.text}".strip()[: answers.DETAIL_LENGTH]
        return ProviderUnavailable(f"fal: {said}", code=code, status=answer.status, passing=passing)

    def _trouble(self, answer: Answer) -> wire.Trouble | None:
        return wire.trouble(answer.json_or_none(), answer.headers.get("x-fal-error-type", ""))

    def _known(self, job: str) -> wire.Job:
        try:
            return wire.Job.parse(job)
        except wire.Unexpected as error:
            raise ProviderUnavailable(str(error), code="job_lost", passing=False) from error
