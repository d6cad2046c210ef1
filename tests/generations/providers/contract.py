"""What every provider keeps to. A vendor's test class inherits one of these and gives it its fixtures."""

from __future__ import annotations

import base64
import datetime as dt
import io
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

import PIL.Image
import pytest

from generations.providers.base import OutcomeUnknown, Provider, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.http import HttpProvider
from generations.types import Accepted, Finished, ImageRequest, Picture
from tests.emulators import faults
from tests.emulators.server import Server

WORDS = "Ein Leuchtturm, 灯台, منارة, 🗼 “quoted” \\ and\nanother line"


class Emulator(Protocol):
    """A vendor to be tested against."""

    faults: faults.Plan
    server: Server

    @property
    def paid(self) -> list[object]: ...

    def prompts(self) -> list[str]: ...

    def calls(self, step: str) -> int: ...

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        ...


def finish(provider: Provider, request: ImageRequest) -> Finished:
    """Submit, and poll until it is over."""
    submission = provider.submit(request, reference=uuid.uuid4().hex, callback=None)
    until = time.monotonic() + 10
    while isinstance(submission, Accepted):
        assert time.monotonic() < until
        time.sleep(0.02)
        submission = provider.poll(submission.job)
    return submission


def fetched(provider: Provider, url: str) -> bytes:
    """The bytes of a picture at this address."""
    into = io.BytesIO()
    provider.fetch(url, into)
    return into.getvalue()


def content(provider: Provider, picture: Picture) -> bytes:
    """The bytes of a picture, wherever they are."""
    return picture.draw() if picture.draw else picture.content or fetched(provider, picture.url or "")


class ProviderContract:
    """What holds for any provider, with a network or without. Needs the fixture ``provider``."""

    model = ""

    @pytest.fixture
    def order(self) -> ImageRequest:
        """Two small pictures of words that are easily broken on the way."""
        return ImageRequest(provider_model=self.model, prompt=WORDS, count=2, seed=7)

    def test_it_says_what_it_is(self, provider: Provider) -> None:
        assert provider.name
        assert isinstance(provider.repeatable, bool)
        assert isinstance(provider.trained, bool)
        assert isinstance(provider.synchronous, bool)
        assert isinstance(provider.traceable, bool)
        assert dt.timedelta(0) < provider.call_limit <= dt.timedelta(minutes=10)

    def test_a_request_becomes_as_many_pictures_as_were_asked_for(
        self, provider: Provider, order: ImageRequest
    ) -> None:
        finished = finish(provider, order)
        assert len(finished.pictures) == 2
        assert finished.withheld is None
        for picture in finished.pictures:
            PIL.Image.open(io.BytesIO(content(provider, picture))).load()

    def test_its_errors_are_all_of_one_family(self, provider: Provider) -> None:
        with pytest.raises(ProviderError):
            provider.poll("no such job")
        with pytest.raises(ProviderError):
            fetched(provider, "no address at all")


@dataclass(frozen=True)
class Outcome:
    """What a fault at a submit must come to."""

    error: type[ProviderError]
    code: str
    paid: int = 0
    retry_after: float | None = None
    passing: bool = True


UNAVAILABLE, REJECTED, UNKNOWN = ProviderUnavailable, RequestRejected, OutcomeUnknown
Failing = Callable[[Emulator], faults.Fault]


def refusing(status: int, **headers: str) -> Failing:
    """Refuse in the vendor's own format, having done nothing."""
    return lambda vendor: faults.answering(status, vendor.refusal(status), **headers)


def failing(fault: faults.Fault) -> Failing:
    """Fail as no vendor means to."""
    return lambda vendor: fault


