"""We call fal, through its queue (submit, status, result, cancel) or, where that is asked for, at once."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx

from generations.providers.base import NotGenuine, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.fal import callbacks, wire
from generations.providers.fal.platform import Platform
from generations.providers.http import Answer, HttpProvider, answers
from generations.types import Accepted, Balance, Finished, ImageRequest, Submission

MEDIA = ("https://fal.media", "https://*.fal.media")

CLIENT_CLOSED_REQUEST = 499  # nginx's, and fal's for a job that was cancelled

# We copy every picture at once; fal need not keep its own for longer than an outage of ours may last.
KEEP_ONE_DAY = '{"expiration_duration_seconds":86400}'
# What has not begun by then never begins. (``x-fal-store-io: 0`` is not sent, because ``find`` reads the inputs.)
START_WITHIN = {"x-fal-request-timeout": "300", "x-fal-request-start-timeout": "300"}

AFTER_SUBMIT = dt.timedelta(seconds=1)
BETWEEN_LOOKS = dt.timedelta(seconds=0.5)
PER_WAITING_JOB = dt.timedelta(seconds=0.5)
LONGEST_LOOK = dt.timedelta(seconds=5)
LONGEST_RUN = dt.timedelta(minutes=3)
CLOCKS_APART = dt.timedelta(minutes=1)
LONGEST_LIFE = dt.timedelta(hours=1)  # of a job, from its submit to its end


def build(config: dict[str, Any], transport: httpx.BaseTransport | None = None) -> FalProvider:
    """The provider of ``settings.PROVIDERS["fal"]``. What has no address there is not used."""
    credentials = {"authorization": f"Key {config['key']}"}
    platform = inbox = None
    if api_url := config.get("api_url"):
        platform = Platform(api_url, headers=credentials, transport=transport)
    if config.get("user_id") and config.get("jwks_url"):
        inbox = callbacks.Inbox(config["user_id"], callbacks.KeyRing(config["jwks_url"], transport=transport))
    run_url = config["run_url"] if config.get("synchronous") else ""
    return FalProvider(
        config["queue_url"], credentials, run_url=run_url, platform=platform, inbox=inbox, transport=transport
    )


class FalProvider(HttpProvider):
    """fal's queue. A submit has no idempotency key: what was sent and not answered may have been paid.

    It can be found again on the ``platform``, or by its callback. Callbacks are asked for only where there is an
    ``inbox``, which knows who we are at fal: everybody there can have fal call us. With a ``run_url`` pictures are
    waited for instead of queued: nothing is kept then that could be found again.
    """

    name = "fal"
    answer_limit = 16 * 1024 * 1024  # pictures may come inside the answer

    def __init__(
        self,
        queue_url: str,
        credentials: Mapping[str, str],
        *,
        run_url: str = "",
        platform: Platform | None = None,
        inbox: callbacks.Inbox | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {**credentials, "x-fal-object-lifecycle-preference": KEEP_ONE_DAY}
        also = [run_url] if run_url else []
        super().__init__(queue_url, headers=headers, also=also, media=MEDIA, transport=transport)
        self._run_url = run_url.rstrip("/")
        self._platform = platform
        self._inbox = inbox
        self.synchronous = bool(run_url)
        self.traceable = platform is not None and not self.synchronous
        self.calls_back = inbox is not None and not self.synchronous
        if self.synchronous:
            self.call_limit = LONGEST_RUN

    def close(self) -> None:
        """Close every connection."""
        super().close()
        if self._platform:
            self._platform.close()
        if self._inbox:
            self._inbox.ring.close()

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """Hand the request over; fal's queue answers at once with the id of a job."""
        if self.synchronous:
            return self._run(request)
        asked = f"?{urlencode({'fal_webhook': callback})}" if callback and self._inbox else ""
        url = f"{self.base_url}/{request.provider_model}{asked}"
        answer = self.request("POST", url, wire.submission(request), paid=True, headers=START_WITHIN)
        try:
            job = wire.accepted(answer, request.provider_model)
        except wire.Unexpected as error:
            raise answers.no_answer(str(error), HTTPStatus.OK, paid=True) from error
        return Accepted(str(job), look_again=AFTER_SUBMIT)

    def find(self, request: ImageRequest, *, reference: str, sent: dt.datetime) -> Submission | None:
        """The one job of our account, sent at about that time, with this very input: our seed is drawn for each.

        Nothing while there is none, or where several are alike. Whether another attempt has it is the caller's to see.
        """
        if not (self._platform and self.traceable):
            return None
        since, until = sent - CLOCKS_APART, sent + self.call_limit + CLOCKS_APART
        listed = self._platform.requests(request.provider_model, since, sent + LONGEST_LIFE)
        number = wire.recognised(listed or [], request, since, until)
        return Accepted(str(wire.Job.of(number, request.provider_model)), look_again=AFTER_SUBMIT) if number else None

    def heard(self, provider_model: str, headers: Mapping[str, str], body: bytes) -> str:
        """The job that a callback is about, once it is proven that fal sent it to us."""
        if self._inbox is None:
            raise NotGenuine("no callback of fal's is asked for while FAL_USER_ID is not set")
        number = self._inbox.proven(headers, body, time.time())
        return str(wire.Job.of(number, provider_model))

    def balance(self) -> Balance | None:
        """What is left of our credits, where the key may know."""
        return self._platform.balance() if self._platform else None

    def models(self) -> frozenset[str] | None:
        """The ids of fal's models that make pictures of words."""
        return self._platform.models() if self._platform else None

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        """Ask for the state and, once the job is over, for its result: only that says how it ended.

        What is likely over is asked for its result at once. An answer that is neither that nor "not yet" says nothing
        of the job while its state is not known.
        """
        known = self._known(job)
        with self.time_limit():
            if likely_over:
                try:
                    return self._result(job, known)
                except ProviderError as error:
                    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                        raise
            answer = self.call("GET", f"{self.base_url}{known.home}/status")
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
        answer = self.call("PUT", f"{self.base_url}{self._known(job).home}/cancel")
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
        answer = self.call("GET", f"{self.base_url}{known.home}")
        if answer.good:
            return self._made(answer)
        trouble = self._trouble(answer)
        if answer.status == HTTPStatus.BAD_REQUEST and trouble and "in progress" in trouble.text:
            return Accepted(job, look_again=BETWEEN_LOOKS)
        raise self._failed(answer, trouble)

    def _run(self, request: ImageRequest) -> Submission:
        """Have it made while we wait."""
        url = f"{self._run_url}/{request.provider_model}"
        answer = self.call("POST", url, wire.submission(request), paid=True, headers=START_WITHIN)
        if answer.good:
            return self._made(answer, paid=True)
        trouble = self._trouble(answer)
        if trouble and trouble.theirs and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._unavailable(answer, trouble, "job_failed", passing=False)  # in its own words, and never billed
        raise self.problem(answer, paid=True)

    def _made(self, answer: Answer, *, paid: bool = False) -> Finished:
        try:
            pictures, missing = self.unfolded(wire.pictures(answer.json()))
        except (answers.Unreadable, wire.Unexpected) as error:
            raise answers.no_answer(str(error), answer.status, paid=paid) from error
        return Finished(pictures, withheld=missing or (None if pictures else "fal made no picture"))

    def _failed(self, answer: Answer, trouble: wire.Trouble | None) -> ProviderError:
        """What the answer of a result means: the job's own failure, or only that it could not be read now."""
        if answer.status == CLIENT_CLOSED_REQUEST:
            return ProviderUnavailable(
                "fal's job was cancelled", code="job_cancelled", status=answer.status, passing=False
            )
        if trouble and (trouble.theirs or self._begun_too_late(answer)):
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
        if self._begun_too_late(answer):
            return "busy"
        if answer.status == HTTPStatus.FORBIDDEN and "balance" in trouble.text.lower():
            return "no_funds"
        return "busy" if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and trouble.theirs else ""

    def _begun_too_late(self, answer: Answer) -> bool:
        """Whether it did not start within our limit, and never will."""
        told = answer.headers.get("x-fal-request-timeout-type") == "user"
        return told and answer.status == HTTPStatus.GATEWAY_TIMEOUT

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
