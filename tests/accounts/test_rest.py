"""What every address of our own API does: entity tags, and the version that a change is meant for."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import keys
from accounts.http import Problem
from accounts.models import User
from accounts.rest import ApiView, wanted_version
from tests.factories import make_user

ME = "/api/v1/me"


@pytest.fixture
def api(db: None) -> Client:
    """A program with a key."""
    _key, text = keys.create(make_user(email="alice@example.com", balance=5), "tests")
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_what_has_not_changed_is_not_sent_again(api: Client) -> None:
    first = api.get(ME)
    assert re.fullmatch(r'"1-[0-9a-f]{32}"', first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"
    again = api.get(ME, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "Content-Type" not in again


@pytest.mark.parametrize("known", ["*", "W/{}", '"other", {}'])
def test_any_way_of_naming_what_is_known_is_understood(api: Client, known: str) -> None:
    known = known.format(api.get(ME)["ETag"])
    assert api.get(ME, headers={"If-None-Match": known}).status_code == 304


def test_what_has_changed_is_sent_with_another_tag(api: Client) -> None:
    first = api.get(ME)
    User.objects.update(name="Alice")
    again = api.get(ME, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["name"]) == (200, "Alice")
    assert again["ETag"] != first["ETag"]


def test_an_error_has_no_tag(api: Client) -> None:
    assert "ETag" not in api.get("/api/v1/generations?limit=0")
    assert api.get("/api/v1/nothing", headers={"If-None-Match": "*"}).status_code == 404


class VersionedView(ApiView):
    """Something with a version."""

    resource = "account"
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> Response:
        """The thing."""
        return Response({"version": 7})

    def patch(self, request: Request) -> Response:
        """Changed."""
        return Response({"version": 8})


def tag(method: str) -> str:
    """The tag that this method's answer has."""
    answer = VersionedView.as_view()(getattr(RequestFactory(), method)("/"))
    return str(answer.render()["ETag"])


def test_the_tag_of_what_has_a_version_begins_with_it() -> None:
    assert tag("get").startswith('"7-')
    assert tag("patch").startswith('"8-')


@pytest.mark.parametrize(
    ("sent", "version"),
    [(None, None), ("*", None), ('"7-abc"', 7), ('W/"7-abc"', 7), ('"7-abc", "9-def"', 9), ('"abc", "7-def"', 7)],
)
def test_the_version_that_may_be_changed_is_in_the_tag(sent: str | None, version: int | None) -> None:
    headers = {"If-Match": sent} if sent else {}
    assert wanted_version(Request(RequestFactory().patch("/", headers=headers))) == version


@pytest.mark.parametrize("sent", ["", "nonsense", '"abcdef"', '""', '"-7-abc"', '"²-abc"'])
def test_a_tag_that_no_version_has_ever_had_changes_nothing(sent: str) -> None:
    with pytest.raises(Problem) as caught:
        wanted_version(Request(RequestFactory().patch("/", headers={"If-Match": sent})))
    assert caught.value.status_code == 412