# What was seen decides what it means, whoever the vendor is
SUBMIT_FAULTS: dict[str, tuple[Failing, Outcome]] = {
    "rate limited": (refusing(429, retry_after="3"), Outcome(UNAVAILABLE, "rate_limited", retry_after=3)),
    "rate limited for absurdly long": (
        refusing(429, retry_after="99999999999"),
        Outcome(UNAVAILABLE, "rate_limited", retry_after=300),
    ),
    "overloaded": (refusing(503), Outcome(UNAVAILABLE, "busy", retry_after=2)),
    "bad key": (refusing(401), Outcome(UNAVAILABLE, "bad_key", passing=False)),
    "no funds": (refusing(402), Outcome(UNAVAILABLE, "no_funds", passing=False)),
    "not ours": (refusing(403), Outcome(UNAVAILABLE, "no_access", passing=False)),
    "retired model": (refusing(404), Outcome(UNAVAILABLE, "model_gone", passing=False)),
    "gone": (refusing(410), Outcome(UNAVAILABLE, "model_gone", passing=False)),
    "bad request": (refusing(400), Outcome(REJECTED, "bad_request")),
    "invalid": (refusing(422), Outcome(REJECTED, "bad_request")),
    "somebody's page": (
        failing(faults.answering(400, "page")),
        Outcome(UNAVAILABLE, "bad_answer", retry_after=2),
    ),
    "failed": (refusing(500), Outcome(UNKNOWN, "bad_answer")),
    "failed after accepting": (failing(faults.failing_after(500)), Outcome(UNKNOWN, "bad_answer", paid=1)),
    "gateway lost it": (refusing(504), Outcome(UNKNOWN, "bad_answer")),
    "dropped": (failing(faults.dropped_before()), Outcome(UNKNOWN, "no_answer")),
    "lost answer": (failing(faults.lost_answer()), Outcome(UNKNOWN, "no_answer", paid=1)),
    "cut answer": (failing(faults.cut()), Outcome(UNKNOWN, "no_answer", paid=1)),
    "truncated JSON": (failing(faults.truncated(30)), Outcome(UNKNOWN, "bad_answer", paid=1)),
    "HTML for JSON": (failing(faults.page()), Outcome(UNKNOWN, "bad_answer", paid=1)),
    "a list for an object": (failing(faults.edited(lambda body: [body])), Outcome(UNKNOWN, "bad_answer", paid=1)),
    "nothing in it": (failing(faults.edited(lambda body: {})), Outcome(UNKNOWN, "bad_answer", paid=1)),
    "endless": (failing(faults.endless()), Outcome(UNKNOWN, "bad_answer")),
    "slower than the limit": (failing(faults.slow(3)), Outcome(UNKNOWN, "no_answer", paid=1)),
    "byte by byte": (failing(faults.dripping(0.05)), Outcome(UNKNOWN, "no_answer", paid=1)),
    "redirected": (failing(faults.redirected("/elsewhere")), Outcome(UNKNOWN, "bad_answer")),
}

# Asking after a job: whatever fails, asking again must be possible and must be the answer.
POLL_FAULTS: dict[str, faults.Fault] = {
    "rate limited": faults.rate_limited("1"),
    "overloaded": faults.answering(503),
    "failed": faults.answering(500),
    "gateway": faults.page(502),
    "dropped": faults.dropped_before(),
    "cut": faults.cut(),
    "truncated": faults.truncated(30),
    "HTML": faults.page(),
    "key refused": faults.answering(401),
    "slow": faults.slow(3),
    "byte by byte": faults.dripping(0.05),
}

FETCH_AGAIN_FAULTS: dict[str, faults.Fault] = {
    "not there yet": faults.answering(404),
    "failed": faults.answering(500),
    "dropped": faults.dropped_before(),
    "cut": faults.cut(5000),
    "HTML": faults.page(),
    "byte by byte": faults.dripping(0.05),
}

FETCH_NEVER_FAULTS: dict[str, tuple[faults.Fault, str]] = {
    "huge": (faults.huge(), "too_large"),
    "huge, unannounced": (faults.huge(announced=False), "too_large"),
    "no picture": (lambda proceed: replace(proceed(), body=b"\0" * 100), "not_a_picture"),
    "empty": (lambda proceed: replace(proceed(), body=b""), "not_a_picture"),
    "redirected inside": (faults.redirected("http://169.254.169.254/latest"), "forbidden_address"),
    "redirected to a file": (faults.redirected("file:///etc/passwd"), "forbidden_address"),
}


# What stands as base64 where a picture should be
INLINE_FAULTS: dict[str, Callable[[], str]] = {
    "empty": str,
    "no base64": lambda: "????",
    "a page": lambda: base64.b64encode(b"<html>").decode(),
    "too large": lambda: base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(faults.HUGE)).decode(),
}


# Only silence needs a limit to be noticed; with any other fault a slow machine has all the time it wants.
SLOW = {"slower than the limit", "slow", "byte by byte"}


@contextmanager
def in_haste(provider: HttpProvider, fault: str) -> Iterator[None]:
    """The provider with little time for a call that is slow, and with its usual time again afterwards."""
    usual = provider.call_limit
    if fault in SLOW:
        provider.call_limit = dt.timedelta(seconds=1)
    try:
        yield
    finally:
        provider.call_limit = usual


class HttpProviderContract(ProviderContract):
    """What holds for any vendor over HTTP. Needs the fixtures ``provider`` and ``vendor``.

    ``jobs_of_two`` is how often the vendor is asked, and paid, for two pictures.
    """

    jobs_of_two = 1

    @pytest.mark.parametrize("name", SUBMIT_FAULTS)
    def test_a_fault_at_a_submit_means_what_was_seen(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str
    ) -> None:
        fault, outcome = SUBMIT_FAULTS[name]
        vendor.faults.add("submit", fault(vendor))
        with pytest.raises(ProviderError) as caught, in_haste(provider, name):
            provider.submit(order, reference="reference", callback=None)
        error = caught.value
        assert (type(error), error.code) == (outcome.error, outcome.code)
        assert len(vendor.paid) == outcome.paid
        assert vendor.calls("submit") == 1, "a paid call is never repeated"
        if isinstance(error, ProviderUnavailable):
            assert error.passing == outcome.passing
            assert error.retry_after == (
                None if outcome.retry_after is None else dt.timedelta(seconds=outcome.retry_after)
            )

    def test_where_nobody_listens_nothing_was_sent(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest
    ) -> None:
        vendor.server.stop()
        with pytest.raises(ProviderUnavailable) as caught:
            provider.submit(order, reference="reference", callback=None)
        assert caught.value.code == "not_sent"
        assert caught.value.passing

    def test_the_words_arrive_as_they_were_written(
        self, provider: Provider, vendor: Emulator, order: ImageRequest
    ) -> None:
        provider.submit(order, reference="reference", callback=None)
        assert vendor.prompts() == [WORDS] * self.jobs_of_two

    def test_fifty_threads_share_it(self, provider: Provider, vendor: Emulator, order: ImageRequest) -> None:
        def one(number: int) -> int:
            finished = finish(provider, replace(order, prompt=f"picture {number}", count=1))
            return len(content(provider, finished.pictures[0]))

        with ThreadPoolExecutor(50) as threads:
            assert all(threads.map(one, range(100)))
        assert sorted(vendor.prompts()) == sorted(f"picture {number}" for number in range(100))


