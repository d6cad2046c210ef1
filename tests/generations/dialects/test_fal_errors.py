"""What goes wrong at fal's addresses is said as fal says it, and nothing is charged for it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Hold
from generations import submission
from generations.models import Generation, Model
from generations.providers.fal import ordering
from tests.factories import make_catalogue, make_user
from tests.generations.dialects.fal import APP, INPUT, QUEUE, RUN, Caller

pytestmark = pytest.mark.django_db
ANY_ID = uuid.UUID(int=7)
ADDRESSES = [
    ("post", QUEUE),
    ("post", RUN),
    ("post", f"/{APP}"),
    ("get", f"{QUEUE}/requests/{ANY_ID}"),
    ("get", f"{QUEUE}/requests/{ANY_ID}/status"),
    ("get", f"{QUEUE}/requests/{ANY_ID}/status/stream"),
    ("put", f"{QUEUE}/requests/{ANY_ID}/cancel"),
]


@pytest.fixture(autouse=True)
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice() -> Caller:
    return Caller(make_user(balance=100))


def said(response: Any, status: int) -> Any:
    """The body of an error with everything that every one has."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    assert str(uuid.UUID(response["x-fal-request-id"])) == response["x-fal-request-id"]
    assert response["x-fal-billable-units"] == "0"
    assert (response["X-Fal-Needs-Retry"] == "1") == (response["X-Fal-Retryable"] == "true")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not Generation.objects.exists()
    assert not Hold.objects.exists()
    return response.json()


def ask(client: Client, method: str, address: str) -> Any:
    return client.generic(method.upper(), address, json.dumps(INPUT), content_type="application/json")


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_without_a_key_nobody_gets_in(method: str, address: str) -> None:
    detail = f'Cannot access application "{APP}". Authentication is required to access this application.'
    assert said(ask(Client(), method, address), 401) == {"detail": detail}


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_nor_with_a_key_that_opens_nothing(alice: Caller, method: str, address: str) -> None:
    keys.revoke(alice.key)
    for text in (alice.text, "", "an-id:a-secret", "atl_x"):
        client = Client(headers={"Authorization": f"Key {text}"})
        assert said(ask(client, method, address), 401) == {"detail": "invalid key credentials"}


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
def test_nor_by_being_signed_in(alice: Caller, method: str, address: str) -> None:
    client = Client()
    client.force_login(alice.user)
    said(ask(client, method, address), 401)


@pytest.mark.parametrize("scheme", ["Key", "key", "Bearer", "KEY"])
def test_a_key_is_taken_in_any_spelling(alice: Caller, scheme: str) -> None:
    client = Client(headers={"Authorization": f"{scheme} {alice.text}"})
    assert ask(client, "post", QUEUE).status_code == 200
    assert ask(Client(headers={"X-API-Key": alice.text}), "post", QUEUE).status_code == 200


@pytest.mark.parametrize("address", [QUEUE, RUN])
def test_without_credits_one_is_locked_out(model: Model, address: str) -> None:
    poor = Caller(make_user(balance=3))
    body = said(poor.post(address), 403)
    assert body["detail"].startswith("User is locked. Reason: Exhausted balance. This costs ")
    assert body["detail"].endswith("Top up your balance at http://testserver/account/credits.")


@pytest.mark.parametrize("plane", ["/fal/queue", "/fal/run"])
def test_an_application_that_nobody_knows_is_not_found(alice: Caller, plane: str) -> None:
    for app in ("fal-ai/flux/dev", "fal-ai/nothing", "x", f"{APP}/stream"):
        assert said(alice.post(f"{plane}/{app}"), 404) == {"detail": f'Application "{app}" not found'}


@pytest.mark.parametrize("address", ["/fal/", "/fal/nothing", "/fal/queue/", "/fal-ai/", "/fal/queue/a/requests/b/c/d"])
def test_what_is_no_address_is_not_found(alice: Caller, address: str) -> None:
    assert said(alice.get(address), 404) == {"detail": f"Path {address} not found"}


@pytest.mark.parametrize(
    ("method", "address"), [("get", QUEUE), ("delete", RUN), ("post", f"{QUEUE}/requests/{ANY_ID}/cancel")]
)
def test_a_wrong_method_is_said_in_json(alice: Caller, method: str, address: str) -> None:
    assert "not allowed" in said(ask(alice.client, method, address), 405)["detail"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "json_invalid"),
        ("prompt=a+fox", "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
        ("[" * 20_000, "json_invalid"),
        ("", "missing"),
        ("{}", "missing"),
        ("[]", "value_error"),
        ("null", "value_error"),
        ('"text"', "value_error"),
        ("7", "value_error"),
        ('{"prompt": "a \\ud800 b"}', "value_error"),
        ('{"prompt": "nul \\u0000"}', "value_error"),
        ('{"prompt": "bell \\u0007"}', "value_error"),
        ('{"prompt": "a fox", "num_images": NaN}', "json_invalid"),
    ],
)
@pytest.mark.parametrize("address", [QUEUE, RUN])
def test_a_body_that_is_no_input_is_unprocessable(alice: Caller, address: str, body: str | bytes, kind: str) -> None:
    [detail] = said(alice.post(address, body), 422)["detail"]
    assert detail["type"] == kind
    assert set(detail) >= {"loc", "msg", "type", "url"}
    assert detail["loc"][0] == "body"


