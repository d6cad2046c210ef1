"""API keys over REST: made, changed and revoked by their owner, or by a key that may do all that they may."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import keys
from accounts.models import ApiKey, User
from accounts.scopes import SCOPES
from tests.factories import make_user

pytestmark = pytest.mark.django_db
KEYS, ME = "/api/v1/keys", "/api/v1/me"
SOON = timezone.now() + dt.timedelta(days=30)


@pytest.fixture
def alice() -> User:
    return make_user(email="alice@example.com", balance=50)


def program(user: User, **limits: Any) -> Client:
    return with_text(keys.create(user, "tests", **limits)[1])


def with_text(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, path, json.dumps(body), "application/json", headers=headers)


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    return body


def test_a_key_is_made_with_all_that_was_wished_and_shown_once(alice: User) -> None:
    api = program(alice)
    wishes: dict[str, Any] = {"name": "phone", "scopes": ["images:read", "generations:write"], "budget_month": 100}
    made = send(api, "POST", KEYS, {**wishes, "expires": SOON.isoformat()})
    assert made.status_code == 201, made.content
    body = made.json()
    assert with_text(body["key"]).get("/api/v1/images").status_code == 200
    assert with_text(body["key"]).get(ME).status_code == 403
    assert (body["budget_day"], body["budget_month"], body["scopes"]) == (None, 100, wishes["scopes"][::-1])
    assert body["spent"] == {"day": 0, "month": 0, "total": 0}
    seen = api.get(f"{KEYS}/{body['id']}").json()
    assert "key" not in seen
    assert (seen["prefix"], seen["expires"][:19]) == (body["key"][:12], SOON.isoformat()[:19])


def test_a_key_may_do_everything_unless_told(alice: User) -> None:
    body = send(program(alice), "POST", KEYS, {"name": "laptop"}).json()
    assert (body["scopes"], body["expires"], body["budget_total"]) == (list(SCOPES), None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": 7},
        {"name": "x" * 81},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": "keys:read"},
        {"name": "x", "expires": "2020-01-01T00:00:00Z"},
        {"name": "x", "expires": "soon"},
        {"name": "x", "budget_day": -1},
        {"name": "x", "budget_day": "7"},
        {"name": "x", "budget_total": 2**63},
        {"name": "x", "digest": "0"},
        [],
    ],
)
def test_what_cannot_be_a_key_is_refused(alice: User, wrong: Any) -> None:
    refused(send(program(alice), "POST", KEYS, wrong), 400, "invalid")
    assert alice.api_keys.count() == 1


def test_a_change_names_what_changes_and_nothing_else_does(alice: User) -> None:
    api = program(alice)
    key = send(api, "POST", KEYS, {"name": "phone", "budget_day": 5}).json()
    changed = send(api, "PATCH", f"{KEYS}/{key['id']}", {"budget_day": None, "scopes": ["images:read"]})
    assert changed.status_code == 200, changed.content
    del key["key"]
    assert changed.json() == {**key, "budget_day": None, "scopes": ["images:read"], "version": 2}
    assert ApiKey.objects.get(pk=key["id"]).name == "phone"


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(alice: User) -> None:
    api = program(alice)
    key = send(api, "POST", KEYS, {"name": "phone"})
    path = f"{KEYS}/{key.json()['id']}"
    assert send(api, "PATCH", path, {"name": "tablet"}, **{"If-Match": key["ETag"]}).status_code == 200
    refused(send(api, "PATCH", path, {"name": "watch"}, **{"If-Match": key["ETag"]}), 412, "changed_meanwhile")
    refused(send(api, "DELETE", path, **{"If-Match": key["ETag"]}), 412, "changed_meanwhile")
    assert api.get(path).json()["name"] == "tablet"
    assert send(api, "DELETE", path, **{"If-Match": api.get(path)["ETag"]}).status_code == 204


def test_a_revoked_key_ends_at_once_stays_listed_and_is_never_changed(alice: User) -> None:
    api = program(alice)
    key = send(api, "POST", KEYS, {"name": "phone"}).json()
    path = f"{KEYS}/{key['id']}"
    assert send(api, "DELETE", path).status_code == 204
    assert with_text(key["key"]).get(ME).status_code == 401
    refused(send(api, "DELETE", path), 404, "not_found")
    refused(send(api, "PATCH", path, {"name": "again"}), 409, "key_revoked")
    assert api.get(path).json()["revoked"]


def test_a_key_makes_and_changes_no_key_that_may_do_more(alice: User) -> None:
    narrow = program(alice, scopes=["keys:read", "keys:write", "images:read"])
    refused(send(narrow, "POST", KEYS, {"name": "all"}), 403, "beyond_own_scopes")
    made = send(narrow, "POST", KEYS, {"name": "some", "scopes": ["images:read"]})
    assert made.status_code == 201
    path = f"{KEYS}/{made.json()['id']}"
    refused(send(narrow, "PATCH", path, {"scopes": ["account:read"]}), 403, "beyond_own_scopes")
    mighty, _text = keys.create(alice, "mighty", budget_day=1)
    refused(send(narrow, "PATCH", f"{KEYS}/{mighty.pk}", {"budget_day": None}), 403, "beyond_own_scopes")


@pytest.mark.parametrize("bound", [{"budget_total": 10}, {"expires": SOON}])
def test_a_key_with_a_bound_cannot_make_itself_a_way_around_it(alice: User, bound: dict[str, Any]) -> None:
    key, text = keys.create(alice, "bounded", **bound)
    bounded = with_text(text)
    refused(send(bounded, "POST", KEYS, {"name": "free", "scopes": ["images:read"]}), 403, "beyond_own_scopes")
    refused(send(bounded, "PATCH", f"{KEYS}/{key.pk}", {"budget_total": None}), 403, "beyond_own_scopes")


def test_whoever_is_signed_in_may_widen_what_they_like(alice: User) -> None:
    key, _text = keys.create(alice, "narrow", scopes=["images:read"], budget_day=1)
    page = Client()
    page.force_login(alice)
    changed = send(page, "PATCH", f"{KEYS}/{key.pk}", {"scopes": list(SCOPES), "budget_day": None})
    assert (changed.status_code, changed.json()["scopes"]) == (200, list(SCOPES))


def test_who_is_calling_is_known_with_their_key(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    api = program(alice)
    api.get("/api/v1/me")
    with django_assert_num_queries(1):
        assert api.get("/api/v1/me").json()["email"] == alice.email


def test_a_list_of_keys_has_pages_and_asks_no_more_for_a_longer_one(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api = program(alice)
    api.get(KEYS)
    with django_assert_num_queries(2):
        api.get(KEYS)
    for number in range(5):
        keys.create(alice, f"key {number}")
    keys.create(make_user(), "not hers")
    with django_assert_num_queries(2):
        first = api.get(KEYS, {"limit": 4}).json()
    keys.create(alice, "newer")
    rest = api.get(first["next"]).json()
    assert [one["name"] for one in first["results"] + rest["results"]] == [
        *(f"key {number}" for number in (4, 3, 2, 1, 0)),
        "tests",
    ]
    assert rest["next"] is None
    refused(api.get(KEYS, {"before": "x"}), 400, "invalid")
    refused(api.get(KEYS, {"before": 2**63}), 400, "invalid")


def test_a_person_changes_their_name_and_consent(alice: User) -> None:
    api = program(alice)
    before = api.get(ME)
    changed = send(api, "PATCH", ME, {"name": "Alice M."}, **{"If-Match": before["ETag"]})
    assert (changed.status_code, changed.json()["name"], changed.json()["version"]) == (200, "Alice M.", 2)
    assert changed.json()["credits"] == before.json()["credits"]
    refused(
        send(api, "PATCH", ME, {"accepts_successors": True}, **{"If-Match": before["ETag"]}), 412, "changed_meanwhile"
    )
    assert send(api, "PATCH", ME, {"accepts_successors": True}).json()["accepts_successors"] is True
    refused(send(api, "PATCH", ME, {"email": "eve@example.com"}), 400, "invalid")
    refused(send(api, "PATCH", ME, {"accepts_successors": "yes"}), 400, "invalid")


def test_there_are_no_more_usable_keys_than_anybody_may_have(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 2)
    first = program(alice)
    keys.create(alice, "over", expires=timezone.now() - dt.timedelta(days=1))
    assert first.post(KEYS, {"name": "second"}, "application/json").status_code == 201
    refused = first.post(KEYS, {"name": "third"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_keys")
    keys.revoke(ApiKey.objects.get(name="second"))
    assert first.post(KEYS, {"name": "third"}, "application/json").status_code == 201