class QueueContract(HttpProviderContract):
    """What holds for a vendor that keeps jobs. ``job_steps`` names the steps of the vendor's that a poll takes."""

    job_steps: tuple[str, ...]

    @pytest.mark.parametrize("likely_over", [False, True])
    @pytest.mark.parametrize("name", POLL_FAULTS)
    def test_a_fault_while_asking_after_a_job_only_delays(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str, *, likely_over: bool
    ) -> None:
        submission = provider.submit(order, reference="reference", callback=None)
        assert isinstance(submission, Accepted)
        for step in self.job_steps:
            vendor.faults.add(step, POLL_FAULTS[name])
            with in_haste(provider, name):
                outcome = self._poll(provider, submission.job, likely_over=likely_over)
            if isinstance(outcome, ProviderError):
                assert isinstance(outcome, ProviderUnavailable)
                assert outcome.passing
                assert outcome.retry_after
            vendor.faults.clear()
        finished = provider.poll(submission.job)
        assert isinstance(finished, Finished)
        assert len(finished.pictures) == 2
        assert len(vendor.paid) == self.jobs_of_two

    def _poll(self, provider: HttpProvider, job: str, *, likely_over: bool) -> object:
        try:
            return provider.poll(job, likely_over=likely_over)
        except ProviderError as error:
            return error

    def test_stopping_may_be_asked_for_at_any_time(
        self, provider: Provider, vendor: Emulator, order: ImageRequest
    ) -> None:
        submission = provider.submit(order, reference="reference", callback=None)
        assert isinstance(submission, Accepted)
        provider.cancel(submission.job)
        provider.cancel(submission.job)


class InlinePicturesContract:
    """What holds where pictures come inside the answer."""

    def broken_inside(self, body: Any, inside: str) -> Any:
        """The answer with one good picture, and one whose base64 is this."""
        raise NotImplementedError

    @pytest.mark.parametrize("name", INLINE_FAULTS)
    def test_what_is_no_picture_is_left_out_and_said(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str
    ) -> None:
        broken = faults.edited(lambda body: self.broken_inside(body, INLINE_FAULTS[name]()))
        vendor.faults.add("submit", broken, times=4)
        finished = finish(provider, replace(order, count=2))
        assert finished.pictures
        assert all((picture.content or b"").startswith(b"\x89PNG") for picture in finished.pictures)


class LinkedPicturesContract:
    """What holds where pictures come by address. ``media_step`` names the vendor's step that serves them."""

    media_step = "media"

    @pytest.mark.parametrize("name", FETCH_AGAIN_FAULTS)
    def test_a_picture_that_does_not_come_may_be_asked_for_again(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str
    ) -> None:
        url = finish(provider, order).pictures[0].url
        assert url
        vendor.faults.add(self.media_step, FETCH_AGAIN_FAULTS[name])
        with pytest.raises(ProviderUnavailable) as caught, in_haste(provider, name):
            fetched(provider, url)
        assert caught.value.passing
        assert caught.value.retry_after
        assert fetched(provider, url)

    @pytest.mark.parametrize("name", FETCH_NEVER_FAULTS)
    def test_what_can_never_be_a_picture_is_given_up(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest, name: str
    ) -> None:
        fault, code = FETCH_NEVER_FAULTS[name]
        url = finish(provider, order).pictures[0].url
        assert url
        vendor.faults.add(self.media_step, fault)
        with pytest.raises(RequestRejected) as caught:
            fetched(provider, url)
        assert caught.value.code == code

    def test_a_redirect_loop_ends(self, provider: HttpProvider, vendor: Emulator, order: ImageRequest) -> None:
        url = finish(provider, order).pictures[0].url
        assert url
        vendor.faults.add(self.media_step, faults.redirected(url), times=50)
        with pytest.raises(RequestRejected):
            fetched(provider, url)
        assert vendor.calls(self.media_step) <= 5

    def test_a_redirect_within_the_declared_hosts_is_followed(
        self, provider: HttpProvider, vendor: Emulator, order: ImageRequest
    ) -> None:
        first, second = [picture.url or "" for picture in finish(provider, order).pictures]
        vendor.faults.add(self.media_step, faults.redirected(second))
        assert fetched(provider, first) == fetched(provider, second)
