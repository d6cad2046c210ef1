"""The other addresses of AI/ML API and OpenAI: what can be asked for, what is left, what is said where nobody is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIRequestFactory

from accounts import answers
from generations.dialects.pending import Pending
from generations.models import Model
from generations.providers.aimlapi.views import GenerationsView
from tests.factories import make_user
from tests.generations.dialects.openai import ADDRESS, ORDER, Program, refused

pytestmark = pytest.mark.django_db
ACCOUNT = ("/v2/billing", "/v2/billing/detail", "/v1/billing/balance", "/v1/key")


def rows(query: str = "") -> list[dict[str, Any]]:
    body = Client().get(f"/v1/models{query}").json()
    assert body["object"] == "list"
    found: list[dict[str, Any]] = body["data"]
    return found


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/", "/models", "/models/"])
def test_anybody_may_know_the_models(path: str) -> None:
    response = Client().get(path, headers={"Authorization": "Bearer nonsense"})
    assert response.status_code == 200
    listed = {row["id"]: row for row in response.json()["data"]}
    assert {"sketch", "imagen-4", "imagen-4-fast", "imagen-4-ultra"} <= set(listed)
    assert "own-server" not in listed, "nobody serves it here"
    imagen = listed["imagen-4"]
    assert "google/imagen4/preview" in imagen["aliases"]
    assert imagen["info"]["name"] == "Imagen 4"
    assert {"id", "object", "created", "owned_by", "type", "tags"} <= set(imagen)
    assert not {"pricing", "modalities", "capabilities"} & set(imagen)


@pytest.mark.usefixtures("model")
def test_a_list_that_has_not_changed_is_not_sent_again(model: Model) -> None:
    tag = Client().get("/v1/models")["ETag"]
    same = Client().get("/v1/models", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    model.aliases.append("another-name")
    model.save()
    assert Client().get("/v1/models", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "query", ["?include=all", "?details=true", "?include=pricing,modalities,capabilities,nonsense"]
)
def test_more_is_told_to_who_asks(query: str) -> None:
    listed = {row["id"]: row for row in rows(query)}
    assert listed["imagen-4-fast"]["pricing"] == {
        "kind": "fixed",
        "units": [{"name": "image", "measure": "image", "price": 0.04, "unit": "image", "per": 1}],
    }
    assert [
        (variant["when"]["resolution"], variant["price"]) for variant in listed["sketch"]["pricing"]["variants"]
    ] == [
        ("1K", 0.01),
        ("2K", 0.02),
    ]
    assert listed["sketch"]["modalities"]["output"] == ["image"]
    assert "resolution" not in listed["imagen-4-fast"]["capabilities"]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?id=sketch,google/imagen4/preview", {"sketch", "imagen-4"}),
        ("?id=sketch&output_modalities=image,video", {"sketch"}),
        ("?id=sketch&output_modalities=video", set()),
        ("?type=video", set()),
        ("?capabilities=resolution&id=sketch,imagen-4-fast", {"sketch"}),
    ],
)
def test_a_list_may_be_of_some(query: str, found: set[str]) -> None:
    assert {row["id"] for row in rows(query)} == found


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", ["google/imagen4/preview", "google%2Fimagen4%2Fpreview", "Imagen-4", "imagen-4/"])
def test_a_model_is_found_by_any_of_its_names(name: str) -> None:
    assert Client().get(f"/v1/models/{name}").json()["id"] == "imagen-4"
    body = Client().get(f"/model/{name}").json()
    assert (body["object"], body["data"]["id"]) == ("model", "imagen-4")
    assert "pricing" in body["data"]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("path", ["/v1/models/dall-e-9", "/model/dall-e-9", "/v1/models/a%00b", "/model/own-server"])
def test_a_model_that_nobody_serves_is_not_found(path: str) -> None:
    refused(Client().get(path), 404, "model_not_found", "model")


def test_a_retired_model_is_not_listed(model: Model) -> None:
    Model.objects.filter(pk=model.pk).update(status=Model.Status.RETIRED)
    assert "sketch" not in {row["id"] for row in rows()}


@pytest.mark.parametrize("slash", ["", "/"])
def test_what_is_left_is_told_in_usd_and_in_credits(alice: Program, slash: str) -> None:
    assert alice.get(f"/v2/billing{slash}").json() == {"current_balance": 1.0, "currency": "USD"}
    detail = alice.get(f"/v2/billing/detail{slash}").json()
    assert (detail["email"], detail["current_balance"]) == (alice.user.email, 1.0)
    assert detail["autotopup_settings"]["is_enabled"] is False
    old = alice.get(f"/v1/billing/balance{slash}").json()
    assert (old["balance"], old["lowBalance"]) == (2_000_000, False)


def test_a_key_tells_of_itself_and_of_this_month(alice: Program) -> None:
    alice.pictures({**ORDER, "n": 3})
    data = alice.get("/v1/key").json()["data"]
    assert (data["name"], data["prefix"], data["disabled"]) == ("tests", alice.key.prefix, False)
    assert data["monthly_usage"] == 0.03
    assert alice.text not in str(data)


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("path", ACCOUNT)
def test_nobody_learns_of_an_account_without_its_key(path: str) -> None:
    refused(Client().get(path), 401, "invalid_api_key")
    bob = Program(make_user(balance=7))
    assert bob.get("/v2/billing").json()["current_balance"] == 0.07


@pytest.mark.parametrize("path", ACCOUNT)
def test_an_account_is_one_statement_or_two(
    alice: Program, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    alice.get("/v2/billing")
    with django_assert_max_num_queries(3 if path == "/v1/key" else 1):
        assert alice.get(path).status_code == 200


def test_a_submit_takes_three_statements(alice: Program, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    alice.post(ORDER)  # the key's last use has been noted, the model is remembered
    request = APIRequestFactory().post(ADDRESS, ORDER, format="json", headers={"Authorization": f"Bearer {alice.text}"})
    with django_assert_num_queries(5):  # with a savepoint around what is a transaction outside of tests
        pending = GenerationsView.as_view()(request)
    assert isinstance(pending, Pending)
    with django_assert_num_queries(1):
        assert pending.answer().status_code == 424


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (404, "not_found", {"x-should-retry": "false"}),
        (413, "request_too_large", {"x-should-retry": "false"}),
        (500, "internal_error", {"x-should-retry": "false"}),
        (503, "unavailable", {"Retry-After": "5"}),
    ],
)
@pytest.mark.parametrize("path", [ADDRESS, "/images/generations/", "/models", "/model/x", "/v2/billing", "/v1/x"])
def test_where_no_view_is_reached_the_words_are_the_same(
    path: str, status: int, code: str, headers: dict[str, str]
) -> None:
    response = answers.say(RequestFactory().get(path), status)
    response.setdefault("x-request-id", "")
    refused(response, status, code)
    assert {name: response[name] for name in headers} == headers
