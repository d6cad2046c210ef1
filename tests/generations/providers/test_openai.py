"""OpenAI's images API, called, wherever it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.providers.openai import wire
from generations.providers.openai.client import OpenAIProvider, build
from generations.types import Finished, ImageRequest
from tests.emulators import faults
from tests.emulators.openai import KINDS, OpenAIEmulator
from tests.emulators.server import Reply, json_reply
from tests.generations.providers.contract import (
    HttpProviderContract,
    InlinePicturesContract,
    LinkedPicturesContract,
    content,
    fetched,
)

Build = Callable[..., OpenAIProvider]
Meaning = tuple[type[ProviderError], str, bool]  # what it is, its code, whether it passes

FORBIDDEN: Meaning = (RequestRejected, "content_policy", True)
MISTAKEN: Meaning = (RequestRejected, "bad_request", True)
NO_FUNDS: Meaning = (ProviderUnavailable, "no_funds", False)
GONE: Meaning = (ProviderUnavailable, "model_gone", False)
BUSY: Meaning = (ProviderUnavailable, "busy", True)
NOBODY_KNOWS: Meaning = (OutcomeUnknown, "bad_answer", True)


def coded(status: int, code: object, kind: str = "invalid_request_error") -> Reply:
    """An error as OpenAI writes it."""
    return json_reply({"error": {"message": "no", "type": kind, "param": None, "code": code}}, status)


@pytest.fixture
def vendor() -> Iterator[OpenAIEmulator]:
    server = OpenAIEmulator(small=True)
    yield server
    server.stop()


@pytest.fixture
def building(vendor: OpenAIEmulator) -> Iterator[Build]:
    """Builds a provider with the habits that are given."""
    built = []

    def with_habits(key: str = "", media: tuple[str, ...] = (), **habits: Any) -> OpenAIProvider:
        config = {"base_url": vendor.base_url, "key": key, "media": media, "timeout": 600, "habits": habits}
        built.append(build(config))
        return built[-1]

    yield with_habits
    for provider in built:
        provider.close()


@pytest.fixture
def provider(building: Build) -> OpenAIProvider:
    return building()


@pytest.fixture
def order() -> ImageRequest:
    return ImageRequest(provider_model="", prompt="A lighthouse at dusk", aspect_ratio="16:9", count=3, seed=7)


def submit(provider: OpenAIProvider, order: ImageRequest) -> Finished:
    submission = provider.submit(order, reference="reference", callback=None)
    assert isinstance(submission, Finished)
    return submission


class TestInlineContract(HttpProviderContract, InlinePicturesContract):
    model = "Qwen/Qwen-Image"

    def broken_inside(self, body: Any, inside: str) -> Any:
        return {"data": [body["data"][0], {"b64_json": inside}]}


class TestLinkedContract(HttpProviderContract, LinkedPicturesContract):
    model = "flux.1-dev"

    @pytest.fixture
    def provider(self, building: Build, vendor: OpenAIEmulator) -> OpenAIProvider:
        vendor.kind = KINDS["localai"]
        return building(response_format="url")


class TestServers:
    @pytest.mark.parametrize(
        ("kind", "habits", "model"),
        [
            ("openai", {"response_format": "omit", "seed": False, "negative_prompt": "none"}, "gpt-image-2"),
            ("localai", {"negative_prompt": "pipe"}, "flux.1-dev"),
            ("localai", {"response_format": "url"}, "flux.1-dev"),
            ("sd-server", {}, "sd-cpp-local"),
            ("vllm-omni", {}, "Qwen/Qwen-Image"),
            ("sglang", {"response_format": "omit"}, ""),
        ],
    )
    def test_each_makes_what_was_asked_for_without_its_model_being_named(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest, kind: str, habits: Any, model: str
    ) -> None:
        vendor.kind = KINDS[kind]
        provider = building(**habits)
        finished = submit(provider, replace(order, negative_prompt="people"))
        assert len({content(provider, picture) for picture in finished.pictures}) == 3
        assert finished.withheld is None
        assert {paid.model for paid in vendor.paid} == {model}
        assert {paid.body["size"] for paid in vendor.paid} == {"1408x768"}

    def test_a_server_that_makes_one_at_a_time_is_asked_again_with_another_seed(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        vendor.kind = KINDS["sglang"]
        submit(building(), order)
        assert [(paid.body["n"], paid.body["seed"]) for paid in vendor.paid] == [(3, 7), (2, 8), (1, 9)]

    def test_no_more_are_asked_for_at_once_than_the_operator_said(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        finished = submit(building(at_most=1), order)
        assert [paid.body["n"] for paid in vendor.paid] == [1, 1, 1]
        assert [picture.seed for picture in finished.pictures] == [7, 8, 9]

    def test_what_was_made_before_a_later_call_failed_is_kept(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", lambda proceed: proceed())
        vendor.faults.add("submit", vendor.moderated())
        finished = submit(building(at_most=1), order)
        assert len(finished.pictures) == 1
        assert "safety system" in (finished.withheld or "")
        assert vendor.calls("submit") == 2

    def test_a_server_that_makes_none_is_not_asked_for_ever(
        self, vendor: OpenAIEmulator, provider: OpenAIProvider, order: ImageRequest
    ) -> None:
        vendor.faults.add("submit", faults.edited(lambda body: {"data": []}))
        finished = submit(provider, order)
        assert finished.pictures == []
        assert "0 of 3" in (finished.withheld or "")
        assert vendor.calls("submit") == 1


class TestConfiguration:
    def test_the_operator_s_sizes_fields_and_model_are_sent(self, order: ImageRequest) -> None:
        habits = wire.Habits(
            sizes={"16:9": "1536x1024", "16:9@2K": "3840x2160"}, extra_body={"quality": "high", "n": 1}, seed=False
        )
        body = wire.submission(order, habits, "gpt-image-2", 0, 3)
        assert body == {
            "prompt": order.prompt,
            "n": 1,
            "size": "1536x1024",
            "model": "gpt-image-2",
            "response_format": "b64_json",
            "quality": "high",
        }
        assert wire.size(replace(order, resolution="2K"), habits) == "3840x2160"
        assert wire.size(replace(order, aspect_ratio="3:4"), habits) == "896x1280"

    @pytest.mark.parametrize(
        ("way", "sent"),
        [("field", ("a cat", "dogs")), ("pipe", ("a cat|dogs", None)), ("none", ("a cat", None))],
    )
    def test_what_is_unwanted_goes_where_the_server_looks_for_it(self, way: str, sent: tuple[str, str | None]) -> None:
        body = wire.submission(ImageRequest("", "a cat", "dogs"), wire.Habits(negative_prompt=way), "", 0, 1)
        assert (body["prompt"], body.get("negative_prompt")) == sent

    def test_a_named_model_is_not_looked_for(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        submit(building(model="named"), order)
        submit(building(model="named"), replace(order, provider_model="by the route"))
        assert [paid.model for paid in vendor.paid] == ["named", "by the route"]
        assert vendor.calls("models") == 0

    def test_the_list_of_models_is_asked_for_once(
        self, vendor: OpenAIEmulator, provider: OpenAIProvider, order: ImageRequest
    ) -> None:
        submit(provider, order)
        submit(provider, order)
        assert vendor.calls("models") == 1

    def test_a_server_that_cannot_be_reached_is_asked_for_no_picture(
        self, vendor: OpenAIEmulator, provider: OpenAIProvider, order: ImageRequest
    ) -> None:
        vendor.stop()
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, order)
        assert caught.value.code == "not_sent", "nothing was begun, so that another route may be asked"

    @pytest.mark.parametrize("body", [[], {}, {"data": [None, {"id": 5}, {"id": ""}]}, {"data": []}])
    def test_a_list_that_is_none_leaves_the_choice_to_the_server(
        self, vendor: OpenAIEmulator, provider: OpenAIProvider, order: ImageRequest, body: object
    ) -> None:
        vendor.faults.add("models", lambda proceed: json_reply(body))
        submit(provider, order)
        assert "model" not in vendor.paid[0].body

    def test_the_key_goes_to_the_server_alone(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        vendor.key, vendor.kind = "key-canary", KINDS["localai"]
        provider = building(key="key-canary", response_format="url")
        fetched(provider, submit(provider, order).pictures[0].url or "")
        assert "authorization" not in vendor.received[-1].headers
        vendor.key = "another"
        with pytest.raises(ProviderUnavailable) as caught:
            submit(provider, order)
        assert (caught.value.code, caught.value.passing) == ("bad_key", False)
        assert "key-canary" not in repr(caught.value)

    def test_pictures_come_from_hosts_that_the_operator_declared(
        self, vendor: OpenAIEmulator, building: Build, order: ImageRequest
    ) -> None:
        elsewhere = OpenAIEmulator(small=True)
        url = elsewhere.server.origin + elsewhere.link((1024, 1024))
        assert fetched(building(media=(elsewhere.server.origin,)), url)
        with pytest.raises(RequestRejected) as caught:
            fetched(building(), url)
        assert caught.value.code == "forbidden_address"
        elsewhere.stop()


class TestAnswers:
    @pytest.mark.parametrize(
        ("item", "url"),
        [
            ({"b64_json": "iVBO"}, "data:;base64,iVBO"),
            ({"b64_json": "data:image/png;base64,iVBO"}, "data:image/png;base64,iVBO"),
            ({"b64_json": None, "url": "/generated-images/1.png"}, "http://gpu.local:8080/generated-images/1.png"),
            ({"url": "1.png"}, "http://gpu.local:8080/v1/1.png"),
            ({"url": "//cdn.example/1.png"}, "http://cdn.example/1.png"),
            ({"url": "https://cdn.example/1.png"}, "https://cdn.example/1.png"),
            ({"url": "http://[/1.png"}, "http://[/1.png"),
        ],
    )
    def test_a_picture_is_found_wherever_it_is(self, item: dict[str, Any], url: str) -> None:
        for name in ("data", "images"):
            (picture,) = wire.pictures({name: [item, {}, None]}, "http://gpu.local:8080/v1", 7)
            assert (picture.url, picture.seed) == (url, 7)

    def test_an_address_that_is_none_is_no_picture(self, provider: OpenAIProvider) -> None:
        with pytest.raises(ProviderError):
            fetched(provider, "http://[/1.png")

    def test_the_prompt_as_the_server_rewrote_it_is_kept(self) -> None:
        item = {"b64_json": "iVBO", "revised_prompt": "A lighthouse at dusk, waves below"}
        (picture,) = wire.pictures({"data": [item]}, "http://gpu.local", None)
        assert picture.prompt == "A lighthouse at dusk, waves below"


class TestErrors:
    @pytest.mark.parametrize(
        ("reply", "meaning"),
        [
            (coded(400, "moderation_blocked", "image_generation_user_error"), FORBIDDEN),
            (coded(400, "content_policy_violation"), FORBIDDEN),
            (coded(429, None, "insufficient_quota"), NO_FUNDS),
            (coded(400, "billing_hard_limit_reached"), NO_FUNDS),
            (coded(400, "model_not_found"), GONE),
            (coded(400, 400), MISTAKEN),
            (coded(500, "moderation_blocked"), NOBODY_KNOWS),
            (json_reply({"error": "invalid size"}, 400), MISTAKEN),
            (json_reply({"detail": "Model not ready"}, 503), BUSY),
            (json_reply({"detail": [{"loc": ["body"], "msg": "bad size"}]}, 422), MISTAKEN),
            (json_reply({"message": "busy"}, 409), BUSY),
            (json_reply({"message": "early"}, 425), BUSY),
            (Reply(400, b"no prompt given", {"content-type": "text/plain; charset=utf-8"}), MISTAKEN),
            (Reply(400, b"", {"content-type": "text/plain"}), (ProviderUnavailable, "bad_answer", True)),
            (Reply(404, faults.PAGE, {"content-type": "text/html"}), GONE),
        ],
    )
    def test_a_refusal_means_what_it_says(
        self,
        provider: OpenAIProvider,
        vendor: OpenAIEmulator,
        order: ImageRequest,
        reply: Reply,
        meaning: Meaning,
    ) -> None:
        vendor.faults.add("submit", lambda proceed: reply)
        with pytest.raises(ProviderError) as caught:
            submit(provider, order)
        error = caught.value
        assert (type(error), error.code, getattr(error, "passing", True)) == meaning
        assert vendor.calls("submit") == 1

    @pytest.mark.parametrize("body", [{"data": "none"}, {"data": 5}, [], "x", {"images": {}}])
    def test_an_answer_without_a_list_is_of_unknown_outcome(
        self, provider: OpenAIProvider, vendor: OpenAIEmulator, order: ImageRequest, body: object
    ) -> None:
        vendor.faults.add("submit", lambda proceed: json_reply(body))
        with pytest.raises(OutcomeUnknown):
            submit(provider, order)


class TestModels:
    def test_they_are_those_that_the_server_lists(self, provider: OpenAIProvider) -> None:
        assert provider.models() == frozenset({"Qwen/Qwen-Image"})

    def test_a_server_without_a_list_lists_nothing(self, provider: OpenAIProvider, vendor: OpenAIEmulator) -> None:
        vendor.kind = KINDS["sglang"]
        assert provider.models() is None

    def test_a_server_that_fails_is_said(self, provider: OpenAIProvider, vendor: OpenAIEmulator) -> None:
        vendor.faults.add("models", faults.answering(500))
        with pytest.raises(ProviderUnavailable):
            provider.models()
