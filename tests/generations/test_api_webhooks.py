"""Endpoints over REST: what they take and show, and whose they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generations import endpoints, telling
from generations.models import Delivery, Endpoint
from generations.providers.http.receivers import Receivers
from tests.emulators.server import Reply
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api, pointers, problem
from tests.generations.steps import take_steps
from tests.receivers import receiving

pytestmark = pytest.mark.django_db
WEBHOOKS = "/api/v1/webhooks"
URL = "https://hooks.example/atelier"


def patch(api: Api, path: str, body: Any, **headers: str) -> Any:
    return api.client.patch(path, json.dumps(body), content_type="application/json", headers=headers)


def made(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post(WEBHOOKS, {"url": URL, **fields})
    assert answer.status_code == 201
    body: dict[str, Any] = answer.json()
    return body


def told(user: User, times: int = 1) -> list[Delivery]:
    for _ in range(times):
        take_steps(make_generation(user).pk, FakeProvider([finished(1)]))
    return list(Delivery.objects.order_by("id"))


def test_an_endpoint_is_made_with_a_secret_that_is_shown_again_on_request_alone(alice: Api) -> None:
    body = made(alice, description="our server")
    assert body["secret"].startswith("whsec_")
    assert (body["events"], body["enabled"], body["disabled"], body["version"]) == ([], True, None, 1)
    path = f"{WEBHOOKS}/{body['id']}"
    assert alice.get(path).json() == {name: value for name, value in body.items() if name != "secret"}
    assert alice.get(f"{path}/secret").json() == {"secret": body["secret"], "earlier_until": None}


def test_a_rotation_answers_the_new_secret_and_until_when_the_old_one_signs(alice: Api) -> None:
    body = made(alice)
    rotated = alice.post(f"{WEBHOOKS}/{body['id']}/secret", "").json()
    assert rotated["secret"] != body["secret"]
    assert rotated["earlier_until"]


def test_a_secret_that_cannot_be_read_any_more_is_a_problem_and_can_be_replaced(alice: Api, settings: Any) -> None:
    path = f"{WEBHOOKS}/{made(alice)['id']}/secret"
    settings.SECRET_KEY = "another"
    problem(alice.get(path), 409, "secret_unreadable")
    assert alice.post(path, "").status_code == 201
    assert alice.get(path).status_code == 200


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "#/url"),
        ({"url": "http://10.0.0.1/"}, "#/url"),
        ({"url": "no address"}, "#/url"),
        ({"url": 7}, "#/url"),
        ({"url": "https://a.example/" + "x" * 2000}, "#/url"),
        ({"url": URL, "events": ["generation.exploded"]}, "#/events/0"),
        ({"url": URL, "events": "generation.failed"}, "#/events"),
        ({"url": URL, "enabled": "yes"}, "#/enabled"),
        ({"url": URL, "description": "x" * 201}, "#/description"),
        ({"url": URL, "secret": "mine"}, "#/secret"),
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_by_field(alice: Api, body: dict[str, Any], wrong: str) -> None:
    assert pointers(problem(alice.post(WEBHOOKS, body), 400, "invalid")) == {wrong}
    assert not Endpoint.objects.exists()


def test_a_change_touches_what_it_names(alice: Api) -> None:
    path = f"{WEBHOOKS}/{made(alice, description='ours')['id']}"
    body = patch(alice, path, {"events": ["generation.failed", "generation.completed"]}).json()
    assert body["events"] == ["generation.completed", "generation.failed"]
    assert (body["url"], body["description"], body["version"]) == (URL, "ours", 2)
    assert patch(alice, path, {"enabled": False}).json()["disabled"] == "by_owner"
    assert patch(alice, path, {"enabled": True}).json()["disabled"] is None
    assert patch(alice, path, {}).json()["version"] == 4
    assert pointers(problem(patch(alice, path, {"url": "http://[::ffff:10.0.0.1]/"}), 400, "invalid")) == {"#/url"}


def test_of_two_who_change_the_same_version_the_second_is_told(alice: Api) -> None:
    path = f"{WEBHOOKS}/{made(alice)['id']}"
    tag = alice.get(path)["ETag"]
    assert alice.get(path, **{"If-None-Match": tag}).status_code == 304
    assert patch(alice, path, {"description": "first"}, **{"If-Match": tag}).status_code == 200
    problem(patch(alice, path, {"description": "second"}, **{"If-Match": tag}), 412, "changed_meanwhile")
    problem(alice.client.delete(path, headers={"If-Match": tag}), 412, "changed_meanwhile")
    assert alice.client.delete(path, headers={"If-Match": alice.get(path)["ETag"]}).status_code == 204
    problem(alice.client.delete(path), 404, "not_found")


def test_there_is_an_end_to_how_many_there_may_be(alice: Api) -> None:
    for _ in range(endpoints.MOST):
        endpoints.create(alice.user, URL)
    problem(alice.post(WEBHOOKS, {"url": URL}), 409, "too_many_webhooks")


def test_lists_are_pages_of_a_constant_number_of_statements(
    alice: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [made(alice)["id"] for _ in range(3)]
    path = f"{WEBHOOKS}/{ids[0]}/deliveries"
    told(alice.user, 5)
    with django_assert_num_queries(2):
        page = alice.get(f"{WEBHOOKS}?limit=2").json()
    assert [one["id"] for one in page["results"]] == ids[:0:-1]
    assert [one["id"] for one in alice.get(page["next"]).json()["results"]] == ids[:1]
    with django_assert_num_queries(3):
        page = alice.get(f"{path}?limit=3").json()
    rest = alice.get(page["next"]).json()
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (3, 2, None)
    assert len({one["id"] for one in page["results"] + rest["results"]}) == 5
    for query in ("before=1", "limit=0", "state=lost", "page=2"):
        problem(alice.get(f"{path}?{query}"), 400, "invalid")


def test_a_message_shows_every_try_and_can_be_sent_again(alice: Api) -> None:
    with receiving() as receiver:
        receiver.replies = [Reply(500, b"not today"), Reply(200, b"thanks")]
        path = f"{WEBHOOKS}/{made(alice, url='https://hooks.example/x')['id']}"
        Endpoint.objects.update(url=receiver.url)
        [delivery] = told(alice.user)
        one = f"{path}/deliveries/{delivery.pk}"
        telling.tell(delivery.pk, receivers=Receivers(["127.0.0.0/8"]))
        problem(alice.post(f"{one}/replay", ""), 409, "delivery_pending")
        assert alice.get(one).json()["next_try"]
        Delivery.objects.update(state="failed", finished=Now())
        assert alice.get(f"{path}/deliveries?state=failed").json()["results"][0]["id"] == str(delivery.pk)
        again = alice.post(f"{one}/replay", "")
        assert (again.status_code, again.json()["state"]) == (202, "pending")
        telling.tell(delivery.pk, receivers=Receivers(["127.0.0.0/8"]))
        body = alice.get(one).json()
    assert (body["type"], body["state"], body["webhook_id"]) == (
        "generation.completed",
        "delivered",
        f"msg_{delivery.pk.hex}",
    )
    assert [(entry["status"], entry["answer"]) for entry in body["log"]] == [(500, "not today"), (200, "thanks")]


def test_everything_that_failed_can_be_sent_again(alice: Api) -> None:
    path = f"{WEBHOOKS}/{made(alice)['id']}"
    told(alice.user, 2)
    Delivery.objects.update(state="failed", finished=Now())
    answer = alice.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()) == (202, {"replayed": 2})
    assert pointers(problem(alice.post(f"{path}/replay", {"since": "soon"}), 400, "invalid")) == {"#/since"}


def test_nothing_is_sent_to_a_disabled_endpoint(alice: Api) -> None:
    path = f"{WEBHOOKS}/{made(alice, enabled=False)['id']}"
    problem(alice.post(f"{path}/test", ""), 409, "webhook_disabled")
    problem(alice.post(f"{path}/replay", {"since": "2026-01-01T00:00:00Z"}), 409, "webhook_disabled")
    told(alice.user)
    assert not Delivery.objects.exists()


def test_a_message_is_found_at_its_own_endpoint_alone(alice: Api) -> None:
    mine, other = made(alice)["id"], made(alice, events=["generation.failed"])["id"]
    delivery = alice.post(f"{WEBHOOKS}/{mine}/test", "").json()
    assert (delivery["type"], delivery["generation"]) == ("webhook.test", None)
    assert alice.get(f"{WEBHOOKS}/{mine}/deliveries/{delivery['id']}").status_code == 200
    problem(alice.get(f"{WEBHOOKS}/{other}/deliveries/{delivery['id']}"), 404, "not_found")
