"""Our REST API: what it takes, what it gives, and what it says when it cannot."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import keys
from accounts.models import Entry, User
from generations import records, submission
from generations.models import Generation, Image, Model, Route
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import GENERATIONS, ORDER, Api, complete, nothing_left, pointers, problem
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db


def test_a_submit_is_accepted_with_an_address_to_look_at(alice: Api) -> None:
    response = alice.post(GENERATIONS, {**ORDER, "count": 2, "aspect_ratio": "16:9", "seed": 7})
    assert response.status_code == 202
    body = response.json()
    assert body["status"] == "queued"
    assert response["Location"] == body["url"] == f"http://testserver{GENERATIONS}/{body['id']}"
    assert body["price"] == {"per_image": 1, "held": 2, "captured": 0, "released": 0}
    assert alice.get(body["url"]).json()["id"] == body["id"]


def test_a_finished_generation_has_images_a_report_and_its_price(alice: Api) -> None:
    generation = make_generation(alice.user, count=2)
    complete(generation)
    body = alice.get(f"{GENERATIONS}/{generation.pk}").json()
    assert body["status"] == "completed"
    assert body["provider"] == "sketch"
    assert [image["position"] for image in body["images"]] == [0, 1]
    assert body["price"] == {"per_image": 1, "held": 0, "captured": 2, "released": 0}
    assert {parameter["verdict"] for parameter in body["parameters"]} == {"sent"}
    anybody = Client().get(body["images"][0]["url"])
    assert (anybody.status_code, anybody["Content-Type"]) == (200, "image/png")
    assert anybody.getvalue().startswith(b"\x89PNG")
    thumbnail = Client().get(body["images"][0]["thumbnails"]["320"])
    assert (thumbnail.status_code, thumbnail["Content-Type"]) == (200, "image/webp")
    assert thumbnail.getvalue()[8:12] == b"WEBP"


def test_an_alias_is_as_good_as_the_name(alice: Api) -> None:
    assert alice.post(GENERATIONS, {**ORDER, "model": "fal-ai/imagen4/preview"}).json()["model"] == "imagen-4"


def test_the_balance_is_what_can_be_spent(alice: Api) -> None:
    make_generation(alice.user, count=4)
    assert alice.get("/api/v1/me").json()["credits"] == {"spendable": 96, "held": 4, "posted": 100}


def test_pages_follow_each_other_to_the_end_without_gap_or_repeat(alice: Api) -> None:
    for _ in range(5):
        complete(make_generation(alice.user, count=3))
    seen: list[str] = []
    address = "http://testserver/api/v1/images?limit=4"
    while address:
        page = alice.get(address).json()
        assert len(page["results"]) <= 4
        seen += [image["id"] for image in page["results"]]
        address = page["next"]
    newest_first = [str(pk) for pk in Image.objects.order_by("-id").values_list("id", flat=True)]
    assert seen == newest_first
    assert len(seen) == 15


def test_a_page_stays_itself_while_newer_images_arrive(alice: Api) -> None:
    complete(make_generation(alice.user, count=4))
    following = alice.get("/api/v1/images?limit=2").json()["next"]
    before = alice.get(following).json()["results"]
    complete(make_generation(alice.user, count=4))
    assert [image["id"] for image in alice.get(following).json()["results"]] == [image["id"] for image in before]


def test_images_are_found_by_the_words_of_their_prompt(alice: Api) -> None:
    complete(make_generation(alice.user, prompt="a red fox in the snow"))
    complete(make_generation(alice.user, prompt="a lighthouse at dusk"))
    found = alice.get("/api/v1/images?q=fox").json()["results"]
    assert [image["prompt"] for image in found] == ["a red fox in the snow"]


def test_generations_are_listed_newest_first(alice: Api) -> None:
    made = [str(make_generation(alice.user).pk) for _ in range(3)]
    first = alice.get(f"{GENERATIONS}?limit=2").json()
    rest = alice.get(first["next"]).json()
    assert [one["id"] for one in first["results"] + rest["results"]] == made[::-1]
    assert rest["next"] is None


def test_the_models_say_what_they_can_do_and_who_serves_them(alice: Api) -> None:
    models = {model["id"]: model for model in alice.get("/api/v1/models").json()["results"]}
    assert models["imagen-4"]["price"] == {"1K": 7, "2K": 10}
    assert models["imagen-4"]["providers"] == ["sketch"]
    assert "16:9" in models["sketch"]["ratios"]
    assert models["sketch"]["honours"] == ["seed", "negative_prompt"]


def test_a_list_of_generations_has_the_members_that_were_asked_for(alice: Api) -> None:
    generation = make_generation(alice.user)
    path = f"{GENERATIONS}?fields=id,status"
    assert alice.get(path).json()["results"] == [{"id": str(generation.pk), "status": "queued"}]
    problem(alice.get(f"{GENERATIONS}?fields=id,nothing"), 400, "invalid")


def test_a_model_is_found_by_its_aliases_and_says_how_long_it_takes(alice: Api) -> None:
    model = alice.get("/api/v1/models/google/imagen4/preview").json()
    assert (model["id"], model["typical_seconds"]) == ("imagen-4", 15)
    generation = make_generation(alice.user)
    Generation.objects.filter(pk=generation.pk).update(created=timezone.now() - dt.timedelta(seconds=40))
    complete(generation)
    assert 40 <= alice.get("/api/v1/models/sketch").json()["typical_seconds"] < 600
    problem(alice.get("/api/v1/models/nothing"), 404, "not_found")


def test_a_model_honours_what_one_of_its_open_routes_does(alice: Api) -> None:
    Route.objects.filter(model__slug="sketch").update(honours_seed=False)
    assert alice.get("/api/v1/models/sketch").json()["honours"] == ["negative_prompt"]


def test_cancelling_gives_the_credits_back_once(alice: Api) -> None:
    generation = make_generation(alice.user, count=4)
    body = alice.post(f"{GENERATIONS}/{generation.pk}/cancel", {}).json()
    assert (body["status"], body["price"]["released"]) == ("cancelled", 4)
    problem(alice.post(f"{GENERATIONS}/{generation.pk}/cancel", {}), 409, "finished")
    assert alice.get("/api/v1/me").json()["credits"]["spendable"] == 100


def test_retrying_submits_the_same_order_again(alice: Api) -> None:
    generation = make_generation(alice.user, seed=5, count=2)
    response = alice.post(f"{GENERATIONS}/{generation.pk}/retry", {})
    assert response.status_code == 202
    again = response.json()
    assert again["id"] != str(generation.pk)
    assert (again["prompt"], again["seed"], again["count"]) == ("a lighthouse at dusk", 5, 2)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"prompt": ""}, "#/prompt"),
        ({"prompt": "   "}, "#/prompt"),
        ({"prompt": "x" * 4001}, "#/prompt"),
        ({"prompt": "bell \x07"}, "#/prompt"),
        ({"prompt": "nul \x00"}, "#/prompt"),
        ({"prompt": 7}, "#/prompt"),
        ({"prompt": None}, "#/prompt"),
        ({"prompt": ["a"]}, "#/prompt"),
        ({"negative_prompt": "x" * 4001}, "#/negative_prompt"),
        ({"model": "imagen-9"}, "#/model"),
        ({"model": ""}, "#/model"),
        ({"aspect_ratio": "2:1"}, "#/aspect_ratio"),
        ({"resolution": "8K"}, "#/resolution"),
        ({"model": "imagen-4-fast", "resolution": "2K"}, "#/resolution"),
        ({"count": 0}, "#/count"),
        ({"count": 5}, "#/count"),
        ({"count": 1.5}, "#/count"),
        ({"count": True}, "#/count"),
        ({"count": "2"}, "#/count"),
        ({"seed": -1}, "#/seed"),
        ({"seed": 2**32}, "#/seed"),
        ({"seed": 10**400}, "#/seed"),
        ({"output_format": "gif"}, "#/output_format"),
        ({"allow_successor": "yes"}, "#/allow_successor"),
        ({"allow_successor": 1}, "#/allow_successor"),
        ({"promt": "typo"}, "#/promt"),
    ],
)
def test_a_field_that_cannot_be_is_named(alice: Api, wrong: dict[str, Any], pointer: str) -> None:
    body = problem(alice.post(GENERATIONS, {**ORDER, **wrong}), 400, "invalid")
    assert pointer in pointers(body)
    nothing_left(alice.user)


def test_every_wrong_field_is_named_at_once(alice: Api) -> None:
    body = problem(alice.post(GENERATIONS, {"prompt": "", "count": 9}), 400, "invalid")
    assert pointers(body) == {"#/model", "#/prompt", "#/count"}


@pytest.mark.parametrize(
    "prompt",
    ["🦊 im Schnee ❄️", "منارة عند الغروب", "灯台の夕暮れ", "x" * 4000, "two\nlines\tand a tab", "\u202ereversed"],
)
def test_any_readable_prompt_is_kept_as_it_was_written(alice: Api, prompt: str) -> None:
    response = alice.post(GENERATIONS, {**ORDER, "prompt": prompt})
    assert response.status_code == 202
    assert alice.get(response["Location"]).json()["prompt"] == prompt


@pytest.mark.parametrize(
    "body", ["", "{", "not json", "[]", "null", '"text"', "7", b"\xff\xfe", '{"prompt": "\ud800"}', "[" * 50_000]
)
def test_a_body_that_is_no_order_is_refused(alice: Api, body: str | bytes) -> None:
    sent = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    response = alice.post(GENERATIONS, sent)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    nothing_left(alice.user)


def test_an_escaped_lone_surrogate_is_refused(alice: Api) -> None:
    body = problem(alice.post(GENERATIONS, b'{"model": "sketch", "prompt": "a \\ud800 b"}'), 400, "invalid")
    assert pointers(body) == {"#/prompt"}


def test_another_content_type_is_refused(alice: Api) -> None:
    problem(
        alice.post(GENERATIONS, "prompt=x", type="application/x-www-form-urlencoded"), 415, "unsupported_media_type"
    )


def test_a_body_that_is_too_large_is_refused(alice: Api) -> None:
    problem(alice.post(GENERATIONS, {**ORDER, "prompt": "x" * 70_000}), 413, "too_large")
    nothing_left(alice.user)


def test_too_little_credit_says_what_is_needed_and_what_is_there(model: Model) -> None:
    poor = Api(make_user(balance=27))
    body = problem(poor.post(GENERATIONS, {**ORDER, "model": "imagen-4", "count": 4}), 402, "not_enough_credits")
    assert (body["needed"], body["available"]) == (28, 27)
    nothing_left(poor.user)


def test_too_little_budget_says_which_and_what_is_left(model: Model) -> None:
    thrifty = Api(make_user(balance=100), budget_day=10)
    order = {**ORDER, "model": "imagen-4"}
    assert thrifty.post(GENERATIONS, order).status_code == 202
    body = problem(thrifty.post(GENERATIONS, order), 402, "budget_exceeded")
    assert (body["budget"], body["period"], body["left"]) == (10, "day", 3)
    assert Generation.objects.filter(user=thrifty.user).count() == 1


def test_a_method_that_is_none_is_refused(alice: Api) -> None:
    problem(alice.client.delete(GENERATIONS), 405, "method_not_allowed")


def test_an_address_that_is_none_is_a_problem_too(alice: Api) -> None:
    problem(alice.get("/api/v1/nothing"), 404, "not_found")
    problem(alice.get(f"{GENERATIONS}/not-a-uuid"), 404, "not_found")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=x", "before=1", "page=2"])
def test_a_page_that_cannot_be_is_refused(alice: Api, query: str) -> None:
    problem(alice.get(f"/api/v1/images?{query}"), 400, "invalid")
    problem(alice.get(f"{GENERATIONS}?{query}"), 400, "invalid")


@pytest.fixture
def retired(model: Model) -> dict[str, Any]:
    """An order for a model that has retired; its successor is imagen-4."""
    Model.objects.filter(slug="sketch").update(status="retired", successor=Model.objects.get(slug="imagen-4"))
    return {**ORDER, "model": "sketch"}


def test_a_retired_model_is_refused_with_the_name_of_its_successor(alice: Api, retired: dict[str, Any]) -> None:
    for path in (GENERATIONS, "/api/v1/quotes"):
        body = problem(alice.post(path, retired), 422, "model_retired")
        assert (body["successor"], body["detail"]) == ("imagen-4", "Sketch is retired; use Imagen 4.")
    nothing_left(alice.user)


def test_consent_is_given_by_the_request_or_by_the_account(alice: Api, retired: dict[str, Any]) -> None:
    by_request = alice.post(GENERATIONS, {**retired, "allow_successor": True}).json()
    User.objects.update(accepts_successors=True)
    by_account = alice.post(GENERATIONS, retired).json()
    for body in (by_request, by_account, alice.get(by_account["url"]).json()):
        assert (body["model"], body["asked_model"], body["allow_successor"]) == ("imagen-4", "sketch", True)
        assert body["price"]["per_image"] == 7
    problem(alice.post(GENERATIONS, {**retired, "allow_successor": False}), 422, "model_retired")
    assert alice.get("/api/v1/me").json()["accepts_successors"] is True


def test_a_deprecated_model_says_until_when_and_what_follows(alice: Api) -> None:
    models = {model["id"]: model for model in alice.get("/api/v1/models").json()["results"]}
    shown = models["imagen-4"]
    assert (shown["status"], shown["retires"], shown["successor"]) == (
        "deprecated",
        "2026-08-17",
        "gemini-3-1-flash-image",
    )
    body = alice.post(GENERATIONS, {**ORDER, "model": "imagen-4", "allow_successor": True}).json()
    assert (body["model"], body["asked_model"]) == ("imagen-4", None)


def taken_over(api: Api) -> Image:
    """A picture of which the successor made after the submit that the model which was asked for had gone."""
    generation = make_generation(api.user, allow_successor=True)
    Route.objects.filter(model__slug="sketch").update(gone_since=timezone.now())
    Model.objects.filter(slug="sketch").update(successor=Model.objects.get(slug="imagen-4"))
    complete(generation)
    return Image.objects.get(generation=generation)


def test_whoever_served_it_is_named_beside_what_was_asked(alice: Api) -> None:
    image = taken_over(alice)
    body = alice.get(f"{GENERATIONS}/{image.generation_id}").json()
    assert (body["model"], body["asked_model"]) == ("imagen-4", "sketch")
    assert body["price"]["captured"] == 1, "the price is the one that was asked"
    assert alice.get(GENERATIONS).json()["results"] == [body]
    record = records.record(image)
    assert record["request"]["model"] == "sketch"
    assert record["model"] == {"asked": "sketch", "made_by": "imagen-4", "answered": ""}


def test_the_pages_say_whose_successor_made_it(alice: Api) -> None:
    image = taken_over(alice)
    browser = Client()
    browser.force_login(alice.user)
    for path in ("/create", f"/i/{image.pk}"):
        assert "made by Imagen 4, the successor of Sketch" in browser.get(path).content.decode()


def test_a_picture_outlives_the_route_that_it_came_by(alice: Api) -> None:
    generation = make_generation(alice.user)
    complete(generation)
    Route.objects.filter(model__slug="sketch").delete()
    body = alice.get(f"{GENERATIONS}/{generation.pk}").json()
    assert (body["model"], body["asked_model"]) == ("sketch", None)
    assert alice.get(GENERATIONS).json()["results"] == [body]
    assert records.record(Image.objects.get())["model"]["made_by"] == "sketch"


def test_other_peoples_things_do_not_exist(alice: Api, bob: Api) -> None:
    generation = make_generation(alice.user)
    complete(generation)
    image = Image.objects.get()
    for path in (f"{GENERATIONS}/{generation.pk}", f"/api/v1/images/{image.pk}"):
        assert alice.get(path).status_code == 200
        problem(bob.get(path), 404, "not_found")
    for act in ("cancel", "retry"):
        problem(bob.post(f"{GENERATIONS}/{generation.pk}/{act}", {}), 404, "not_found")
    assert bob.get("/api/v1/images").json()["results"] == []
    assert bob.get(GENERATIONS).json()["results"] == []


PATHS = ["/api/v1/me", "/api/v1/models", GENERATIONS, "/api/v1/images", f"{GENERATIONS}/{uuid.UUID(int=0)}"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_asked_for_a_key(path: str) -> None:
    response = Client().get(path)
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", PATHS)
def test_a_revoked_expired_or_invented_key_opens_nothing(alice: Api, path: str) -> None:
    _expired, text = keys.create(alice.user, "old", expires=timezone.now() - dt.timedelta(seconds=1))
    keys.revoke(alice.key)
    for key in (text, alice.text, "atl_nonsense", "", "ünïcode", alice.text[:-1] + "x"):
        problem(Client(headers={"Authorization": f"Bearer {key}"}).get(path), 401, "invalid_key")


@pytest.mark.parametrize("header", ["Authorization: Bearer {}", "Authorization: Key {}", "X-API-Key: {}"])
def test_one_key_works_in_every_spelling(alice: Api, header: str) -> None:
    name, _, value = header.partition(": ")
    assert Client(headers={name: value.format(alice.text)}).get("/api/v1/me").status_code == 200


def test_a_person_who_may_not_sign_in_any_more_is_refused(alice: Api) -> None:
    User.objects.update(is_active=False)
    problem(alice.get("/api/v1/me"), 401, "account_blocked")


def test_the_same_key_and_order_answer_the_same_generation(alice: Api) -> None:
    first = alice.post(GENERATIONS, ORDER, **{"Idempotency-Key": '"order-1"'})
    again = alice.post(GENERATIONS, ORDER, **{"Idempotency-Key": "order-1"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert Entry.objects.filter(kind="hold").count() == 1


def test_the_same_key_with_another_order_is_a_conflict(alice: Api) -> None:
    alice.post(GENERATIONS, ORDER, **{"Idempotency-Key": "order-1"})
    response = alice.post(GENERATIONS, {**ORDER, "count": 2}, **{"Idempotency-Key": "order-1"})
    problem(response, 422, "idempotency_conflict")


def test_keys_of_two_people_do_not_meet(alice: Api, bob: Api) -> None:
    one = alice.post(GENERATIONS, ORDER, **{"Idempotency-Key": "same"})
    two = bob.post(GENERATIONS, ORDER, **{"Idempotency-Key": "same"})
    assert one.json()["id"] != two.json()["id"]


@pytest.mark.parametrize("key", ["x" * 256, "ü", "a\tb"])
def test_a_key_that_cannot_be_is_refused(alice: Api, key: str) -> None:
    problem(alice.post(GENERATIONS, ORDER, **{"Idempotency-Key": key}), 400, "invalid_idempotency_key")


def test_submits_past_the_limit_are_told_when_to_come_back(alice: Api, settings: Any) -> None:
    settings.SUBMITS_PER_MINUTE = 3
    statuses = [alice.post(GENERATIONS, ORDER).status_code for _ in range(3)]
    response = alice.post(GENERATIONS, ORDER)
    assert statuses == [202] * 3
    problem(response, 429, "rate_limited")
    assert 1 <= int(response["Retry-After"]) <= 61
    assert Generation.objects.count() == 3


def test_a_submit_takes_three_statements(alice: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    alice.post(GENERATIONS, ORDER)  # the key's last use has been noted, the model is remembered
    with django_assert_num_queries(5):  # with a savepoint around what is a transaction outside of tests
        assert alice.post(GENERATIONS, {**ORDER, "prompt": "another"}).status_code == 202


@pytest.mark.parametrize("path", ["/api/v1/images?limit=30", f"{GENERATIONS}?limit=30"])
def test_a_page_takes_few_statements_however_long(
    alice: Api, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        complete(make_generation(alice.user, count=4))
    alice.get("/api/v1/me")
    with django_assert_max_num_queries(6):
        assert len(alice.get(path).json()["results"]) >= 8


def test_a_look_at_a_generation_takes_one_statement(
    alice: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    generation = make_generation(alice.user, count=4)
    complete(generation)
    alice.get("/api/v1/me")
    with django_assert_num_queries(1):
        body = alice.get(f"{GENERATIONS}/{generation.pk}").json()
    assert len(body["images"]) == 4


def test_a_look_shows_what_the_list_shows(alice: Api) -> None:
    for state in ("queued", "partial", "cancelled"):
        generation = make_generation(alice.user, count=3, seed=7, negative_prompt="fog")
        if state == "partial":
            take_steps(generation.pk, FakeProvider([finished(2)]))
        if state == "cancelled":
            submission.cancel(generation)
    listed = alice.get(GENERATIONS).json()["results"]
    assert len(listed) == 3
    assert [alice.get(body["url"]).json() for body in listed] == listed


def test_a_look_with_a_session_shows_the_same(alice: Api, bob: Api) -> None:
    generation = make_generation(alice.user)
    complete(generation)
    path = f"{GENERATIONS}/{generation.pk}"
    browser = Client()
    browser.force_login(alice.user)
    assert browser.get(path).json() == alice.get(path).json()
    browser.force_login(bob.user)
    problem(browser.get(path), 404, "not_found")


def test_a_revoked_key_looks_no_more(alice: Api) -> None:
    path = f"{GENERATIONS}/{make_generation(alice.user).pk}"
    assert alice.get(path).status_code == 200
    keys.revoke(alice.key)
    problem(alice.get(path), 401, "invalid_key")
