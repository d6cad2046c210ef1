"""Albums over REST: what is in them, in which order, and what becomes of their pictures."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import albums
from generations.models import Image
from tests.generations.programs import ALBUMS, IMAGES, Api, album, bulk, made, pointers, problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]


def order(by: Api, path: str, limit: int = 100) -> list[str]:
    """The pictures of an album, page by page."""
    seen: list[str] = []
    address = f"{path}/images?limit={limit}"
    while address:
        page = by.get(address).json()
        seen += [image["id"] for image in page["results"]]
        address = page["next"]
    return seen


def names(images: list[Image]) -> list[str]:
    return [str(image.pk) for image in images]


def test_an_album_shows_how_much_is_in_it_and_what_stands_for_it(alice: Api) -> None:
    images = made(alice, count=3)
    path = album(alice)
    assert (alice.get(path).json()["images"], alice.get(path).json()["cover"]) == (0, None)
    bulk(alice, "add_to_album", ids=names(images), album=path.rpartition("/")[2])
    body = alice.get(path).json()
    assert (body["name"], body["images"], body["cover"]["id"]) == ("Best", 3, str(images[0].pk))
    body = alice.patch(path, {"name": "Better", "cover": str(images[2].pk)}).json()
    assert (body["name"], body["cover"]["id"]) == ("Better", str(images[2].pk))
    alice.post(f"{IMAGES}/{images[2].pk}/trash", {})
    assert (alice.get(path).json()["images"], alice.get(path).json()["cover"]["id"]) == (2, str(images[0].pk))
    assert alice.patch(path, {"cover": None}).json()["cover"]["id"] == str(images[0].pk)


def test_an_album_has_its_own_order(alice: Api) -> None:
    images = made(alice, count=4)
    first, second, third, fourth = names(images)
    path = album(alice, *images)
    for sent, expected in (
        ({"images": [fourth, third]}, [fourth, third, first, second]),
        ({"images": [fourth], "after": first}, [third, first, fourth, second]),
        ({"images": [third, second], "after": fourth}, [first, fourth, third, second]),
        ({"images": [first, second, third, fourth]}, [first, second, third, fourth]),
        ({"images": [str(made(alice)[0].pk)]}, [first, second, third, fourth]),
    ):
        assert alice.post(f"{path}/order", sent).status_code == 200
        assert order(alice, path) == order(alice, path, limit=1) == expected, sent
    [last] = made(alice)
    bulk(alice, "add_to_album", ids=[str(last.pk)], album=path.rpartition("/")[2])
    assert order(alice, path)[-1] == str(last.pk)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"images": []}, "#/images"),
        ({"images": ["0191f0e2-0000-7000-8000-000000000000"] * 2}, "#/images"),
        (
            {"images": ["0191f0e2-0000-7000-8000-000000000000"], "after": "0191f0e2-0000-7000-8000-000000000001"},
            "#/after",
        ),
        ({"order": []}, "#/order"),
    ],
)
def test_an_order_that_cannot_be_is_refused(alice: Api, sent: Any, pointer: str) -> None:
    path = album(alice, *made(alice, count=2))
    before = order(alice, path)
    assert pointer in pointers(problem(alice.post(f"{path}/order", sent), 400, "invalid"))
    assert order(alice, path) == before


def test_a_deleted_album_leaves_its_pictures(alice: Api) -> None:
    images = made(alice, count=2)
    path = album(alice, *images)
    assert alice.delete(path).status_code == 204
    problem(alice.delete(path), 404, "not_found")
    assert len(alice.get(IMAGES).json()["results"]) == 2
    assert alice.get(f"{IMAGES}/{images[0].pk}").json()["albums"] == []


def test_an_album_changes_from_the_version_that_was_read(alice: Api) -> None:
    path = album(alice, *made(alice, count=2))
    old = alice.get(path)["ETag"]
    alice.patch(path, {"name": "Better"})
    stale = {"If-Match": old}
    problem(alice.patch(path, {"name": "Best"}, **stale), 412, "changed_meanwhile")
    problem(alice.post(f"{path}/order", {"images": order(alice, path)}, **stale), 412, "changed_meanwhile")
    problem(alice.delete(path, **stale), 412, "changed_meanwhile")
    new = {"If-Match": alice.get(path)["ETag"]}
    assert alice.patch(path, {"name": "Best of all"}, **new).json()["name"] == "Best of all"


def test_what_comes_in_and_goes_out_changes_an_album(alice: Api) -> None:
    [image], path = made(alice), album(alice)
    other, number = made(alice)[0], path.rpartition("/")[2]

    def version() -> int:
        found: int = alice.get(path).json()["version"]
        return found

    first = {"If-Match": alice.get(path)["ETag"]}
    bulk(alice, "add_to_album", ids=names([image, other]), album=number)
    assert version() == 2
    problem(alice.patch(path, {"name": "Best"}, **first), 412, "changed_meanwhile")
    bulk(alice, "add_to_album", ids=names([image]), album=number)
    assert version() == 2, "it was in it before"
    alice.patch(f"{IMAGES}/{image.pk}", {"albums": {"remove": [number]}})
    assert version() == 3
    alice.patch(f"{IMAGES}/{image.pk}", {"albums": {"remove": [number]}})
    assert version() == 3, "it was not in it any more"
    alice.patch(f"{IMAGES}/{image.pk}", {"albums": {"add": [number]}})
    bulk(alice, "remove_from_album", ids=names([image, other]), album=number)
    assert version() == 5


def test_there_is_an_end_to_albums(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(albums, "MOST", 2)
    first = album(alice)
    album(alice)
    problem(alice.post(ALBUMS, {"name": "One more"}), 409, "too_many_albums")
    alice.delete(first)
    assert alice.post(ALBUMS, {"name": "One more"}).status_code == 201


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": "x" * 121}, "#/name"),
        ({}, "#/name"),
        ({"name": "a", "title": "b"}, "#/title"),
    ],
)
def test_an_album_needs_a_name(alice: Api, sent: Any, pointer: str) -> None:
    assert pointer in pointers(problem(alice.post(ALBUMS, sent), 400, "invalid"))


def test_only_what_is_in_an_album_stands_for_it(alice: Api) -> None:
    path = album(alice, *made(alice))
    [other] = made(alice)
    assert pointers(problem(alice.patch(path, {"cover": str(other.pk)}), 400, "invalid")) == {"#/cover"}


def test_albums_are_listed_newest_first_in_as_many_statements_for_many_as_for_one(alice: Api) -> None:
    images = made(alice, count=2)
    counts, paths = [], []
    for number in range(3):
        paths.append(album(alice, *images, name=f"{number}"))
        with CaptureQueriesContext(connection) as statements:
            listed = alice.get(f"{ALBUMS}?limit=2").json()
        counts.append(len(statements))
    assert counts[1] == counts[2]
    rest = alice.get(listed["next"]).json()
    assert [one["name"] for one in listed["results"] + rest["results"]] == ["2", "1", "0"]
    assert rest["next"] is None
    problem(alice.get(f"{ALBUMS}?cursor=x"), 400, "invalid")
    problem(alice.get(f"{paths[0]}/images?cursor=x"), 400, "invalid")
