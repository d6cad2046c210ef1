"""Pictures over REST: what finds them, what changes them, and what is left when they are thrown away."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import PIL.Image
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generations import albums, gallery, storage, verification
from generations.models import Album, Generation, Image, Model
from tests.factories import make_user
from tests.generations.programs import GENERATIONS, IMAGES, Api, bulk, made, pointers, problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]


@pytest.fixture
def alice(model: Model) -> Api:
    return Api(make_user(balance=1000))


def found(by: Api, **query: Any) -> list[str]:
    """What a search finds, by prompt, in its order."""
    answer = by.get(f"{IMAGES}?{urlencode(query)}")
    assert answer.status_code == 200, answer.content
    return [image["prompt"] for image in answer.json()["results"]]


def all_pages(by: Api, **query: Any) -> list[str]:
    """The ids of every page."""
    seen: list[str] = []
    address = f"http://testserver{IMAGES}?{urlencode(query)}"
    while address:
        page = by.get(address).json()
        seen += [image["id"] for image in page["results"]]
        address = page["next"]
    return seen


def album_of(by: Api, name: str = "Best") -> Album:
    return Album.objects.create(user=by.user, name=name)


@pytest.fixture
def several(alice: Api) -> None:
    made(alice, prompt="a red fox", aspect_ratio="16:9", seed=7)
    made(alice, prompt="a fox and another fox", model="imagen-4")
    made(alice, prompt="a lighthouse", seed=9)


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a lighthouse", "a fox and another fox", "a red fox"]),
    ({"sort": "oldest"}, ["a red fox", "a fox and another fox", "a lighthouse"]),
    ({"q": "fox"}, ["a fox and another fox", "a red fox"]),
    ({"q": "fox", "sort": "relevance"}, ["a fox and another fox", "a red fox"]),
    ({"q": "fox -red"}, ["a fox and another fox"]),
    ({"q": '"another fox"'}, ["a fox and another fox"]),
    ({"model": "imagen-4"}, ["a fox and another fox"]),
    ({"model": "google/imagen-4.0-generate-001"}, ["a fox and another fox"]),
    ({"model": "nothing-like-it"}, []),
    ({"provider": "sketch", "q": "lighthouse"}, ["a lighthouse"]),
    ({"provider": "fal"}, []),
    ({"aspect_ratio": "16:9"}, ["a red fox"]),
    ({"seed": 9}, []),  # the fake provider draws seeds of its own
    ({"visibility": "published"}, []),
    ({"starred": "true"}, []),
    ({"starred": "false", "q": "red"}, ["a red fox"]),
    ({"status": "trashed"}, []),
    ({"from": "2000-01-01", "to": "2000-01-02"}, []),
    ({"from": "2000-01-01", "q": "red"}, ["a red fox"]),
    ({"to": "2000-01-01T12:00:00Z"}, []),
    ({"limit": 1}, ["a lighthouse"]),
]


@pytest.mark.usefixtures("several")
def test_a_search_finds_what_it_says(alice: Api) -> None:
    for query, expected in FOUND:
        assert found(alice, **query) == expected, query


def test_a_date_is_the_whole_day(alice: Api) -> None:
    [image] = made(alice)
    Image.objects.filter(pk=image.pk).update(id=gallery.first_id(dt.datetime(2026, 3, 5, 23, 30, tzinfo=dt.UTC)))
    for query, there in (
        ({"from": "2026-03-05"}, True),
        ({"from": "2026-03-06"}, False),
        ({"to": "2026-03-05"}, True),
        ({"to": "2026-03-04"}, False),
        ({"from": "2026-03-05T23:00:00Z", "to": "2026-03-05T23:31:00Z"}, True),
        ({"to": "2026-03-05T23:30:00Z"}, False),
    ):
        assert bool(found(alice, **query)) is there, query


def test_a_search_sees_only_ones_own(alice: Api, bob: Api) -> None:
    [image] = made(bob, prompt="a fox")
    album = album_of(bob)
    albums.add(album.pk, Image.objects.filter(pk=image.pk))
    assert found(alice, q="fox") == []
    assert found(alice, album=album.pk) == []
    assert found(bob, album=album.pk) == ["a fox"]


def test_seeds_and_marks_are_found(alice: Api) -> None:
    [fox], [boat] = made(alice, prompt="a fox"), made(alice, prompt="a boat")
    Image.objects.filter(pk=fox.pk).update(seed=2**40)
    alice.patch(f"{IMAGES}/{boat.pk}", {"starred": True, "visibility": "published"})
    assert found(alice, seed=2**40) == ["a fox"]
    assert found(alice, starred="true") == found(alice, visibility="published") == ["a boat"]
    assert found(alice, starred="false") == found(alice, visibility="private") == ["a fox"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sort": "best"}, "#/sort"),
    ({"sort": "relevance"}, "#/sort"),
    ({"from": "yesterday"}, "#/from"),
    ({"from": "2026-13-01"}, "#/from"),
    ({"to": "9999-12-31"}, "#/to"),
    ({"from": "0001-01-01"}, "#/from"),
    ({"seed": -1}, "#/seed"),
    ({"seed": 2**64}, "#/seed"),
    ({"album": "best"}, "#/album"),
    ({"starred": "perhaps"}, "#/starred"),
    ({"visibility": "secret"}, "#/visibility"),
    ({"status": "gone"}, "#/status"),
    ({"q": "\0"}, "#/q"),
    ({"fields": "id,secret"}, "#/fields"),
    ({"include": "everything"}, "#/include"),
    ({"before": "x"}, "#/before"),
    ({"before": "WyIxIl0"}, "#/before"),
    ({"before": "bnVsbA", "sort": "relevance", "q": "fox"}, "#/before"),
    ({"before": "\N{SNOWMAN}", "sort": "relevance", "q": "fox"}, "#/before"),
    ({"before": "WyJuYW4iLCJ4Il0", "sort": "relevance", "q": "fox"}, "#/before"),
    ({"colour": "red"}, "#/colour"),
]


def test_a_search_that_cannot_be_is_refused(alice: Api) -> None:
    for query, pointer in REFUSED:
        body = problem(alice.get(f"{IMAGES}?{urlencode(query)}"), 400, "invalid")
        assert pointers(body) == {pointer}, query


def test_the_cursor_of_another_order_is_refused(alice: Api) -> None:
    made(alice, prompt="a fox", count=3)
    following = alice.get(f"{IMAGES}?q=fox&sort=relevance&limit=1").json()["next"]
    problem(alice.get(following.replace("sort=relevance", "sort=newest")), 400, "invalid")


@pytest.mark.parametrize("query", [{}, {"sort": "oldest"}, {"q": "fox", "sort": "relevance"}, {"starred": "false"}])
def test_pages_of_every_order_have_each_picture_once(alice: Api, query: dict[str, Any]) -> None:
    for words in ("a fox", "fox fox fox", "a fox that saw a fox", "one more fox"):
        made(alice, prompt=words, count=2)
    seen = all_pages(alice, limit=3, **query)
    assert len(seen) == len(set(seen)) == 8
    assert seen == all_pages(alice, limit=100, **query)


def test_pictures_of_one_prompt_follow_each_other_by_relevance(alice: Api, bob: Api) -> None:
    first = made(alice, prompt="a fox at dawn", count=2)
    second = made(alice, prompt="a fox at dusk", count=2)
    later, best = made(alice, prompt="a fox at dawn", count=2), made(alice, prompt="fox, fox, fox and fox")
    made(bob, prompt="fox, fox, fox and fox")
    [thrown] = made(alice, prompt="fox, fox, fox and fox")
    Image.objects.filter(pk=thrown.pk).trash()
    expected = [str(image.pk) for image in [*best, *second[::-1], *later[::-1], *first[::-1]]]
    for limit in range(1, 9):
        assert all_pages(alice, q="fox", sort="relevance", limit=limit) == expected, limit


def test_a_list_takes_as_many_statements_for_many_as_for_one(alice: Api) -> None:
    for query in ("include=albums", "q=fox&sort=relevance", "model=sketch&starred=false"):
        made(alice, prompt="a fox")
        alice.get(f"{IMAGES}?{query}")  # notes that the key was used
        counts = []
        for _ in range(2):
            made(alice, prompt="a fox", count=4)
            albums.add(album_of(alice).pk, Image.objects.filter(user=alice.user))
            with CaptureQueriesContext(connection) as statements:
                assert alice.get(f"{IMAGES}?{query}").status_code == 200
            counts.append(len(statements))
        assert counts[0] == counts[1], query


def test_a_list_can_be_light(alice: Api) -> None:
    [image] = made(alice)
    [shown] = alice.get(f"{IMAGES}?fields=id,version").json()["results"]
    assert shown == {"id": str(image.pk), "version": 1}


def test_a_list_can_say_in_which_albums_pictures_are(alice: Api) -> None:
    [image] = made(alice)
    album = album_of(alice)
    albums.add(album.pk, Image.objects.filter(pk=image.pk))
    assert "albums" not in alice.get(IMAGES).json()["results"][0]
    assert alice.get(f"{IMAGES}?include=albums").json()["results"][0]["albums"] == [str(album.pk)]


def test_a_change_is_counted_and_kept(alice: Api) -> None:
    [image] = made(alice)
    album = album_of(alice)
    body = alice.patch(
        f"{IMAGES}/{image.pk}", {"starred": True, "visibility": "published", "albums": {"add": [str(album.pk)]}}
    ).json()
    assert (body["starred"], body["visibility"], body["albums"]) == (True, "published", [str(album.pk)])
    assert body["version"] > 1
    assert alice.get(f"{IMAGES}/{image.pk}").json()["version"] == body["version"]
    body = alice.patch(f"{IMAGES}/{image.pk}", {"albums": {"remove": [str(album.pk)]}}).json()
    assert (body["starred"], body["albums"]) == (True, [])


def test_publishing_twice_keeps_the_moment(alice: Api) -> None:
    [image] = made(alice)
    moments = []
    for _ in range(2):
        alice.patch(f"{IMAGES}/{image.pk}", {"visibility": "published"})
        moments.append(Image.objects.get(pk=image.pk).published_at)
    assert moments[0] == moments[1] is not None


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"starred": "yes"}, "#/starred"),
        ({"visibility": "all"}, "#/visibility"),
        ({"albums": []}, "#/albums"),
        ({"albums": {"add": ["x"]}}, "#/albums/add/0"),
        ({"albums": {"put": []}}, "#/albums/put"),
        ({"prompt": "another"}, "#/prompt"),
    ],
)
def test_a_change_that_cannot_be_is_refused(alice: Api, wrong: dict[str, Any], pointer: str) -> None:
    [image] = made(alice)
    assert pointer in pointers(problem(alice.patch(f"{IMAGES}/{image.pk}", wrong), 400, "invalid"))
    assert Image.objects.get(pk=image.pk).version == 1


def test_nothing_comes_into_somebody_elses_album(alice: Api, bob: Api) -> None:
    [image] = made(alice)
    album = album_of(bob)
    sent = {"starred": True, "albums": {"add": [str(album.pk)]}}
    problem(alice.patch(f"{IMAGES}/{image.pk}", sent), 400, "invalid")
    problem(bulk(alice, "add_to_album", ids=[str(image.pk)], album=str(album.pk)), 400, "invalid")
    assert not album.places.exists()
    assert not Image.objects.get(pk=image.pk).starred


def test_a_change_of_another_version_is_refused(alice: Api) -> None:
    [image] = made(alice)
    path = f"{IMAGES}/{image.pk}"
    tag = alice.get(path)["ETag"]
    assert alice.client.patch(
        path, {"starred": True}, content_type="application/json", headers={"If-Match": tag}
    ).json()["starred"]
    for method, address in (("patch", path), ("post", f"{path}/trash"), ("delete", path)):
        call = getattr(alice.client, method)
        answer = call(address, {}, content_type="application/json", headers={"If-Match": tag})
        problem(answer, 412, "changed_meanwhile")
    assert Image.objects.get(pk=image.pk).is_kept


def test_the_trash_takes_a_picture_out_of_every_list_and_gives_it_back(alice: Api) -> None:
    [image, other] = made(alice, prompt="a fox", count=2)
    generation = f"{GENERATIONS}/{image.generation_id}"
    alice.patch(f"{IMAGES}/{image.pk}", {"starred": True})
    body = alice.post(f"{IMAGES}/{image.pk}/trash", {}).json()
    assert body["trashed_at"]
    for query in ("", "?q=fox", "?sort=oldest", "?starred=true"):
        assert str(image.pk) not in str(alice.get(IMAGES + query).content)
    assert [one["id"] for one in alice.get(generation).json()["images"]] == [str(other.pk)]
    assert alice.get(generation).json()["price"]["captured"] == 2
    assert [one["images"] for one in alice.get(GENERATIONS).json()["results"]] == [
        alice.get(generation).json()["images"]
    ]
    assert [one["id"] for one in alice.get(f"{IMAGES}?status=trashed").json()["results"]] == [str(image.pk)]
    assert Client().get(alice.get(f"{IMAGES}/{image.pk}").json()["url"]).getvalue()
    problem(alice.patch(f"{IMAGES}/{image.pk}", {"starred": False}), 409, "in_trash")
    body = alice.post(f"{IMAGES}/{image.pk}/restore", {}).json()
    assert (body["trashed_at"], body["starred"]) == (None, True)
    assert len(alice.get(IMAGES).json()["results"]) == 2


@pytest.mark.parametrize("act", ["trash", "restore"])
def test_repeating_changes_nothing(alice: Api, act: str) -> None:
    [image] = made(alice)
    if act == "restore":
        alice.post(f"{IMAGES}/{image.pk}/trash", {})
    first = alice.post(f"{IMAGES}/{image.pk}/{act}", {}).json()["version"]
    assert alice.post(f"{IMAGES}/{image.pk}/{act}", {}).json()["version"] == first


def test_only_the_trash_can_be_deleted(alice: Api) -> None:
    [image] = made(alice)
    path = f"{IMAGES}/{image.pk}"
    problem(alice.delete(path), 409, "not_in_trash")
    address = alice.get(path).json()["url"]
    alice.post(f"{path}/trash", {})
    assert alice.delete(path).status_code == 204
    for again in (alice.delete(path), alice.get(path), alice.get(f"{path}/record"), alice.get(f"{path}/download")):
        problem(again, 404, "not_found")
    problem(alice.post(f"{path}/restore", {}), 404, "not_found")
    assert Client().get(address).status_code == 404
    assert found(alice, status="trashed") == []
    assert [finding.name for finding in verification.verify() if finding.breaches] == []


def test_the_page_of_a_picture_follows_the_trash(alice: Api) -> None:
    older, thrown, newer = (made(alice)[0] for _ in range(3))
    client = Client()
    client.force_login(alice.user)
    alice.post(f"{IMAGES}/{thrown.pk}/trash", {})
    page = client.get(f"/i/{newer.pk}").content.decode()
    assert f"/i/{older.pk}" in page
    assert f"/i/{thrown.pk}" not in page
    assert client.get(f"/i/{thrown.pk}").status_code == 200
    assert str(thrown.pk) not in client.get("/gallery").content.decode()
    assert "In the trash" in client.get("/create").content.decode()
    alice.delete(f"{IMAGES}/{thrown.pk}")
    assert client.get(f"/i/{thrown.pk}").status_code == client.get(f"/i/{thrown.pk}/original").status_code == 404
    assert "Deleted" in client.get("/create").content.decode()


def test_many_are_changed_by_name(alice: Api, bob: Api) -> None:
    images, [theirs] = made(alice, count=4), made(bob)
    names = [str(image.pk) for image in [*images[:2], theirs]]
    for action, undo, query in (
        ("star", "unstar", {"starred": "true"}),
        ("publish", "unpublish", {"visibility": "published"}),
        ("trash", "restore", {"status": "trashed"}),
    ):
        assert bulk(alice, action, ids=names).json() == {"changed": 2, "more": False}
        assert bulk(alice, action, ids=names).json()["changed"] == 0
        assert len(found(alice, **query)) == 2
        assert bulk(alice, undo, ids=names).json()["changed"] == 2
        assert found(alice, **query) == []
    untouched = Image.objects.get(pk=theirs.pk)
    assert (untouched.version, untouched.starred, untouched.is_kept) == (1, False, True)


def test_many_are_changed_by_what_they_have_in_common(alice: Api) -> None:
    made(alice, prompt="a fox", count=3)
    made(alice, prompt="a boat", count=2)
    assert bulk(alice, "trash", filter={"q": "fox"}).json()["changed"] == 3
    assert found(alice) == ["a boat"] * 2
    assert bulk(alice, "delete", filter={"q": "fox"}).json()["changed"] == 0
    assert bulk(alice, "delete", filter={"q": "fox", "status": "trashed"}).json()["changed"] == 3
    assert found(alice, status="trashed") == []


def test_many_come_into_an_album_and_leave_it(alice: Api) -> None:
    images, album = made(alice, count=3), album_of(alice)
    names = [str(image.pk) for image in images]
    assert bulk(alice, "add_to_album", ids=names[:2], album=str(album.pk)).json()["changed"] == 2
    assert bulk(alice, "add_to_album", filter={}, album=str(album.pk)).json()["changed"] == 1
    assert [str(place.image_id) for place in album.places.order_by("position")] == names
    assert bulk(alice, "remove_from_album", ids=names[:1], album=str(album.pk)).json()["changed"] == 1
    assert len(found(alice, album=album.pk)) == 2


def test_more_than_can_be_changed_at_once_is_said(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generations.arranging.MOST_AT_ONCE", 2)
    made(alice, count=3)
    assert bulk(alice, "star", filter={}).json() == {"changed": 2, "more": True}
    assert bulk(alice, "star", filter={}).json() == {"changed": 1, "more": False}


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"action": "star"}, "#"),
        ({"action": "star", "ids": [], "filter": {}}, "#/ids"),
        ({"action": "star", "ids": ["x"]}, "#/ids/0"),
        ({"action": "explode", "filter": {}}, "#/action"),
        ({"action": "star", "filter": {"q": 7, "colour": "red"}}, "#/filter/colour"),
        ({"action": "star", "filter": {"limit": 3}}, "#/filter/limit"),
        ({"action": "add_to_album", "filter": {}}, "#/album"),
        ({"action": "star", "filter": {}, "album": "0191f0e2-0000-7000-8000-000000000000"}, "#/album"),
        ({"filter": {}}, "#/action"),
    ],
)
def test_what_cannot_be_done_to_many_is_refused(alice: Api, wanted: dict[str, Any], pointer: str) -> None:
    made(alice)
    assert pointer in pointers(problem(alice.post(f"{IMAGES}/bulk", wanted), 400, "invalid"))
    assert found(alice, starred="true") == []


def test_the_record_is_that_of_the_page(alice: Api) -> None:
    [image] = made(alice)
    client = Client()
    client.force_login(alice.user)
    record = alice.get(f"{IMAGES}/{image.pk}/record").json()
    other = client.get(f"/i/{image.pk}/record.json").json()
    assert record.pop("times")["submitted"][:19] == other.pop("times")["submitted"][:19]
    assert record == other
    assert record["request"]["prompt"] == "a lighthouse at dusk"


@pytest.mark.parametrize(("wanted", "kind", "ending"), [("webp", "WEBP", ".webp"), ("jpeg", "JPEG", ".jpg")])
def test_a_picture_is_to_be_had_in_another_format(alice: Api, wanted: str, kind: str, ending: str) -> None:
    [image] = made(alice)
    path = f"{IMAGES}/{image.pk}/download?format={wanted}"
    answers = [alice.get(path), alice.get(path)]
    assert answers[0]["Content-Disposition"].endswith(f'{ending}"')
    contents = [answer.getvalue() for answer in answers]
    assert contents[0] == contents[1]
    with PIL.Image.open(io.BytesIO(contents[0])) as picture:
        assert (picture.format, picture.size) == (kind, (image.width, image.height))
        assert b"algorithmicMedia" in picture.info["xmp"]


def test_the_original_is_untouched(alice: Api) -> None:
    [image] = made(alice)
    answer = alice.get(f"{IMAGES}/{image.pk}/download", Accept="image/*")
    assert answer.getvalue() == storage.read(storage.original_key(image.sha256, image.media_type))
    assert answer["Content-Disposition"].startswith('attachment; filename="atelier-')
    problem(alice.get(f"{IMAGES}/{image.pk}/download?format=gif"), 400, "invalid")


def test_transparency_becomes_white_in_a_jpeg(files: Path) -> None:
    out = io.BytesIO()
    PIL.Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    kept = storage.keep(out, trained=True, claim=lambda *_bytes: None)
    key = storage.render(kept.sha256, kept.media_type, "image/jpeg", trained=True)
    with PIL.Image.open(io.BytesIO(storage.read(key))) as picture:
        assert picture.getpixel((4, 4)) == (255, 255, 255)
        assert b"trainedAlgorithmicMedia" in picture.info["xmp"]


def test_a_generation_whose_pictures_are_thrown_away_is_still_completed(alice: Api) -> None:
    [image] = made(alice)
    alice.post(f"{IMAGES}/{image.pk}/trash", {})
    body = alice.get(f"{GENERATIONS}/{image.generation_id}").json()
    assert (body["status"], body["images"], body["price"]["captured"]) == ("completed", [], 1)
    assert Generation.objects.get(pk=image.generation_id).images.count() == 1


def test_a_job_whose_pictures_are_thrown_away_keeps_its_price_and_shows_none(alice: Api) -> None:
    image, other = made(alice, count=2)
    before = alice.get(f"/v2/jobs/{image.generation_id}").json()
    alice.post(f"{IMAGES}/{image.pk}/trash", {})
    after = alice.get(f"/v2/jobs/{image.generation_id}").json()
    assert (len(before["result"]["images"]), len(after["result"]["images"])) == (2, 1)
    assert str(other.pk)[-12:] in after["result"]["images"][0]
    assert (after["status"], after["creditCost"]) == ("COMPLETED", before["creditCost"])
