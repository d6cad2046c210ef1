"""AI/ML API's and OpenAI's addresses: what is taken, what is answered, and what is said when it cannot be."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Entry, Hold, User, Wallet
from generations import submission
from generations.models import Generation, Image, Model
from generations.providers.base import RequestRejected
from generations.types import Finished, Picture
from tests.factories import make_user
from tests.fakes import FakeProvider, png
from tests.generations.dialects.openai import ADDRESS, ORDER, Program, refused

pytestmark = pytest.mark.django_db


def nothing_left(user: User) -> None:
    assert not Generation.objects.filter(user=user).exists()
    assert not Hold.objects.filter(wallet__user=user).exists()
    assert Wallet.objects.get(user=user).held == 0


def test_pictures_come_with_all_that_either_vendor_says_of_them(alice: Program) -> None:
    response = alice.pictures({**ORDER, "num_images": 2, "aspect_ratio": "16:9", "seed": 7})
    assert response.status_code == 200
    body = response.json()
    assert isinstance(body["created"], int)
    assert len(body["data"]) == 2
    for item in body["data"]:
        assert item["url"].startswith("http://testserver/media/")
        assert (item["b64_json"], item["mime_type"], item["revised_prompt"]) == (None, "image/png", None)
    assert body["meta"]["usage"] == {"credits_used": 40_000, "usd_spent": 0.02}
    assert body["model"] == "sketch"
    assert body["size"] == "64x48"
    assert (response["x-aimlapi-credits-used"], response["x-aimlapi-usd-spent"]) == ("40000", "0.020000000")
    assert response["x-inference-id"] == body["meta"]["generation"]["id"]
    assert response["x-request-id"]
    anybody = Client().get(body["data"][0]["url"])
    assert (anybody.status_code, anybody["Content-Type"]) == (200, "image/png")
    assert anybody.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize("wish", [{"response_format": "b64_json"}, {"convert_base64_to_url": False}])
def test_pictures_come_as_base64_for_whoever_wants_them_so(alice: Program, wish: dict[str, Any]) -> None:
    provider = FakeProvider([Finished([Picture(content=png(size=(640, 480 + n))) for n in range(3)])])
    response = alice.pictures({**ORDER, "n": 3, **wish}, provider)
    assert int(response["Content-Length"]) == len(response.content)
    items = json.loads(response.content)["data"]
    assert [item["url"] for item in items] == [None] * 3
    images = Image.objects.order_by("position")
    for item, image in zip(items, images, strict=True):
        picture = base64.b64decode(item["b64_json"], validate=True)
        assert (len(picture), picture[:4]) == (image.size, b"\x89PNG")


@pytest.mark.parametrize(
    ("said", "became"),
    [
        ({"n": 2}, {"count": 2}),
        ({"n": 2, "num_images": 3}, {"count": 3}),
        ({"num_images": 2.0, "seed": 7.0}, {"count": 2, "seed": 7}),
        ({"seed": 0}, {"seed": 0}),
        ({"size": "auto"}, {"aspect_ratio": "1:1", "resolution": "1K"}),
        ({"size": "512x512"}, {"aspect_ratio": "1:1", "resolution": "1K"}),
        ({"size": "1536x1024"}, {"aspect_ratio": "4:3", "resolution": "1K"}),
        ({"size": "1024x1536"}, {"aspect_ratio": "3:4", "resolution": "1K"}),
        ({"size": "1792x1024"}, {"aspect_ratio": "16:9", "resolution": "1K"}),
        ({"size": "1024x1792"}, {"aspect_ratio": "9:16", "resolution": "1K"}),
        ({"size": "2816x1536"}, {"aspect_ratio": "16:9", "resolution": "2K"}),
        ({"size": "1280x896"}, {"aspect_ratio": "4:3", "resolution": "1K"}),
        ({"size": "1024x1024", "aspect_ratio": "9:16"}, {"aspect_ratio": "9:16"}),
        ({"size": "2048x2048", "resolution": "1K"}, {"resolution": "1K"}),
        ({"image_size": "2k"}, {"resolution": "2K"}),
        ({"output_format": "jpg"}, {"output_format": "jpeg"}),
        ({"n": None, "seed": None, "size": None, "stream": False, "partial_images": 0}, {"count": 1, "seed": None}),
        ({"quality": "hd", "background": "auto", "safety_setting": "block_only_high", "nonsense": [1]}, {"count": 1}),
    ],
)
def test_what_either_vendor_calls_a_wish_is_read(
    alice: Program, said: dict[str, Any], became: dict[str, object]
) -> None:
    generation = alice.order(**said)
    assert {name: getattr(generation, name) for name in became} == became


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"n": 5}, "n", ["1 to 4", "received 5"]),
        ({"num_images": 0}, "num_images", ["1 to 4", "received 0"]),
        ({"num_images": 1.5}, "num_images", ["integer", "received 1.5"]),
        ({"num_images": "2"}, "num_images", ["integer", 'received "2"']),
        ({"num_images": True}, "num_images", ["integer", "received true"]),
        ({"n": 1e300}, "n", ["integer"]),
        ({"seed": -1}, "seed", ["0 to 4294967295", "received -1"]),
        ({"seed": 2**32}, "seed", ["0 to 4294967295"]),
        ({"prompt": 7}, "prompt", ["a string", "received 7"]),
        ({"prompt": None}, "prompt", ["required"]),
        ({"prompt": ""}, "prompt", ["Describe the picture"]),
        ({"prompt": "x" * 4001}, "prompt", ["4000", "4001"]),
        ({"prompt": "a\x00b"}, "prompt", ["control characters"]),
        ({"prompt": "\ud800"}, "prompt", ["control characters"]),
        ({"negative_prompt": ["fog"]}, "negative_prompt", ["a string"]),
        ({"model": 4}, "model", ["a string"]),
        ({"model": "sk\x00etch"}, "model", ["a model's name"]),
        ({"aspect_ratio": "7:3"}, "aspect_ratio", ["'16:9'", 'received "7:3"']),
        ({"aspect_ratio": {}}, "aspect_ratio", ["received {}"]),
        ({"size": "large"}, "size", ["WIDTHxHEIGHT", 'received "large"']),
        ({"size": "0x0"}, "size", ["WIDTHxHEIGHT"]),
        ({"resolution": "4K"}, "resolution", ["'2K'", 'received "4K"']),
        ({"image_size": {"width": 1}}, "image_size", ["'2K'"]),
        ({"output_format": "svg"}, "output_format", ["'webp'", 'received "svg"']),
        ({"response_format": "file"}, "response_format", ["'b64_json'"]),
        ({"convert_base64_to_url": "yes"}, "convert_base64_to_url", ["a boolean"]),
        ({"stream": True}, "stream", ["not streamed"]),
        ({"partial_images": 2}, "partial_images", ["no partial pictures"]),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_its_name(
    alice: Program, said: dict[str, Any], field: str, words: list[str]
) -> None:
    response = alice.post({**ORDER, **said})
    body = refused(response, 400, "invalid_value", field)
    assert all(word in body["message"] for word in (*words, field))
    assert response["x-should-retry"] == "false"
    nothing_left(alice.user)


def test_a_long_value_is_not_sent_back_whole(alice: Program) -> None:
    body = refused(alice.post({**ORDER, "size": "x" * 10_000}), 400, "invalid_value", "size")
    assert len(body["message"]) < 300


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"", 400, "invalid_value"),
        (b"{", 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b"[1]", 400, "invalid_value"),
        (b'"text"', 400, "invalid_value"),
        (b"[" * 50_000, 400, "invalid_json"),
        (b'{"prompt": NaN}', 400, "invalid_json"),
        (b" " * 70_000, 413, "request_too_large"),
    ],
)
def test_a_body_that_is_no_request_is_refused(alice: Program, sent: bytes, status: int, code: str) -> None:
    response = alice.post(sent)
    body = json.loads(response.content)
    refused(response, status, code, body["error"]["param"])
    nothing_left(alice.user)


def test_json_is_read_whatever_it_is_called(alice: Program) -> None:
    assert alice.post(ORDER, kind="application/x-www-form-urlencoded").status_code == 424


def test_a_prompt_may_be_long_and_of_any_script(alice: Program) -> None:
    prompt = "🦝 eating 冰淇淋 " + "x" * 3980
    assert alice.order(prompt=prompt).prompt.text == prompt


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("google/imagen4/preview", "imagen-4"),
        ("imagen4/preview", "imagen-4"),
        ("google/imagen-4.0-generate-001", "imagen-4"),
        ("google/imagen-4.0-fast-generate-001", "imagen-4-fast"),
        ("google/imagen-4.0-ultra-generate-001", "imagen-4-ultra"),
        ("imagen-4.0-ultra-generate-preview-06-06", "imagen-4-ultra"),
        (None, "imagen-4"),
    ],
)
def test_the_names_that_the_vendors_have_for_models_are_known(alice: Program, name: str | None, slug: str) -> None:
    assert alice.order(model=name).model.slug == slug


def test_a_resolution_that_the_model_lacks_is_changed_and_told(alice: Program) -> None:
    response = alice.pictures({**ORDER, "model": "imagen-4-fast", "size": "2048x2048"})
    body = response.json()
    assert body["warnings"] == ["Imagen 4 Fast makes pictures of 1K; 2K was asked for."]
    assert Generation.objects.get().resolution == "1K"
    assert body["model"] == "imagen-4-fast"


def test_clients_of_models_that_only_know_base64_get_base64(alice: Program, model: Model) -> None:
    model.aliases.append("gpt-image-1")
    model.save()
    [item] = json.loads(alice.pictures({**ORDER, "model": "gpt-image-1"}).content)["data"]
    assert item["url"] is None
    assert base64.b64decode(item["b64_json"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("headers", [{"Authorization": "Key {}"}, {"X-API-Key": "{}", "Authorization": ""}])
def test_a_key_may_be_spelt_in_other_ways(alice: Program, headers: dict[str, str]) -> None:
    spelt = {name.lower(): value.format(alice.text) for name, value in headers.items()}
    assert alice.post(ORDER, **spelt).status_code == 424


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Bearer ", "Basic YTpi"])
def test_without_a_usable_key_there_are_no_pictures(alice: Program, header: str) -> None:
    response = alice.post(ORDER, authorization=header)
    refused(response, 401, "invalid_api_key")
    assert response["WWW-Authenticate"] == "Bearer"
    nothing_left(alice.user)


def test_a_revoked_key_opens_nothing(alice: Program) -> None:
    keys.revoke(alice.key)
    refused(alice.post(ORDER), 401, "invalid_api_key")
    refused(alice.get("/v2/billing"), 401, "invalid_api_key")


def test_no_credits_is_said_as_both_vendors_say_it_and_not_to_be_repeated(model: Model) -> None:
    poor = Program(make_user(balance=1))
    response = poor.post({**ORDER, "n": 2})
    body = refused(response, 403, "insufficient_quota")
    assert body["error"]["data"] == {"kind": "err_insufficent_credits"}
    assert response["x-should-retry"] == "false"
    nothing_left(poor.user)


def test_an_unknown_model_is_not_found(alice: Program) -> None:
    body = refused(alice.post({**ORDER, "model": "dall-e-9"}), 404, "model_not_found", "model")
    assert "dall-e-9" in body["message"]
    nothing_left(alice.user)


def test_a_retired_model_names_its_successor(alice: Program, model: Model) -> None:
    Model.objects.filter(slug="imagen-4").update(status=Model.Status.RETIRED, successor=model)
    body = refused(alice.post({**ORDER, "model": "google/imagen4/preview"}), 404, "model_deprecated", "model")
    assert "Sketch" in body["message"]


def test_too_many_requests_say_when_to_come_again(alice: Program, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 1
    alice.order()
    response = alice.post(ORDER)
    refused(response, 429, "rate_limit_exceeded")
    assert 1 <= int(response["Retry-After"]) <= 61
    assert "x-should-retry" not in response
    assert Generation.objects.count() == 1


def test_a_prompt_that_is_refused_for_its_content_is_said_so(alice: Program) -> None:
    refusal = RequestRejected("the prompt shows what it must not", code="content_policy", status=400)
    response = alice.pictures(ORDER, FakeProvider([refusal]))
    body = refused(response, 400, "moderation_blocked")
    assert body["error"]["type"] == "image_generation_user_error"
    assert response["x-should-retry"] == "false"
    assert response["x-inference-id"]
    assert Wallet.objects.get(user=alice.user).spendable == 100


def test_a_failure_is_no_status_that_clients_repeat(alice: Program) -> None:
    refusal = RequestRejected("the vendor has no idea", code="bad_request", status=400)
    response = alice.pictures(ORDER, FakeProvider([refusal]))
    refused(response, 424, "generation_failed")
    assert response["x-should-retry"] == "false"
    assert Wallet.objects.get(user=alice.user).spendable == 100


def test_a_cancelled_request_is_gone(alice: Program) -> None:
    first = alice.post(ORDER, **{"idempotency-key": "once"})
    submission.cancel(Generation.objects.get(pk=first["x-inference-id"]))
    refused(alice.post(ORDER, **{"idempotency-key": "once"}), 410, "generation_cancelled")


def test_some_of_the_pictures_are_answered_and_charged_alone(alice: Program) -> None:
    some = Finished([Picture(content=png())], withheld="Two pictures were filtered.")
    response = alice.pictures({**ORDER, "n": 3}, FakeProvider([some]))
    assert response.status_code == 200
    body = response.json()
    assert len(body["data"]) == 1
    assert body["meta"]["usage"]["usd_spent"] == 0.01
    assert body["warnings"] == ["Two pictures were filtered."]
    assert Wallet.objects.get(user=alice.user).spendable == 99


def test_who_waited_in_vain_learns_where_the_pictures_will_be(alice: Program) -> None:
    response = alice.post(ORDER)
    body = refused(response, 424, "generation_timeout")
    assert response["x-should-retry"] == "false"
    assert response["Location"] == f"http://testserver/api/v1/generations/{response['x-inference-id']}"
    assert response["Location"] in body["message"]
    assert alice.get(response["Location"]).json()["status"] == "queued"


def test_what_credits_are_worth_is_the_operators_to_say(alice: Program, settings: Settings) -> None:
    settings.CREDITS_PER_USD = 1000
    assert alice.pictures(ORDER).json()["meta"]["usage"] == {"credits_used": 2000, "usd_spent": 0.001}
    assert alice.get("/v2/billing").json()["current_balance"] == 0.099


def test_a_key_is_for_one_order(alice: Program) -> None:
    alice.post(ORDER, **{"idempotency-key": '"once"'})
    response = alice.post({**ORDER, "seed": 1}, **{"idempotency-key": "once"})
    refused(response, 422, "idempotency_conflict")
    assert response["x-should-retry"] == "false"
    assert Generation.objects.count() == 1


def test_an_unusable_key_is_refused(alice: Program) -> None:
    refused(alice.post(ORDER, **{"idempotency-key": "x" * 256}), 400, "invalid_value")
    nothing_left(alice.user)


def test_a_repeat_may_want_the_pictures_in_another_form(alice: Program) -> None:
    alice.pictures(ORDER)
    again = alice.post({**ORDER, "response_format": "b64_json"}, **{"idempotency-key": "once"})
    assert json.loads(again.content)["data"][0]["b64_json"]
    assert Entry.objects.filter(kind=Entry.Kind.CAPTURE).count() == 1


def test_a_clients_own_request_id_is_echoed_and_makes_the_same_order_the_same(alice: Program) -> None:
    named = {"x-client-request-id": "job-7:a.b_c"}
    first = alice.post(ORDER, **named)
    assert first["x-client-request-id"] == "job-7:a.b_c"
    assert alice.post(ORDER, **named)["x-inference-id"] == first["x-inference-id"]
    assert alice.post({**ORDER, "seed": 1}, **named)["x-inference-id"] != first["x-inference-id"]
    assert "x-client-request-id" not in alice.post(ORDER, **{"x-client-request-id": "no spaces"})


def test_keys_of_two_people_have_nothing_to_do_with_each_other(alice: Program, model: Model) -> None:
    bob = Program(make_user(balance=100))
    once = {"idempotency-key": "once", "x-stainless-retry-count": "1"}
    assert alice.post(ORDER, **once)["x-inference-id"] != bob.post(ORDER, **once)["x-inference-id"]


def test_a_picture_that_is_gone_from_the_storage_is_no_reason_to_send_again(alice: Program) -> None:
    alice.pictures(ORDER)
    image = Image.objects.get()
    Image.objects.filter(pk=image.pk).update(sha256="0" * 64)
    response = alice.post({**ORDER, "response_format": "b64_json"}, **{"idempotency-key": "once"})
    refused(response, 424, "generation_timeout")
    assert str(image.generation_id) in response["Location"]


@pytest.mark.parametrize("path", ["/v1/images/generations", "/images/generations"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_spelling_of_the_address_is_the_address(alice: Program, path: str, slash: str) -> None:
    assert alice.post(ORDER, path + slash).status_code == 424


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/images/edits", "/images/nothing", "/v2/billing/nothing"])
def test_an_address_that_is_none_is_said_in_the_same_words(alice: Program, path: str) -> None:
    body = refused(alice.get(path), 404, "not_found")
    assert body["path"] == path


def test_a_method_that_is_none_is_said_in_the_same_words(alice: Program) -> None:
    response = alice.client.put(f"{ADDRESS}?a=b", b"{}")
    body = refused(response, 405, "method_not_allowed")
    assert body["instance"] == f"{ADDRESS}?a=b"
    assert "POST" in response["Allow"]


def test_pages_of_other_hosts_may_call(alice: Program) -> None:
    asked = {"Access-Control-Request-Headers": "authorization, content-type", "Access-Control-Request-Method": "POST"}
    allowed = Client().options(ADDRESS, headers={"Origin": "https://example.com", **asked})
    assert allowed.status_code == 204
    assert allowed["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    for response in (allowed, alice.pictures(ORDER), alice.post("{"), alice.get("/v1/nothing"), alice.get("/models")):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "x-inference-id" in response["Access-Control-Expose-Headers"]