def test_no_body_at_all_lacks_the_prompt(alice: Caller) -> None:
    response = alice.client.post(QUEUE, headers={"content-type": "application/json"}, content_type="application/json")
    assert said(response, 422)["detail"][0]["loc"] == ["body", "prompt"]


@pytest.mark.parametrize("prompt", ["🦊 im Schnee ❄️", "x" * 4000, "two\nlines\tand a tab", "灯台の夕暮れ"])
def test_any_readable_prompt_is_kept_as_it_was_written(alice: Caller, prompt: str) -> None:
    alice.submit(prompt=prompt)
    assert Generation.objects.get().prompt.text == prompt


def test_what_the_model_cannot_do_is_named_in_the_words_of_fal(alice: Caller) -> None:
    Model.objects.filter(slug="sketch").update(max_images=2, formats=["png"])
    details = said(alice.post("/fal/queue/fal-ai/sketch", INPUT | {"num_images": 3, "output_format": "webp"}), 422)
    assert [detail["loc"] for detail in details["detail"]] == [["body", "output_format"], ["body", "num_images"]]


def test_a_body_that_is_too_large_is_refused(alice: Caller) -> None:
    assert "bytes" in said(alice.post(QUEUE, INPUT | {"extra": "x" * 70_000}), 413)["detail"]


def test_too_many_submits_are_told_when_to_come_again(alice: Caller, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 0
    response = alice.post(QUEUE)
    assert said(response, 429)["detail"] == "Too many requests."
    assert response["X-Fal-Needs-Retry"] == "1"
    assert int(response["Retry-After"]) >= 1


@pytest.mark.parametrize("length", ["-1", "many", "1.5", ""])
def test_a_queue_that_cannot_be_that_long_is_unprocessable(alice: Caller, length: str) -> None:
    [detail] = said(alice.post(f"{QUEUE}?fal_max_queue_length={length}"), 422)["detail"]
    assert detail["loc"] == ["query", "fal_max_queue_length"]


@pytest.mark.parametrize(
    "webhook",
    ["ftp://example.com", "example.com/hook", "http://", "http://a:b@example.com", f"http://{'x' * 2000}.com"],
)
def test_an_address_that_cannot_be_called_is_unprocessable(alice: Caller, webhook: str) -> None:
    [detail] = said(alice.post(f"{QUEUE}?fal_webhook={webhook}"), 422)["detail"]
    assert (detail["loc"], detail["type"]) == (["query", "fal_webhook"], "url_parsing")


@pytest.mark.parametrize("key", ["x" * 256, "ü"])
def test_an_idempotency_key_that_is_none_is_unprocessable(alice: Caller, key: str) -> None:
    said(alice.post(QUEUE, **{"Idempotency-Key": key}), 422)


def test_a_part_that_is_away_is_said_in_json(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError

    monkeypatch.setattr(submission, "check", away)
    response = alice.post(QUEUE)
    assert said(response, 503)["error_type"] == "runner_connection_error"
    assert (response["Retry-After"], response["X-Fal-Needs-Retry"]) == ("5", "1")


def test_so_is_a_fault_of_ours(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ordering, "OWNER")
    alice.client.raise_request_exception = False
    body = said(alice.post(QUEUE), 500)
    assert body["error_type"] == "internal_error"
    assert "Traceback" not in str(body)


@pytest.mark.parametrize("address", [QUEUE, RUN, f"/{APP}", f"{QUEUE}/requests/{ANY_ID}/cancel", "/fal/proxy"])
def test_a_page_anywhere_may_ask_first(address: str) -> None:
    response = Client().options(address, headers={"Origin": "https://elsewhere.example"})
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert {"GET", "POST", "PUT"} <= set(response["Access-Control-Allow-Methods"].split(", "))
    assert {"authorization", "content-type", "x-fal-queue-priority", "x-fal-target-url"} <= set(
        response["Access-Control-Allow-Headers"].split(", ")
    )


def test_a_page_anywhere_may_read_the_id_of_a_request(alice: Caller) -> None:
    assert "x-fal-request-id" in alice.post(QUEUE)["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in alice.get("/api/v1/models")


@pytest.mark.parametrize("slash", ["", "/"])
def test_whoever_is_called_back_finds_our_keys(slash: str) -> None:
    [key] = Client().get(f"/fal/rest/.well-known/jwks.json{slash}").json()["keys"]
    assert (key["kty"], key["crv"], len(key["x"])) == ("OKP", "Ed25519", 43)
    through_the_proxy = {"x-fal-target-url": "https://rest.fal.ai/.well-known/jwks.json"}
    assert Client().get("/fal/proxy", headers=through_the_proxy).json() == {"keys": [key]}
