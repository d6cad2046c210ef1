"""Apiframe, called: jobs, keys that make a submit safe to repeat, every shape of a result, callbacks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from generations.providers.apiframe.client import ApiframeProvider, build
from generations.providers.base import (
    NotGenuine,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from generations.types import Accepted, Balance, Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.apiframe import POLICY, ApiframeEmulator, Shape
from tests.emulators.courier import Manner
from tests.emulators.server import Reply, Request, Server, json_reply
from tests.generations.providers.contract import LinkedPicturesContract, QueueContract, fetched, finish

KEY = "afk_canary0123456789"


@pytest.fixture
def vendor() -> Iterator[ApiframeEmulator]:
    apiframe = ApiframeEmulator(small=True, key=KEY)
    yield apiframe
    apiframe.stop()


@pytest.fixture
def provider(vendor: ApiframeEmulator) -> Iterator[ApiframeProvider]:
    client = build({"enabled": True, "key": KEY, "base_url": vendor.server.origin})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model="imagen-4", prompt="A lighthouse at dusk", count=2, seed=7)


def submit(
    provider: ApiframeProvider, order: ImageRequest, *, reference: str = "reference", callback: str | None = None
) -> str:
    submission = provider.submit(order, reference=reference, callback=callback)
    assert isinstance(submission, Accepted)
    return submission.job


class TestContract(LinkedPicturesContract, QueueContract):
    job_steps = ("job",)
    model = "imagen-4"
    jobs_of_two = 2


class TestJobs:
    def test_four_pictures_are_four_jobs_under_one_name(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, replace(order, count=4))
        assert job.split(" ") == list(vendor.jobs)
        assert len(job) <= 500
        finished = provider.poll(job)
        assert isinstance(finished, Finished)
        assert [picture.url and picture.url.split("/")[-2] for picture in finished.pictures] == ["0", "1", "2", "3"]
        assert finished.cost_usd == pytest.approx(0.28)

    @pytest.mark.parametrize("tier", ["imagen-4", "imagen-4-fast", "imagen-4-ultra"])
    def test_every_tier_is_painted(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest, tier: str
    ) -> None:
        finish(provider, replace(order, provider_model=tier, aspect_ratio="16:9", resolution="2K"))
        assert vendor.paid[0].input["model"] == tier
        assert vendor.paid[0].input["imagenParams"] == {
            "aspect_ratio": "16:9",
            "image_size": "2K",
            "output_format": "png",
        }

    def test_jobs_are_asked_after_until_the_last_is_over(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        vendor.queue_seconds = vendor.run_seconds = 1000
        job = submit(provider, order)
        assert isinstance(provider.poll(job), Accepted)
        vendor.queue_seconds = 0
        assert isinstance(provider.poll(job), Accepted)
        assert vendor.calls("job") == 2, "while the first is not over, the others need not be asked after"
        vendor.run_seconds = 0
        assert isinstance(provider.poll(job), Finished)

    def test_jobs_are_found_again_by_their_ids_alone(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        fresh = build({"key": KEY, "base_url": vendor.server.origin})
        assert isinstance(fresh.poll(job), Finished)
        fresh.close()

    def test_the_key_goes_to_the_api_and_never_to_a_picture(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        fetched(provider, finish(provider, order).pictures[0].url or "")
        assert vendor.media_keys == [""]

    @pytest.mark.parametrize("shape", ["object", "string", "list", "objects"])
    def test_every_shape_of_a_result_is_read(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest, shape: Shape
    ) -> None:
        vendor.shape = shape
        for picture in finish(provider, order).pictures:
            assert fetched(provider, picture.url or "")

    @pytest.mark.parametrize("host", ["https://cdn.apiframe.ai", "https://cdn2.apiframe.ai"])
    def test_both_hosts_of_its_pictures_are_declared(self, provider: ApiframeProvider, host: str) -> None:
        provider._declared(f"{host}/images/1-1.png")

    def test_what_it_says_of_itself(self, provider: ApiframeProvider, vendor: ApiframeEmulator) -> None:
        vendor.credits = 4500
        assert provider.balance() == Balance(4500, "credits")
        assert provider.models() == frozenset({"imagen-4", "imagen-4-fast", "imagen-4-ultra"})

    @pytest.mark.parametrize("body", [[], {"models": 5}, "x"])
    def test_a_list_of_models_that_is_none_is_said(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, body: object
    ) -> None:
        vendor.faults.add("models", lambda proceed: json_reply(body))
        with pytest.raises(ProviderUnavailable):
            provider.models()

    @pytest.mark.parametrize("job", ["", "../me", "12 ../me"])
    def test_what_is_no_order_of_ours_is_lost_for_good(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, job: str
    ) -> None:
        with pytest.raises(ProviderUnavailable) as caught:
            provider.poll(job)
        assert (caught.value.code, caught.value.passing) == ("job_lost", False)
        assert vendor.calls("job") == 0

    def test_an_account_without_a_team_has_no_balance(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator
    ) -> None:
        vendor.faults.add("me", faults.edited(lambda body: body | {"team": None}))
        assert provider.balance() is None


class TestRepeating:
    def test_a_submit_whose_answer_was_lost_is_repeated_for_nothing(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", faults.lost_answer())
        with pytest.raises(OutcomeUnknown):
            submit(provider, order)
        assert submit(provider, order).split(" ") == list(vendor.jobs)
        assert len(vendor.paid) == 2

    def test_what_was_lost_after_the_first_picture_is_repeated_for_nothing(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", lambda proceed: proceed())
        vendor.faults.add("submit", faults.lost_answer())
        with pytest.raises(OutcomeUnknown):
            submit(provider, order)
        assert submit(provider, order).split(" ") == list(vendor.jobs)
        assert len(vendor.paid) == 2

    def test_another_reference_is_another_order(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        submit(provider, order, reference="one")
        submit(provider, order, reference="two")
        assert len(vendor.paid) == 4

    def test_one_reference_for_two_requests_is_our_mistake_and_ends_there(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        submit(provider, order)
        with pytest.raises(RequestRejected) as caught:
            submit(provider, replace(order, prompt="Another"))
        assert caught.value.code == "conflict"
        assert len(vendor.paid) == 2


class TestPartial:
    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            (faults.answering(402, {"error": "Insufficient credits"}), "no_funds"),
            (faults.answering(429, {"error": "Rate limit exceeded"}, retry_after="9"), "rate_limited"),
            (faults.answering(503, {"error": "Queue unavailable"}), "busy"),
            (faults.answering(400, {"error": "no"}), "bad_request"),
        ],
    )
    def test_a_refusal_after_a_picture_was_accepted_costs_only_the_rest(
        self,
        provider: ApiframeProvider,
        vendor: ApiframeEmulator,
        order: ImageRequest,
        fault: faults.Fault,
        code: str,
    ) -> None:
        vendor.faults.add("submit", lambda proceed: proceed())
        vendor.faults.add("submit", fault)
        finished = provider.poll(submit(provider, replace(order, count=4)))
        assert isinstance(finished, Finished)
        assert len(finished.pictures) == len(vendor.paid) == 1
        assert vendor.calls("submit") == 2, "who refused once is not asked for the rest"
        assert finished.withheld == f"Apiframe refused: {code}."

    def test_a_team_that_runs_out_of_credits_gets_what_it_could_pay(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        vendor.credits = 15
        finished = finish(provider, replace(order, count=4))
        assert len(finished.pictures) == 2
        assert vendor.credits == 1

    @pytest.mark.parametrize("trouble", ["failed", "flagged", "cancelled", "expired", "forgotten"])
    def test_the_pictures_that_were_made_are_kept_whatever_became_of_the_others(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest, trouble: str
    ) -> None:
        job = submit(provider, order)
        spoil(vendor, list(vendor.jobs)[1], trouble)
        finished = provider.poll(job)
        assert isinstance(finished, Finished)
        assert len(finished.pictures) == 1
        assert finished.withheld


class TestTroubles:
    @pytest.mark.parametrize(
        ("trouble", "meaning"),
        [
            ("failed", (ProviderUnavailable, "job_failed", False)),
            ("flagged", (RequestRejected, "content_policy", True)),
            ("cancelled", (ProviderUnavailable, "job_cancelled", False)),
            ("forgotten", (ProviderUnavailable, "job_lost", False)),
        ],
    )
    def test_jobs_that_made_nothing_say_why(
        self,
        provider: ApiframeProvider,
        vendor: ApiframeEmulator,
        order: ImageRequest,
        trouble: str,
        meaning: tuple[type[ProviderError], str, bool],
    ) -> None:
        job = submit(provider, order)
        for number in list(vendor.jobs):
            spoil(vendor, number, trouble)
        with pytest.raises(ProviderError) as caught:
            provider.poll(job)
        error = caught.value
        assert (type(error), error.code, getattr(error, "passing", True)) == meaning

    @pytest.mark.parametrize("trouble", ["expired", "nothing"])
    def test_what_was_paid_and_is_not_there_is_no_reason_to_pay_again(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest, trouble: str
    ) -> None:
        job = submit(provider, order)
        for number in vendor.jobs:
            spoil(vendor, number, trouble)
        finished = provider.poll(job)
        assert isinstance(finished, Finished)
        assert not finished.pictures
        assert finished.withheld
        assert finished.cost_usd == pytest.approx(0.14)

    def test_one_refusal_of_the_content_speaks_for_all(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        first, second = vendor.jobs
        spoil(vendor, first, "failed")
        spoil(vendor, second, "flagged")
        with pytest.raises(RequestRejected) as caught:
            provider.poll(job)
        assert caught.value.code == "content_policy"

    def test_a_prompt_that_is_too_long_for_it_is_for_others_to_serve(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        submit(provider, replace(order, prompt="🗼" * 1000))
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, replace(order, prompt="🗼" * 1000 + "!"), reference="another")
        assert (caught.value.code, caught.value.passing) == ("prompt_too_long", False)
        assert vendor.calls("submit") == 2

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"provider_model": "imagen-5"}, "model_gone"),
            ({"resolution": "8K"}, "not_offered"),
            ({"prompt": ""}, "not_offered"),
        ],
    )
    def test_a_body_that_it_does_not_take_is_for_others_to_serve(
        self, provider: ApiframeProvider, order: ImageRequest, change: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, replace(order, **change))
        assert (caught.value.code, caught.value.passing) == (code, False)

    def test_a_picture_at_an_address_that_it_did_not_declare_is_not_fetched(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("job", faults.elsewhere("http://10.0.0.1/1.png"))
        picture, _ = finish(provider, order).pictures
        with pytest.raises(RequestRejected) as caught:
            fetched(provider, picture.url or "")
        assert caught.value.code == "forbidden_address"

    def test_no_error_repeats_the_key(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        for fault in (faults.answering(401, {"error": "no"}), faults.dropped_before(), faults.page(500)):
            vendor.faults.add("submit", fault)
            with pytest.raises(ProviderError) as caught:
                submit(provider, order)
            assert KEY not in repr(caught.value)

    def test_an_answer_without_an_end_says_nothing_of_the_job(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest
    ) -> None:
        job = submit(provider, order)
        vendor.faults.add("job", faults.endless())
        with pytest.raises(ProviderUnavailable) as caught:
            provider.poll(job)
        assert caught.value.passing
        assert isinstance(provider.poll(job), Finished)

    @pytest.mark.parametrize("status", ["ERROR", None, 7])
    def test_a_status_that_nobody_documented_is_asked_after_again(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, order: ImageRequest, status: object
    ) -> None:
        job = submit(provider, order)
        vendor.faults.add("job", faults.edited(lambda body: body | {"status": status}))
        with pytest.raises(ProviderUnavailable) as caught:
            provider.poll(job)
        assert caught.value.passing
        assert isinstance(provider.poll(job), Finished)


class TestCallbacks:
    @pytest.fixture
    def one(self, order: ImageRequest) -> ImageRequest:
        return replace(order, count=1)

    @pytest.mark.parametrize("key_as", ["bytes", "text"])
    @pytest.mark.parametrize("fate", ["", POLICY])
    def test_a_callback_signed_in_either_reading_names_its_job(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, one: ImageRequest, key_as: Any, fate: str
    ) -> None:
        vendor.key_as = key_as
        vendor.fates[one.prompt] = fate
        job = submit(provider, one)
        callback = vendor.callback(vendor.jobs[job])
        assert callback
        assert provider.heard(one.provider_model, callback.headers, callback.body) == job

    @pytest.mark.parametrize("manner", ["unsigned", "forged"])
    def test_any_other_is_not_genuine(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, one: ImageRequest, manner: Manner
    ) -> None:
        vendor.courier.manner = manner
        callback = vendor.callback(vendor.jobs[submit(provider, one)])
        assert callback
        with pytest.raises(NotGenuine):
            provider.heard(one.provider_model, callback.headers, callback.body)

    def test_another_account_cannot_sign_for_ours(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, one: ImageRequest
    ) -> None:
        job = submit(provider, one)
        vendor.key = "afk_somebody_else"
        callback = vendor.callback(vendor.jobs[job])
        assert callback
        with pytest.raises(NotGenuine):
            provider.heard(one.provider_model, callback.headers, callback.body)

    @pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b'{"jobId": 5}', b'{"jobId": "a b"}', b"[" * 100_000])
    def test_a_signed_body_that_names_no_job_is_not_genuine(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, body: bytes
    ) -> None:
        headers = {"x-webhook-signature": vendor._signature(body)}
        with pytest.raises(NotGenuine):
            provider.heard("imagen-4", headers, body)

    def test_a_callback_is_asked_for_only_where_there_is_an_address(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, one: ImageRequest
    ) -> None:
        submit(provider, one)
        [job] = vendor.jobs.values()
        assert not job.input.keys() & {"webhookUrl", "webhookEvents"}

    @pytest.mark.parametrize(("manner", "times"), [("once", 1), ("twice", 2)])
    def test_the_emulator_brings_what_the_provider_believes(
        self, provider: ApiframeProvider, vendor: ApiframeEmulator, one: ImageRequest, manner: Manner, times: int
    ) -> None:
        received: list[Request] = []

        def take(request: Request) -> Reply:
            received.append(request)
            return Reply(200 if len(received) > 1 else 503)  # the first is not taken, and brought again

        vendor.courier.manner = manner
        vendor.run_seconds = 0.2
        with Server(take) as studio:
            job = submit(provider, one, callback=f"{studio.origin}/hooks/apiframe/token")
            until = time.monotonic() + 30
            while len(vendor.courier.answers) < times + 1 and time.monotonic() < until:
                time.sleep(0.02)
        assert sorted(vendor.courier.answers) == [200] * times + [503]
        for request in received:
            assert provider.heard(one.provider_model, request.headers, request.body) == job
            assert json.loads(request.body)["event"] == "completed"


def spoil(vendor: ApiframeEmulator, number: str, trouble: str) -> None:
    """Let a job that was accepted come to nothing."""
    job = vendor.jobs[number]
    match trouble:
        case "failed":
            job.error = "Provider error: the model is overloaded."
        case "flagged":
            job.error = POLICY
        case "cancelled":
            job.cancelled = True
        case "expired":
            job.expired = True
        case "nothing":
            vendor.shape = "nothing"
        case "forgotten":
            del vendor.jobs[number]
