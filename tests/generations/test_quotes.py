"""Quotes: what they say, for whom, how long they bind, and that they leave nothing behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import signing
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pytest_django.fixtures import Settings

from accounts.models import Hold
from generations import quotes
from generations.models import Generation, Model, ProviderAccount, Route
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import GENERATIONS, Api, nothing_left, pointers, problem
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
QUOTES = "/api/v1/quotes"
ORDER = {"model": "imagen-4", "prompt": "a lighthouse at dusk", "count": 2, "aspect_ratio": "16:9", "seed": 7}


@pytest.fixture
def model() -> Model:
    make_catalogue()
    return Model.objects.get(slug="imagen-4")


def quoted(api: Api, order: dict[str, Any] = ORDER) -> dict[str, Any]:
    response = api.post(QUOTES, order)
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body


def submitted(api: Api, quote: dict[str, Any], order: dict[str, Any] = ORDER) -> Any:
    return api.post(GENERATIONS, {**order, "quote": quote["id"]})


def signed(api: Api, *, price: int = 7, lasts: dt.timedelta = quotes.LIFETIME, **order: Any) -> dict[str, str]:
    """A quote as the studio would have given it at another time."""
    fingerprint = make_order(**{**ORDER, **order}).fingerprint
    return {"id": quotes.sign(api.user, fingerprint, price, timezone.now() + lasts)}


def test_a_quote_says_what_a_submit_would_do_and_does_nothing(alice: Api, model: Model) -> None:
    before = timezone.now()
    body = quoted(alice)
    assert body["price"] == {"per_image": 7, "total": 14}
    assert (body["model"], body["asked_model"]) == ("imagen-4", None)
    assert (body["balance"], body["enough"]) == (100, True)
    assert (body["provider"], body["provider_model"]) == ("sketch", "")
    assert body["estimated_seconds"] == model.typical_seconds
    left = parse_datetime(body["expires"]) - before  # type: ignore[operator]
    assert quotes.LIFETIME - dt.timedelta(seconds=1) <= left <= quotes.LIFETIME + dt.timedelta(minutes=5)
    nothing_left(alice.user)


def test_what_is_quoted_is_what_is_made(alice: Api) -> None:
    quote = quoted(alice)
    body = submitted(alice, quote).json()
    take_steps(Generation.objects.get().pk, FakeProvider([finished(2)]))
    made = alice.get(body["url"]).json()
    assert made["status"] == "completed"
    for name in ("model", "asked_model", "provider", "provider_model", "parameters"):
        assert made[name] == quote[name], name
    assert made["price"]["captured"] == quote["price"]["total"]


def test_each_wish_is_reported_with_what_becomes_of_it(alice: Api, settings: Settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"apiframe": settings.PROVIDERS["apiframe"] | {"enabled": True}}
    body = quoted(alice, {**ORDER, "output_format": "webp"})
    report = {parameter.pop("name"): parameter for parameter in body["parameters"]}
    assert body["provider"] == "apiframe"
    assert report["count"] == {"asked": 2, "verdict": "sent", "sent": 2, "reason": ""}
    assert (report["output_format"]["verdict"], report["output_format"]["sent"]) == ("adjusted", "png")
    assert report["seed"] == {"asked": 7, "verdict": "ignored", "sent": None, "reason": "not supported by this route"}


def test_the_composer_says_the_same(alice: Api, settings: Settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"apiframe": settings.PROVIDERS["apiframe"] | {"enabled": True}}
    browser = Client()
    browser.force_login(alice.user)
    order = {**ORDER, "output_format": "webp"}
    notes = browser.post("/create/preview", order).content.decode()
    for parameter in quoted(alice, order)["parameters"]:
        if parameter["verdict"] != "sent":
            assert f"{parameter['reason']}, {parameter['verdict']}." in notes


def test_a_provider_that_nothing_goes_to_now_is_not_quoted(alice: Api, settings: Settings) -> None:
    on = {name: settings.PROVIDERS[name] | {"enabled": True} for name in ("fal", "aimlapi")}
    settings.PROVIDERS = settings.PROVIDERS | on
    first = quoted(alice)["provider"]
    ProviderAccount.objects.filter(name=first).update(resume_at=timezone.now() + dt.timedelta(hours=1))
    assert {first, quoted(alice)["provider"]} == {"fal", "aimlapi"}


def test_a_model_that_nobody_can_serve_is_quoted_without_a_provider(alice: Api) -> None:
    Route.objects.update(enabled=False)
    body = quoted(alice)
    assert (body["provider"], body["provider_model"], body["parameters"]) == (None, None, [])


def test_a_quote_is_given_to_who_cannot_afford_it_and_says_so(model: Model) -> None:
    poor = Api(make_user(balance=13))
    quote = quoted(poor)
    assert (quote["balance"], quote["enough"]) == (13, False)
    problem(submitted(poor, quote), 402, "not_enough_credits")
    nothing_left(poor.user)


def test_an_order_that_cannot_be_is_not_quoted(alice: Api) -> None:
    body = problem(alice.post(QUOTES, {**ORDER, "count": 9}), 400, "invalid")
    assert pointers(body) == {"#/count"}
    body = problem(alice.post(QUOTES, {**ORDER, "model": "imagen-4-fast", "resolution": "2K"}), 400, "invalid")
    assert pointers(body) == {"#/resolution"}
    body = problem(alice.post(QUOTES, {**ORDER, "quote": "x"}), 400, "invalid")
    assert pointers(body) == {"#/quote"}


def test_nobody_is_quoted_nothing() -> None:
    problem(Client().post(QUOTES, ORDER, content_type="application/json"), 401, "not_authenticated")


@pytest.mark.parametrize("price", [3, 20])
def test_the_price_is_binding_whichever_way_the_catalogue_goes(alice: Api, model: Model, price: int) -> None:
    quote = quoted(alice)
    Model.objects.filter(pk=model.pk).update(price_1k=price)
    assert submitted(alice, quote).json()["price"]["per_image"] == 7
    assert Hold.objects.get().amount == 14
    assert quoted(alice)["price"] == {"per_image": price, "total": 2 * price}


def test_what_can_be_paid_is_decided_by_the_quoted_price(model: Model) -> None:
    poor = Api(make_user(balance=14))
    quote = quoted(poor)
    Model.objects.filter(pk=model.pk).update(price_1k=8)
    problem(poor.post(GENERATIONS, ORDER), 402, "not_enough_credits")
    assert submitted(poor, quote).status_code == 202


def test_a_quote_may_be_used_again_while_it_lasts(alice: Api) -> None:
    quote = quoted(alice)
    assert submitted(alice, quote).json()["id"] != submitted(alice, quote).json()["id"]


def test_an_expired_quote_is_refused(alice: Api) -> None:
    assert submitted(alice, signed(alice)).status_code == 202
    problem(submitted(alice, signed(alice, lasts=-dt.timedelta(seconds=1))), 422, "quote_expired")
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"prompt": "another"}, {"count": 3}, {"seed": 8}, {"model": "sketch"}, {"allow_successor": True}]
)
def test_a_quote_is_for_the_order_it_was_given_for(alice: Api, other: dict[str, Any]) -> None:
    problem(submitted(alice, quoted(alice), {**ORDER, **other}), 422, "quote_for_another_order")
    nothing_left(alice.user)


def test_defaults_that_are_spelt_out_are_the_same_order(alice: Api) -> None:
    assert submitted(alice, quoted(alice), {**ORDER, "resolution": "1K", "output_format": "png"}).status_code == 202


def test_a_quote_is_for_whom_it_was_given_to(alice: Api, bob: Api) -> None:
    problem(submitted(bob, quoted(alice)), 422, "quote_invalid")
    nothing_left(bob.user)


def test_a_quote_that_was_tampered_with_is_none(alice: Api) -> None:
    cheap, dear = signed(alice, price=1)["id"], signed(alice, price=7)["id"]
    forged = cheap.rpartition(":")[0] + ":" + dear.rpartition(":")[2]
    elsewhere = signing.Signer(salt="elsewhere").sign_object([alice.user.pk, "", 1, 2**40])
    for text in (forged, elsewhere, dear[:-1], dear + "x", "x", "a:b", "ü", ":" * 400):
        problem(alice.post(GENERATIONS, {**ORDER, "quote": text}), 422, "quote_invalid")
    nothing_left(alice.user)


@pytest.mark.parametrize("text", ["", 7, True, ["x"], "x" * 501, "a\x00b", "a\ud800b"])
def test_a_quote_that_cannot_be_is_named(alice: Api, text: Any) -> None:
    body = problem(alice.post(GENERATIONS, {**ORDER, "quote": text}), 400, "invalid")
    assert pointers(body) == {"#/quote"}


def test_no_quote_may_be_spelt_null(alice: Api) -> None:
    assert alice.post(GENERATIONS, {**ORDER, "quote": None}).status_code == 202


def test_a_replay_needs_no_quote_that_still_lasts(alice: Api) -> None:
    key = {"Idempotency-Key": "order-1"}
    first = alice.post(GENERATIONS, {**ORDER, "quote": quoted(alice)["id"]}, **key)
    for quote in (signed(alice, lasts=-dt.timedelta(hours=1))["id"], quoted(alice)["id"], None):
        again = alice.post(GENERATIONS, {**ORDER, "quote": quote}, **key)
        assert (again.status_code, again["Idempotent-Replayed"]) == (202, "true")
        assert again.json()["id"] == first.json()["id"]
    assert Hold.objects.count() == 1


def test_a_quote_is_no_part_of_the_order(alice: Api) -> None:
    body = submitted(alice, quoted(alice)).json()
    without = make_generation(alice.user, **ORDER)
    assert Generation.objects.get(pk=body["id"]).fingerprint == without.fingerprint


def test_the_successors_price_is_quoted_to_who_consents(alice: Api, model: Model) -> None:
    successor = Model.objects.get(slug="imagen-4-ultra")
    Model.objects.filter(pk=model.pk).update(status="retired", successor=successor)
    order = {**ORDER, "model": "google/imagen-4.0-generate-001", "allow_successor": True}
    quote = quoted(alice, order)
    assert (quote["model"], quote["asked_model"]) == ("imagen-4-ultra", order["model"])
    assert quote["price"]["per_image"] == successor.price_1k
    body = submitted(alice, quote, order).json()
    assert (body["model"], body["asked_model"]) == (quote["model"], quote["asked_model"])
    refused = problem(alice.post(QUOTES, {**order, "allow_successor": False}), 422, "model_retired")
    assert refused["successor"] == "imagen-4-ultra"


def test_a_quoted_price_holds_for_the_successor_too(alice: Api, model: Model) -> None:
    order = {**ORDER, "allow_successor": True}
    quote = quoted(alice, order)
    model.routes.update(gone_since=Now())
    Model.objects.filter(pk=model.pk).update(successor=Model.objects.get(slug="imagen-4-ultra"))
    body = submitted(alice, quote, order).json()
    assert (body["model"], body["asked_model"]) == ("imagen-4-ultra", "imagen-4")
    assert body["price"]["per_image"] == 7
