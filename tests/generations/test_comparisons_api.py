"""Comparisons over REST: ordered at once or not at all, at quoted prices, once, and what is picked of them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from generations.models import Comparison, Generation, Image, Model
from tests.factories import make_user
from tests.generations.programs import Api, complete, made, nothing_left, pointers, problem

pytestmark = pytest.mark.django_db
COMPARISONS, QUOTES = "/api/v1/comparisons", "/api/v1/quotes"
WISHES = {"prompt": "a lighthouse at dusk", "count": 2, "seed": 7}
MODELS = ["sketch", "imagen-4-fast"]  # at 1 and 4 credits
ORDER = {**WISHES, "models": MODELS}


def compared(api: Api, order: dict[str, Any] = ORDER) -> dict[str, Any]:
    response = api.post(COMPARISONS, order)
    assert response.status_code == 202, response.content
    body: dict[str, Any] = response.json()
    assert response["Location"] == body["url"]
    assert api.get(body["url"]).json() == body
    return body


def finish(api: Api) -> list[str]:
    """The ids of all that was made, in order."""
    for generation in Generation.objects.filter(user=api.user):
        complete(generation)
    return [
        str(pk)
        for pk in Image.objects.filter(user=api.user).order_by("generation", "position").values_list("pk", flat=True)
    ]


def quotes(api: Api, models: list[str] = MODELS, **wishes: Any) -> list[str]:
    return [api.post(QUOTES, {**WISHES, **wishes, "model": model}).json()["id"] for model in models]


def test_every_model_gets_the_same_order_and_its_pictures_are_read_back(alice: Api) -> None:
    body = compared(alice)
    assert (body["total"], body["winner"]) == (10, None)
    assert [(one["model"], one["seed"], one["status"]) for one in body["generations"]] == [
        ("sketch", 7, "queued"),
        ("imagen-4-fast", 7, "queued"),
    ]
    assert alice.get("/api/v1/credits").json()["held"] == 10
    images = finish(alice)
    done = alice.get(body["url"]).json()
    assert [image["id"] for one in done["generations"] for image in one["images"]] == images
    assert Generation.objects.filter(api_key=alice.key, source=Generation.Source.API).count() == 2


def test_the_quoted_prices_bind(alice: Api) -> None:
    given = quotes(alice)
    Model.objects.filter(slug="imagen-4-fast").update(price_1k=50)
    assert compared(alice, {**ORDER, "quotes": given})["total"] == 10
    body = problem(alice.post(COMPARISONS, ORDER), 402, "not_enough_credits")
    assert (body["needed"], body["available"]) == (102, 90)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda api: quotes(api, MODELS[::-1]), "quote_for_another_order"),
        (lambda api: quotes(api, seed=8), "quote_for_another_order"),
        (lambda api: ["nonsense", "nonsense"], "quote_invalid"),
        (lambda api: quotes(Api(make_user())), "quote_invalid"),
    ],
    ids=["other models", "other wishes", "nonsense", "somebody else's"],
)
def test_a_quote_of_something_else_is_refused(alice: Api, wrong: Any, code: str) -> None:
    problem(alice.post(COMPARISONS, {**ORDER, "quotes": wrong(alice)}), 422, code)
    nothing_left(alice.user)


@pytest.mark.parametrize(
    ("wrong", "complaints"),
    [
        ({"models": ["sketch"]}, {"#/models"}),
        ({"models": ["sketch", "sketch"]}, {"#/models"}),
        ({"models": ["sketch", "imagen-4", "imagen-4-fast", "imagen-4-ultra"]}, {"#/models"}),
        ({"models": ["sketch", "no-such-model"]}, {"#/model"}),
        ({"models": "sketch"}, {"#/models"}),
        ({"model": "sketch"}, {"#/model"}),
        ({"prompt": ""}, {"#/prompt"}),
        ({"count": 5}, {"#/count"}),
        ({"models": [*MODELS, "imagen-4"], "quotes": ["a", "b"]}, {"#/quotes"}),
        ({"resolution": "2K"}, {"#/resolution"}),
    ],
)
def test_a_wrong_order_is_refused_and_leaves_nothing(alice: Api, wrong: dict[str, Any], complaints: set[str]) -> None:
    assert pointers(problem(alice.post(COMPARISONS, ORDER | wrong), 400, "invalid")) == complaints
    nothing_left(alice.user)
    assert not Comparison.objects.exists()


def test_what_cannot_be_afforded_whole_is_not_ordered_in_part(model: Model) -> None:
    poor, limited = Api(make_user(balance=9)), Api(make_user(balance=100), budget_day=9)
    body = problem(poor.post(COMPARISONS, ORDER), 402, "not_enough_credits")
    assert (body["needed"], body["available"]) == (10, 9)
    body = problem(limited.post(COMPARISONS, ORDER), 402, "budget_exceeded")
    assert (body["budget"], body["left"]) == (9, 9)
    assert "costs 10 credits" in body["detail"]
    for api in (poor, limited):
        nothing_left(api.user)


def test_one_key_is_one_comparison(alice: Api) -> None:
    key, three = {"Idempotency-Key": "k" * 255}, {"Idempotency-Key": "three"}
    first = alice.post(COMPARISONS, ORDER, **key).json()
    again = alice.post(COMPARISONS, ORDER, **key)
    assert (again.json()["id"], again["Idempotent-Replayed"]) == (first["id"], "true")
    for other in (
        {**ORDER, "seed": 8},
        {**ORDER, "models": MODELS[::-1]},
        {**ORDER, "models": [*MODELS, "imagen-4"]},
    ):
        problem(alice.post(COMPARISONS, other, **key), 422, "idempotency_conflict")
    assert alice.post(COMPARISONS, {**ORDER, "models": [*MODELS, "imagen-4"]}, **three).status_code == 202
    problem(alice.post(COMPARISONS, ORDER, **three), 422, "idempotency_conflict")
    assert Generation.objects.filter(user=alice.user).count() == 5
    assert Comparison.objects.count() == 2


def test_each_model_counts_against_the_limit(alice: Api, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 3
    compared(alice)
    problem(alice.post(COMPARISONS, ORDER), 429, "rate_limited")
    assert Comparison.objects.count() == 1


def test_what_is_picked_wins_gets_a_star_and_the_others_may_go(alice: Api) -> None:
    path = compared(alice)["url"]
    [winner, *others] = finish(alice)
    assert alice.post(f"{path}/trash", {}).json() == {"changed": 0, "more": False}
    assert alice.post(f"{path}/pick", {"image": winner}).json()["winner"] == winner
    assert alice.get(f"/api/v1/images/{winner}").json()["starred"]
    assert alice.post(f"{path}/trash", {}).json() == {"changed": 3, "more": False}
    problem(alice.post(f"{path}/pick", {"image": others[0]}), 409, "in_trash")
    for image in (str(made(alice)[0].pk), str(uuid.uuid4()), "x", None):
        problem(alice.post(f"{path}/pick", {"image": image}), 400, "invalid")
    assert alice.get(path).json()["winner"] == winner


def test_the_list_goes_newest_first_in_a_constant_number_of_statements(
    alice: Api, bob: Api, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    compared(bob)
    ids = [compared(alice)["id"] for _ in range(4)]
    finish(alice)
    with django_assert_max_num_queries(9):
        page = alice.get(f"{COMPARISONS}?limit=3").json()
    rest = alice.get(page["next"]).json()
    assert [one["id"] for one in page["results"] + rest["results"]] == ids[::-1]
    assert rest["next"] is None
