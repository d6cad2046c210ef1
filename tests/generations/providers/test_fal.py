"""fal, called: its queue, its two families of errors, both generations of its schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.fal.client import FalProvider, build
from generations.types import Accepted, Finished, ImageRequest, Submission
from tests.emulators import faults
from tests.emulators.fal import FalEmulator, content_refusal, model_error, request_error
from tests.emulators.server import Reply, json_reply
from tests.generations.providers.contract import LinkedPicturesContract, QueueContract, fetched, finish

Meaning = tuple[type[ProviderError], str, bool]  # what it is, its code, whether it passes

KEY = "key-id:key-secret-canary"


@pytest.fixture
def vendor() -> Iterator[FalEmulator]:
    fal = FalEmulator(small=True, key=KEY)
    yield fal
    fal.stop()


@pytest.fixture
def provider(vendor: FalEmulator) -> Iterator[FalProvider]:
    client = build({"enabled": True, "key": KEY, "queue_url": vendor.queue_url})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model="fal-ai/imagen4/preview", prompt="A lighthouse at dusk")


def submit(provider: FalProvider, order: ImageRequest) -> str:
    submission = provider.submit(order, reference="reference", callback=None)
    assert isinstance(submission, Accepted)
    return submission.job


def polled(
    provider: FalProvider, vendor: FalEmulator, order: ImageRequest, result: Reply, *, likely_over: bool = False
) -> Submission:
    """What a poll comes to when the job's result is this."""
    job = submit(provider, order)
    vendor.faults.add("result", lambda proceed: result, times=2)
    return provider.poll(job, likely_over=likely_over)


class TestContract(QueueContract, LinkedPicturesContract):
    job_steps = ("status", "result")
    model = "fal-ai/imagen4/preview"


