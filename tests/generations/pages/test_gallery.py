"""The gallery's page: what its address asks for, and what it refuses."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generations import albums, arranging
from generations.gallery import first_id
from generations.models import Album, Image, SavedSearch
from generations.searching import Sort
from generations.views.filters import address_of
from tests.generations.pages.looking import HTMX, made, one, page, shown, text_of

pytestmark = pytest.mark.django_db
GALLERY = "/gallery"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"model": "sketch", "q": "herons"}, ["herons"]),
        ({"model": "imagen-4"}, []),
        ({"aspect_ratio": "16:9"}, ["dunes"]),
        ({"provider": "sketch"}, ["dunes", "herons"]),
        ({"starred": "true"}, ["herons"]),
        ({"visibility": "published"}, ["dunes"]),
        ({"from": "2000-01-01", "to": "2001-12-31"}, []),
        ({"from": "2000-01-01"}, ["dunes", "herons"]),
        ({"sort": "oldest"}, ["herons", "dunes"]),
        ({"sort": "relevance", "q": "dunes"}, ["dunes"]),
        ({"sort": "relevance"}, ["dunes", "herons"]),
        ({"status": "trashed"}, ["dunes", "herons"]),
        ({"utm_source": "elsewhere", "model": " "}, ["dunes", "herons"]),
    ],
)
def test_the_address_says_which_pictures(
    browser: Client, alice: User, bob: User, query: dict[str, str], found: list[str]
) -> None:
    images = {"herons": one(alice, prompt="herons"), "dunes": one(alice, prompt="dunes", aspect_ratio="16:9")}
    Image.objects.filter(pk=images["herons"].pk).star(starred=True)
    Image.objects.filter(pk=images["dunes"].pk).publish()
    one(bob, prompt="herons and dunes")
    assert shown(text_of(browser.get(GALLERY, query))) == [str(images[name].pk) for name in found]


def test_an_album_is_a_filter_and_others_albums_are_empty(browser: Client, alice: User, bob: User) -> None:
    images = {user: one(user) for user in (alice, bob)}
    boxes = {user: Album.objects.create(user=user, name="The best") for user in (alice, bob)}
    for user, image in images.items():
        albums.add(boxes[user].pk, Image.objects.filter(pk=image.pk))
    one(alice)
    text = text_of(browser.get(GALLERY, {"album": str(boxes[alice].pk)}))
    assert shown(text) == [str(images[alice].pk)]
    assert "The best" in text
    assert "No picture matches" in text_of(browser.get(GALLERY, {"album": str(boxes[bob].pk)}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "soon"),
        ("to", "0001-01-01"),
        ("album", "mine"),
        ("sort", "random"),
        ("starred", "perhaps"),
        ("visibility", "secret"),
        ("before", "nonsense"),
        ("seed", "-1"),
        ("aspect_ratio", "sixteen to nine"),
    ],
)
def test_values_that_are_none_are_refused(browser: Client, name: str, value: str) -> None:
    assert browser.get(GALLERY, {name: value}).status_code == 400


def test_what_is_asked_for_can_be_taken_away(browser: Client, alice: User) -> None:
    one(alice)
    query = {"model": "sketch", "starred": "false", "from": "2026-01-01", "to": "2099-01-01", "q": "lighthouse"}
    text = text_of(browser.get(GALLERY, query))
    active = dict(re.findall(r'class="chip chip-active" href="([^"]+)">.*?</span>([^<]+)<', text))
    assert list(active.values()) == ["1 Jan 2026 to 1 Jan 2099", "Sketch", "Without a star"]
    for address in active:
        assert "q=lighthouse" in address
        assert len(shown(text_of(browser.get(address)))) == 1
    assert 'href="/gallery">Clear filters' in text
    assert "1 image" in text


def test_a_wall_in_another_order_goes_on(browser: Client, alice: User) -> None:
    for _ in range(9):
        made(alice, count=4)
    own = [str(pk) for pk in Image.objects.filter(user=alice).order_by("pk").values_list("pk", flat=True)]
    for query in ({"sort": "oldest"}, {"sort": "relevance", "q": "lighthouse"}):
        first = text_of(browser.get(GALLERY, query))
        address = re.search(r'rel="next" href="([^"]+)"', first)
        assert address
        rest = text_of(browser.get(address[1], headers=HTMX))
        assert "wall-day" not in rest
        assert sorted(shown(first) + shown(rest)) == own
        assert "Back to the first" in text_of(browser.get(address[1]))


def test_a_search_brings_its_own_filters_and_count(browser: Client, alice: User) -> None:
    one(alice, prompt="herons")
    one(alice, prompt="dunes")
    text = text_of(browser.get(GALLERY, {"q": "herons", "model": "sketch"}, headers=HTMX))
    assert "<html" not in text
    assert 'hx-swap-oob="true">1 image<' in text
    assert 'href="/gallery?q=herons">' in text


def test_days_are_the_visitors_own(browser: Client, alice: User) -> None:
    one(alice)
    today = timezone.localdate().isoformat()
    assert len(shown(text_of(browser.get(GALLERY, {"from": today, "to": today})))) == 1


def test_filters_take_few_queries(
    browser: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        one(alice)
        Album.objects.create(user=alice, name=f"album {number}")
    with django_assert_max_num_queries(10):
        browser.get(reverse("gallery"), {"model": "sketch", "starred": "false", "q": "lighthouse"})


def test_places_of_a_wall_are_filled_with_ones_own(browser: Client, alice: User, bob: User) -> None:
    kept, thrown, others = one(alice), one(alice), one(bob)
    Image.objects.filter(pk=thrown.pk).trash()
    ids = ",".join(str(image.pk) for image in (kept, thrown, others))
    assert shown(text_of(browser.get("/gallery/frames", {"ids": ids}))) == [str(kept.pk)]
    for wrong in ("", "mine", ",".join([str(kept.pk)] * 101)):
        assert browser.get("/gallery/frames", {"ids": wrong}).status_code == 400
    assert "/account/login/" in Client().get("/gallery/frames", {"ids": ids})["Location"]


def test_places_of_an_album_are_filled_with_what_is_in_it(browser: Client, stranger: Client, alice: User) -> None:
    inside, outside, thrown = one(alice), one(alice), one(alice)
    album = albums.create(alice, name="Herons")
    albums.add(album.pk, Image.objects.filter(pk__in=[inside.pk, thrown.pk]))
    Image.objects.filter(pk=thrown.pk).trash()
    frames = reverse("album_frames", args=[album.pk])
    ids = ",".join(str(image.pk) for image in (inside, outside, thrown))
    text = text_of(browser.get(frames, {"ids": ids}))
    assert shown(text) == [str(inside.pk)]
    assert f"?album={album.pk}" in text
    assert browser.get(frames, {"ids": "mine"}).status_code == 400
    assert stranger.get(frames, {"ids": ids}).status_code == 404
    assert "/account/login/" in Client().get(frames, {"ids": ids})["Location"]


def test_a_search_is_kept_made_again_and_forgotten(browser: Client, alice: User, bob: User) -> None:
    one(alice, prompt="herons")
    Image.objects.filter(user=alice).star(starred=True)
    asked = {"starred": "true", "q": "herons", "sort": "relevance"}
    kept = browser.post("/gallery/searches", {**asked, "name": "Best herons"})
    assert "Search kept as Best herons" in text_of(browser.get(kept["Location"]))
    text = text_of(browser.get(GALLERY))
    address = re.search(r'href="([^"]+)"><span>Best herons', text)
    assert address
    again = text_of(browser.get(address[1]))
    assert (len(shown(again)), "Best match first" in again) == (1, True)
    [found] = browser.get("/api/v1/searches").json()["results"]
    assert (found["filter"], found["sort"]) == ({"starred": True, "q": "herons"}, "relevance")
    for name, said in ((" ", "Write a name"), ("BEST herons", "Choose another")):
        assert said in text_of(browser.post("/gallery/searches", {**asked, "name": name}, follow=True))
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.post(f"/gallery/searches/{found['id']}/delete").status_code == 404
    browser.post(f"/gallery/searches/{found['id']}/delete")
    assert "Best herons</span>" not in text_of(browser.get(f"{GALLERY}?q=x"))


def test_a_search_is_made_again_for_what_is_nought_or_not() -> None:
    saved = SavedSearch(filter={"seed": 0, "starred": False}, sort=Sort.NEWEST)
    assert address_of(saved) == f"{GALLERY}?seed=0&starred=false"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, "invalid"),
        ({"name": "bin", "filter": {"status": "trashed"}}, 400, "invalid"),
        ({"name": "best", "sort": "relevance"}, 400, "invalid"),
        ({"name": "soon", "filter": {"from": "soon"}}, 400, "invalid"),
        ({"name": "list", "filter": ["q"]}, 400, "invalid"),
        ({"name": "Mine"}, 409, "name_taken"),
    ],
)
def test_searches_that_cannot_be_kept_are_refused(browser: Client, body: Any, status: int, code: str) -> None:
    path, kind = "/api/v1/searches", "application/json"
    made = browser.post(path, {"name": "mine", "filter": {"seed": 7, "starred": "yes"}}, content_type=kind).json()
    assert made["filter"] == {"seed": 7, "starred": True}
    answer = browser.post(path, body, content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    changed = browser.patch(f"{path}/{made['id']}", {"filter": {"q": "dunes"}}, content_type=kind).json()
    assert (changed["filter"], changed["version"]) == ({"q": "dunes"}, 2)


def test_the_gallery_goes_on_within_a_day(browser: Client, alice: User) -> None:
    for _ in range(9):
        made(alice, count=4)
    first = page(browser.get(reverse("gallery")))
    assert "36 images" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    path = following[1].replace("&amp;", "&")
    rest = page(browser.get(path, headers=HTMX))
    assert "data-goes-on" in rest
    assert "wall-day" not in rest
    images = shown(first + rest)
    assert len(images) == len(set(images)) == 36
    assert "wall-day" in page(browser.get(path))


def test_the_gallery_finds_words_of_prompts(browser: Client, alice: User, bob: User) -> None:
    made(alice, prompt="two herons in the reeds")
    made(alice, prompt="a quarry at noon")
    made(bob, prompt="herons that are not hers")
    text = page(browser.get(reverse("gallery"), {"q": "herons"}))
    assert text.count("data-image=") == 1
    assert "two herons" in text
    part = page(browser.get(reverse("gallery"), {"q": "herons"}, headers=HTMX))
    assert "<html" not in part
    assert "No picture matches" in page(browser.get(reverse("gallery"), {"q": "<b>zebra\x00"}))


def test_all_of_a_day_is_named(browser: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    herons, dunes = made(alice, count=4, prompt="herons"), one(alice, prompt="dunes")
    one(bob, prompt="herons")
    gone = herons.images.earliest("pk")
    Image.objects.filter(pk=gone.pk).trash()
    kept = [str(pk) for pk in herons.images.exclude(pk=gone.pk).order_by("-pk").values_list("pk", flat=True)]
    address = re.search(r'data-select-section="([^"]+)"', text_of(browser.get(GALLERY, {"q": "herons"})))
    assert address
    assert browser.get(address[1]).json() == {"ids": kept, "note": ""}
    today = timezone.localdate().isoformat()
    assert browser.get(f"/gallery/days/{today}").json()["ids"] == [str(dunes.pk), *kept]
    assert browser.get("/gallery/days/2001-02-03").json()["ids"] == []
    assert browser.get("/gallery/days/soon").status_code == 400
    assert "/account/login/" in Client().get(address[1])["Location"]
    monkeypatch.setattr(arranging, "MOST_NAMED", 2)
    cut = browser.get(address[1]).json()
    assert (cut["ids"], "newest 2" in cut["note"]) == (kept[:2], True)


def test_of_a_day_only_what_is_found_is_named(browser: Client, alice: User) -> None:
    now = timezone.now()
    earlier, later = made(alice).images.get(), made(alice).images.get()
    moments = {earlier: now.replace(hour=9), later: now.replace(hour=15)}
    made_at = {image: uuid.UUID(int=first_id(moment).int + 1) for image, moment in moments.items()}
    for image, pk in made_at.items():
        Image.objects.filter(pk=image.pk).update(id=pk, created=moments[image])
    noon = now.replace(hour=12).isoformat()
    address = f"/gallery/days/{now.date().isoformat()}"
    assert browser.get(address, {"from": noon}).json()["ids"] == [str(made_at[later])]
    assert browser.get(address, {"to": noon}).json()["ids"] == [str(made_at[earlier])]
    assert browser.get(address, {"to": "2001-02-03"}).json()["ids"] == []


def test_pictures_are_asked_for_as_wide_as_they_stand_in_a_wall(browser: Client, alice: User) -> None:
    image = one(alice)
    Image.objects.filter(pk=image.pk).update(width=1000, height=2000)
    text = text_of(browser.get(GALLERY))
    assert 'sizes="(min-width: 1440px) 134px, (min-width: 1024px) 108px, (min-width: 768px) 89px, 74px"' in text
    assert "data-select-section" not in text_of(browser.get(GALLERY, {"sort": "relevance", "q": "lighthouse"}))
