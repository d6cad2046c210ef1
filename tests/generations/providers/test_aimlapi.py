"""AI/ML API, called: its two envelopes, five shapes, and the fields of each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from generations.providers.aimlapi import wire
from generations.providers.aimlapi.client import AimlapiProvider, build
from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.types import Balance, Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.aimlapi import MODELS, NO_FUNDS, POLICY, AimlapiEmulator
from tests.emulators.server import json_reply
from tests.generations.providers.contract import (
    HttpProviderContract,
    LinkedPicturesContract,
    content,
    fetched,
    finish,
)

KEY = "key-canary"
MODEL = "google/imagen-4.0-generate-001"


@pytest.fixture
def vendor() -> Iterator[AimlapiEmulator]:
    aimlapi = AimlapiEmulator(small=True, key=KEY)
    yield aimlapi
    aimlapi.stop()


@pytest.fixture
def provider(vendor: AimlapiEmulator) -> Iterator[AimlapiProvider]:
    client = build({"enabled": True, "key": KEY, "base_url": vendor.base_url})
    yield client
    client.close()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model=MODEL, prompt="A lighthouse at dusk", count=2, seed=7)


def submit(provider: AimlapiProvider, order: ImageRequest) -> Finished:
    submission = provider.submit(order, reference="reference", callback=None)
    assert isinstance(submission, Finished)
    return submission


class TestContract(HttpProviderContract, LinkedPicturesContract):
    model = MODEL


class TestFields:
    @pytest.mark.parametrize("model", MODELS)
    def test_every_model_makes_what_was_asked_for(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, model: str
    ) -> None:
        order = ImageRequest(provider_model=model, prompt="A lighthouse", count=3, seed=5, negative_prompt="people")
        assert len(submit(provider, order).pictures) == 3
        assert {paid.model for paid in vendor.paid} == {model}

    @pytest.mark.parametrize(
        ("model", "sent"),
        [
            ("google/imagen4/preview", {"negative_prompt": "people", "convert_base64_to_url": True, "seed": 7}),
            ("google/imagen-4.0-generate-001", {"convert_base64_to_url": True, "seed": 7}),
            ("imagen-4.0-ultra-generate-preview-06-06", {"convert_base64_to_url": True, "seed": 7}),
            ("imagen4/preview", {"seed": 7}),
            ("google/nano-banana-pro", {"resolution": "2K"}),
            ("somebody/new-model", {"seed": 7}),
        ],
    )
    def test_each_model_gets_the_fields_it_takes_and_no_others(self, model: str, sent: dict[str, Any]) -> None:
        order = ImageRequest(model, "A lighthouse", "people", "16:9", "2K", count=2, seed=7)
        common = {"model": model, "prompt": "A lighthouse", "aspect_ratio": "16:9", "num_images": 2}
        assert wire.submission(order, 0, 2) == common | sent

    def test_a_seed_that_a_model_does_not_take_is_left_out(self) -> None:
        zero = ImageRequest("google/imagen4/preview", "A lighthouse", seed=0)
        assert "seed" not in wire.submission(zero, 0, 1)
        assert wire.submission(ImageRequest(MODEL, "A lighthouse", seed=0), 0, 1)["seed"] == 0

    def test_a_model_that_makes_one_at_a_time_is_asked_for_each(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator
    ) -> None:
        order = ImageRequest("google/nano-banana-2", "A lighthouse", count=3, seed=7)
        finished = submit(provider, order)
        assert len(finished.pictures) == 3
        assert finished.withheld is None
        assert finished.cost_usd == pytest.approx(3 * 0.052)
        assert ["num_images" in paid.body for paid in vendor.paid] == [False] * 3

    def test_what_was_made_before_a_later_call_failed_is_kept(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator
    ) -> None:
        vendor.faults.add("submit", lambda proceed: proceed())
        vendor.faults.add("submit", faults.lost_answer())
        finished = submit(provider, ImageRequest("google/nano-banana-2", "A lighthouse", count=4))
        assert len(finished.pictures) == 1
        assert "no answer" in (finished.withheld or "")
        assert vendor.calls("submit") == 2, "after a call of unknown outcome no other is paid"

    def test_the_caller_is_named_to_the_vendor_and_to_the_host_of_its_pictures(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest
    ) -> None:
        fetched(provider, submit(provider, order).pictures[0].url or "")
        assert [request.headers["user-agent"] for request in vendor.received] == ["atelier", "atelier"]
        assert "authorization" not in vendor.received[-1].headers

    @pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
    def test_the_address_may_be_given_with_its_version(self, vendor: AimlapiEmulator, ending: str) -> None:
        client = build({"key": KEY, "base_url": vendor.base_url + ending})
        assert client.models() >= set(MODELS)
        client.close()


class TestAnswers:
    @pytest.mark.parametrize("shape", ["S1", "S2", "S3", "S4", "S5"])
    @pytest.mark.parametrize("status", [200, 201])
    def test_every_shape_is_read(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest, shape: str, status: int
    ) -> None:
        vendor.shape = shape
        finished = finish(provider, order)
        assert len({content(provider, picture) for picture in finished.pictures}) == 2
        assert finished.cost_usd == pytest.approx(2 * 0.052), "meta.usage, or the header where there is none"
        assert (finished.pictures[0].seed == 7) == (shape == "S4")
        assert bool(finished.pictures[0].prompt) == (shape == "S2")

    def test_an_older_shape_is_read_too(self) -> None:
        (picture,) = wire.pictures({"output": {"choices": [{"image_base64": "iVBO"}]}})
        assert picture.url == "data:;base64,iVBO"

    def test_where_address_and_base64_are_both_there_the_address_is_taken(self) -> None:
        (picture,) = wire.pictures({"data": [{"url": "https://cdn.aimlapi.com/1.png", "b64_json": "iVBO"}]})
        assert picture.url == "https://cdn.aimlapi.com/1.png"

    @pytest.mark.parametrize("body", [{"data": []}, {"data": None, "meta": None}, {"images": []}, {"data": [None, {}]}])
    def test_no_picture_at_all_is_said(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest, body: object
    ) -> None:
        vendor.faults.add("submit", lambda proceed: json_reply(body))
        finished = submit(provider, order)
        assert finished.pictures == []
        assert "0 of 2" in (finished.withheld or "")

    def test_fewer_pictures_are_those_that_came_and_are_paid_once(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", faults.edited(lambda body: body | {"data": body["data"][:1]}))
        finished = submit(provider, order)
        assert len(finished.pictures) == 1
        assert "1 of 2" in (finished.withheld or "")
        assert vendor.calls("submit") == 1

    @pytest.mark.parametrize("inside", ["", "????", "PGh0bWw+"])
    def test_base64_that_is_no_picture_is_left_out(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest, inside: str
    ) -> None:
        vendor.shape = "S3"
        vendor.faults.add("submit", faults.edited(lambda body: {"data": [body["data"][0], {"b64_json": inside}]}))
        finished = submit(provider, order)
        assert len(finished.pictures) == 1
        assert finished.withheld

    @pytest.mark.parametrize(
        ("answer", "headers", "usd"),
        [
            ({"meta": {"usage": {"credits_used": 52000, "usd_spent": 0.026}}}, {}, 0.026),
            ({"meta": {"usage": {"credits_used": 52000}}}, {}, 0.026),
            ({"meta": {"usage": {"tokens_used": 84000}}}, {}, 0.042),
            ({"meta": None}, {"x-aimlapi-usd-spent": "0.026000000"}, 0.026),
            ({"meta": {"usage": None}}, {"x-aimlapi-credits-used": "52000"}, 0.026),
            ({"meta": {"usage": {"usd_spent": "NaN", "credits_used": -1}}}, {}, None),
            ([], {}, None),
        ],
    )
    def test_the_cost_is_read_in_any_unit(self, answer: object, headers: dict[str, str], usd: float | None) -> None:
        assert wire.cost(answer, headers) == usd


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "message", "meaning"),
        [
            (403, NO_FUNDS, (ProviderUnavailable, "no_funds", False)),
            (403, "Your key has no access to model:image", (ProviderUnavailable, "no_access", False)),
            (401, "This request requires a valid API key.", (ProviderUnavailable, "bad_key", False)),
            (
                400,
                f"Invalid enum value. Expected 'a' | 'b', received '{MODEL}'",
                (ProviderUnavailable, "model_gone", False),
            ),
            (400, "Invalid discriminator value. Expected 'a' | 'b'", (ProviderUnavailable, "model_gone", False)),
            (422, f"The model {MODEL} is deprecated", (ProviderUnavailable, "model_gone", False)),
            (404, "Not found", (ProviderUnavailable, "model_gone", False)),
            (
                400,
                ["prompt: String must contain at most 400 character(s)"],
                (ProviderUnavailable, "prompt_too_long", False),
            ),
            (400, ["aspect_ratio: Invalid enum value. Expected '1:1'"], (RequestRejected, "bad_request", True)),
            (400, POLICY, (RequestRejected, "content_policy", True)),
            (403, "Blocked by moderation: sexual", (RequestRejected, "content_policy", True)),
            (
                422,
                "Filtered out: violates Google's Responsible AI practices",
                (RequestRejected, "content_policy", True),
            ),
            (429, "Too Many Requests", (ProviderUnavailable, "rate_limited", True)),
            (500, "The model is under maintenance", (OutcomeUnknown, "bad_answer", True)),
            (502, "Bad Gateway", (OutcomeUnknown, "bad_answer", True)),
            (503, "Service unavailable", (ProviderUnavailable, "busy", True)),
            (504, "Generation timeout", (OutcomeUnknown, "bad_answer", True)),
            (524, "A timeout occurred", (OutcomeUnknown, "bad_answer", True)),
        ],
    )
    def test_a_refusal_means_what_it_says(
        self,
        provider: AimlapiProvider,
        vendor: AimlapiEmulator,
        status: int,
        message: object,
        meaning: tuple[type[ProviderError], str, bool],
    ) -> None:
        for vendor.legacy in (False, True):
            vendor.faults.add("submit", vendor.refusing(status, message))
            with pytest.raises(ProviderError) as caught:
                submit(provider, ImageRequest(MODEL, "A lighthouse"))
            error = caught.value
            assert (type(error), error.code, getattr(error, "passing", True)) == meaning
            assert KEY not in repr(error)

    def test_an_empty_account_is_known_by_its_kind_alone(self) -> None:
        body = {"error": {"name": "ForbiddenException", "data": {"kind": "err_insufficent_credits"}}}
        trouble = wire.trouble(body)
        assert trouble
        assert trouble.no_funds

    @pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
    def test_the_maker_s_own_codes_come_through(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest, code: str
    ) -> None:
        vendor.faults.add("submit", faults.answering(400, {"error": {"message": "rejected", "code": code}}))
        with pytest.raises(RequestRejected) as caught:
            submit(provider, order)
        assert caught.value.code == "content_policy"

    @pytest.mark.parametrize("body", [{"message": "no", "error": "Not Found"}, {"detail": "no"}, {"error": "no"}])
    def test_odd_envelopes_are_read(self, body: object) -> None:
        trouble = wire.trouble(body)
        assert trouble
        assert trouble.text == "no"

    def test_a_model_that_left_the_list_is_gone(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, order: ImageRequest
    ) -> None:
        gone = ImageRequest("google/imagen-3.0-generate-002", order.prompt)
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, gone)
        assert (caught.value.code, caught.value.passing) == ("model_gone", False)
        assert vendor.paid == []


class TestAccount:
    def test_the_balance_is_asked_for(self, provider: AimlapiProvider) -> None:
        assert provider.balance() == Balance(10.07, "USD")

    def test_the_models_are_listed_with_their_aliases(self, provider: AimlapiProvider) -> None:
        assert provider.models() >= {"google/imagen-4.0-generate-001", "imagen-4.0-generate-001"}

    def test_a_row_of_the_list_that_is_no_model_is_passed_over(self) -> None:
        assert wire.models({"data": ["imagen", None, {"id": "flux", "aliases": ["flux-1", 5]}]}) == {"flux", "flux-1"}

    @pytest.mark.parametrize("step", ["billing", "models"])
    @pytest.mark.parametrize("body", [[], {}, {"data": 5, "current_balance": "?"}])
    def test_an_answer_that_says_nothing_is_no_balance_and_no_list(
        self, provider: AimlapiProvider, vendor: AimlapiEmulator, step: str, body: object
    ) -> None:
        vendor.faults.add(step, lambda proceed: json_reply(body))
        with pytest.raises(ProviderUnavailable):
            provider.balance() if step == "billing" else provider.models()

    def test_a_key_that_is_refused_is_said(self, vendor: AimlapiEmulator) -> None:
        client = build({"key": "another", "base_url": vendor.base_url})
        with pytest.raises(ProviderUnavailable) as caught:
            client.balance()
        assert (caught.value.code, caught.value.passing) == ("bad_key", False)
        client.close()