class TestQueue:
    def test_a_job_waits_is_painted_and_is_over(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        vendor.queue_seconds = vendor.run_seconds = 1000
        job = submit(provider, order)
        assert isinstance(provider.poll(job), Accepted)
        vendor.queue_seconds = 0
        assert isinstance(provider.poll(job), Accepted)
        vendor.run_seconds = 0
        assert isinstance(provider.poll(job), Finished)

    def test_what_is_likely_over_is_asked_for_its_result_alone(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        vendor.run_seconds = 1000
        job = submit(provider, order)
        assert isinstance(provider.poll(job, likely_over=True), Accepted)
        vendor.run_seconds = 0
        assert isinstance(provider.poll(job, likely_over=True), Finished)
        assert (vendor.requests["status"], vendor.requests["result"]) == (0, 2)

    def test_a_job_that_is_not_over_is_not_judged_by_what_its_result_answers(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        vendor.run_seconds = 1000
        refusal = json_reply({"detail": "Not found"}, 404)
        assert isinstance(polled(provider, vendor, order, refusal, likely_over=True), Accepted)

    def test_a_vendor_that_wants_to_be_left_alone_is_not_asked_a_second_time(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        with pytest.raises(ProviderUnavailable) as caught:
            polled(provider, vendor, order, json_reply({"detail": "slow down"}, 429, retry_after="7"), likely_over=True)
        assert caught.value.retry_after == dt.timedelta(seconds=7)
        assert vendor.requests["status"] == 0

    def test_a_job_is_found_again_by_its_id_alone(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        fresh = build({"key": KEY, "queue_url": vendor.queue_url})
        assert isinstance(fresh.poll(job), Finished)
        assert len(vendor.paid) == 1
        fresh.close()

    @pytest.mark.parametrize("tier", ["", "/fast", "/ultra"])
    def test_every_tier_is_painted(self, provider: FalProvider, vendor: FalEmulator, tier: str) -> None:
        model = f"fal-ai/imagen4/preview{tier}"
        finish(provider, ImageRequest(provider_model=model, prompt="A lighthouse"))
        assert [job.model for job in vendor.paid] == [model]

    def test_the_older_schema_answers_a_seed(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        vendor.older = True
        assert finish(provider, order).pictures[0].seed == 7

    def test_a_cancelled_job_never_delivers(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        vendor.run_seconds = 1000
        job = submit(provider, order)
        provider.cancel(job)
        with pytest.raises(ProviderUnavailable) as caught:
            provider.poll(job)
        assert (caught.value.code, caught.value.passing) == ("job_cancelled", False)

    def test_a_cancel_that_fal_could_not_take_is_said(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        vendor.faults.add("cancel", faults.answering(503))
        with pytest.raises(ProviderUnavailable):
            provider.cancel(job)

    def test_a_job_that_fal_forgot_never_delivers(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        vendor.jobs.clear()
        with pytest.raises(ProviderUnavailable) as caught:
            provider.poll(job)
        assert (caught.value.code, caught.value.passing) == ("job_lost", False)

    def test_the_key_goes_to_the_queue_and_never_to_a_picture(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        fetched(provider, finish(provider, order).pictures[0].url or "")
        assert vendor.media_authorizations == [""]

    def test_pictures_inside_the_answer_come_as_bytes(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        vendor.jobs[next(iter(vendor.jobs))].input["sync_mode"] = True
        finished = provider.poll(job)
        assert isinstance(finished, Finished)
        assert (finished.pictures[0].content or b"").startswith(b"\x89PNG")
        assert finished.pictures[0].url is None

    def test_no_error_repeats_the_key_or_the_prompt(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        echo = [{"loc": ["body", "prompt"], "msg": "no", "type": "x", "input": order.prompt}]
        for fault in (faults.answering(422, {"detail": echo}), faults.dropped_before(), faults.page(500)):
            vendor.faults.add("submit", fault)
            with pytest.raises(ProviderError) as caught:
                submit(provider, order)
            assert KEY not in repr(caught.value)
            assert order.prompt not in str(caught.value)


class TestErrors:
    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (
                json_reply({"detail": "User is locked. Reason: Exhausted balance."}, 403),
                (ProviderUnavailable, "no_funds", False),
            ),
            (json_reply({"detail": "Cannot access application"}, 401), (ProviderUnavailable, "bad_key", False)),
            (json_reply({"detail": "Application not found"}, 404), (ProviderUnavailable, "model_gone", False)),
            (content_refusal(), (RequestRejected, "content_policy", True)),
            (model_error("missing", "Field required"), (RequestRejected, "bad_request", True)),
            (request_error("bad_request", "no", 400), (RequestRejected, "bad_request", True)),
            (model_error("downstream_service_error", "no", status=400), (ProviderUnavailable, "busy", True)),
            (request_error("runner_scheduling_failure", "no", 503), (ProviderUnavailable, "busy", True)),
            (request_error("internal_error", "no", 500), (OutcomeUnknown, "bad_answer", True)),
            (Reply(502, faults.PAGE), (ProviderUnavailable, "busy", True)),
            (Reply(502, faults.PAGE, {"x-fal-request-id": "1"}), (OutcomeUnknown, "bad_answer", True)),
            (json_reply({"detail": "t"}, 504, x_fal_request_timeout_type="user"), (ProviderUnavailable, "busy", True)),
        ],
    )
    def test_a_refused_submit_means_what_fal_documents(
        self,
        provider: FalProvider,
        vendor: FalEmulator,
        order: ImageRequest,
        reply: Reply,
        meaning: Meaning,
    ) -> None:
        vendor.faults.add("submit", lambda proceed: reply)
        with pytest.raises(ProviderError) as caught:
            submit(provider, order)
        error = caught.value
        assert (type(error), error.code, getattr(error, "passing", True)) == meaning

    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (content_refusal(), (RequestRejected, "content_policy", True)),
            (model_error("no_media_generated", "no"), (RequestRejected, "content_policy", True)),
            (model_error("literal_error", "no"), (RequestRejected, "bad_request", True)),
            (model_error("internal_server_error", "no", status=500), (ProviderUnavailable, "job_failed", False)),
            (model_error("generation_timeout", "no", status=504), (ProviderUnavailable, "job_failed", False)),
            (request_error("runner_disconnected", "no", 503), (ProviderUnavailable, "job_failed", False)),
            (request_error("startup_timeout", "no", 504), (ProviderUnavailable, "job_failed", False)),
            (json_reply({"detail": "Internal Server Error"}, 500), (ProviderUnavailable, "bad_answer", True)),
            (json_reply({"detail": "invalid key credentials"}, 401), (ProviderUnavailable, "bad_key", True)),
            (json_reply({"images": "none"}), (ProviderUnavailable, "bad_answer", True)),
            (json_reply([]), (ProviderUnavailable, "bad_answer", True)),
            (Reply(200, b'{"images": ' + b"[" * 100_000), (ProviderUnavailable, "bad_answer", True)),
        ],
    )
    @pytest.mark.parametrize("likely_over", [False, True])
    def test_a_result_that_is_none_means_what_fal_documents(
        self,
        provider: FalProvider,
        vendor: FalEmulator,
        order: ImageRequest,
        reply: Reply,
        meaning: Meaning,
        *,
        likely_over: bool,
    ) -> None:
        with pytest.raises(ProviderError) as caught:
            polled(provider, vendor, order, reply, likely_over=likely_over)
        error = caught.value
        assert (type(error), error.code, getattr(error, "passing", True)) == meaning

    def test_a_result_asked_for_too_early_is_asked_for_again(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        early = json_reply({"detail": "Request is still in progress"}, 400)
        assert isinstance(polled(provider, vendor, order, early), Accepted)

    @pytest.mark.parametrize("status", ["FAILED", "CANCELLED", None, 7])
    def test_whatever_is_neither_waiting_nor_in_progress_is_over(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, status: object
    ) -> None:
        job = submit(provider, order)
        vendor.faults.add("status", faults.edited(lambda body: {**body, "status": status}))
        assert isinstance(provider.poll(job), Finished)

    def test_no_picture_at_all_is_said(self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest) -> None:
        finished = polled(provider, vendor, order, json_reply({"images": [], "seed": 1}))
        assert finished == Finished([], withheld="fal made no picture")

    def test_fewer_pictures_are_those_that_came(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        images: list[Any] = [
            {"url": "https://v3.fal.media/1.png"},
            None,
            {},
            {"url": 5},
            {"url": "data:image/png;base64,?"},
        ]
        finished = polled(provider, vendor, order, json_reply({"images": images}))
        assert isinstance(finished, Finished)
        assert [picture.url for picture in finished.pictures] == ["https://v3.fal.media/1.png"]
        assert finished.withheld

    @pytest.mark.parametrize(
        ("fate", "meaning"),
        [
            ("content_policy_violation", (RequestRejected, "content_policy", True)),
            ("no_media_generated", (RequestRejected, "content_policy", True)),
            ("downstream_service_unavailable", (ProviderUnavailable, "job_failed", False)),
        ],
    )
    def test_a_prompt_meets_its_fate_and_is_not_billed(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, fate: str, meaning: Meaning
    ) -> None:
        vendor.fates[order.prompt] = fate
        with pytest.raises(ProviderError) as caught:
            finish(provider, order)
        error = caught.value
        assert (type(error), error.code, getattr(error, "passing", True)) == meaning
        assert vendor.paid == []

    @pytest.mark.parametrize("keep", [0, 1])
    def test_pictures_that_were_not_made_are_missed(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, keep: int
    ) -> None:
        vendor.faults.add("result", faults.fewer(keep))
        finished = finish(provider, replace(order, count=3))
        assert len(finished.pictures) == keep

    def test_a_job_that_began_too_late_never_delivers(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest
    ) -> None:
        late = json_reply({"detail": "Request timed out"}, 504, x_fal_request_timeout_type="user")
        with pytest.raises(ProviderUnavailable) as caught:
            polled(provider, vendor, order, late)
        assert (caught.value.code, caught.value.passing) == ("job_failed", False)


class TestForeignAddresses:
    @pytest.mark.parametrize("url", ["http://169.254.169.254/a.png", "http://10.0.0.1/a.png", "file:///etc/passwd"])
    def test_no_picture_is_fetched_from_an_address_that_fal_did_not_declare(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, url: str
    ) -> None:
        vendor.faults.add("result", faults.edited(lambda body: body | {"images": [{"url": url}]}))
        [picture] = finish(provider, order).pictures
        with pytest.raises(RequestRejected) as caught:
            fetched(provider, picture.url or "")
        assert caught.value.code == "forbidden_address"

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:9/queue/fal-ai/imagen4/requests/1/status",
            "https://evil.example/status",
            "{base}@evil.example/status",
            "{base}.evil.example/status",
            "{base}/../control",
            "{base}/%2e%2e/control",
            "{base}/status?next=http://evil.example",
            "{base}/a b",
            "",
            None,
            5,
        ],
    )
    def test_the_key_follows_no_address_beyond_the_queue(
        self, provider: FalProvider, vendor: FalEmulator, order: ImageRequest, url: object
    ) -> None:
        foreign = url.replace("{base}", vendor.queue_url) if isinstance(url, str) else url
        changes = {"status_url": foreign, "response_url": foreign, "cancel_url": foreign}
        vendor.faults.add("submit", faults.edited(lambda body: body | changes))
        assert isinstance(provider.poll(submit(provider, order)), Finished)
