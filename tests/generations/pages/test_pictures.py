"""The pages of pictures: what is done with one, albums, shares, and what is published."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from generations import albums, sharing
from generations.models import Album, Image, Report, Share
from tests.generations.pages import looking
from tests.generations.pages.looking import HTMX, made, one, page

pytestmark = pytest.mark.django_db


def pictures(user: User, count: int = 3, **fields: Any) -> list[Image]:
    return list(made(user, count=count, **fields).images.order_by("position"))


def make_album(user: User, images: Iterable[Image] = (), name: str = "Lighthouses") -> Album:
    album = Album.objects.create(user=user, name=name)
    for image in images:
        albums.add(album.pk, Image.objects.filter(pk=image.pk))
    return album


def order(album: Album) -> list[Image]:
    return albums.images(album.pk, cursor="", limit=10).rows


def act(client: Client, image: Image, action: str, query: str = "", **headers: str) -> Any:
    return client.post(reverse("image_act", args=[image.pk, action]) + query, headers=headers)


# Who may do what

OF_AN_IMAGE = ["image_albums", "image_share"]
OF_AN_ALBUM = ["album", "album_edit", "album_delete", "album_arrange", "album_share"]
CHANGING_AN_ALBUM = ["album_order", "album_cover", "album_remove"]


@pytest.mark.parametrize("name", [*OF_AN_IMAGE, *OF_AN_ALBUM, *CHANGING_AN_ALBUM])
def test_what_is_somebodys_is_theirs_alone(browser: Client, alice: User, stranger: Client, name: str) -> None:
    images = pictures(alice)
    album = make_album(alice, images)
    address = reverse(name, args=[images[0].pk if name in OF_AN_IMAGE else album.pk])
    anonymous = Client().post(address, {"image": images[0].pk})
    assert anonymous.status_code == (405 if name in {"album", "album_arrange"} else 302)
    assert "login" in Client().get(address).headers.get("Location", "login")
    if name not in CHANGING_AN_ALBUM:
        page(browser.get(address))
        assert stranger.get(address).status_code == 404
    if name not in {"album", "album_arrange"}:
        assert stranger.post(address, {"image": images[0].pk, "name": "Mine", "lasts": "week"}).status_code == 404
    assert order(album) == images
    assert not Share.objects.exists()
    assert browser.get(reverse(name, args=[uuid.uuid4()])).status_code in {404, 405}


@pytest.mark.parametrize("name", ["albums", "shares"])
def test_lists_are_for_those_who_are_signed_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("action", ["star", "publish", "trash", "restore"])
def test_nobody_does_anything_with_what_is_not_theirs(alice: User, stranger: Client, action: str) -> None:
    [image] = pictures(alice, 1)
    assert act(stranger, image, action).status_code == 404
    assert act(Client(), image, action).status_code == 302
    assert Image.objects.filter(pk=image.pk, version=1).exists()


# One picture


def test_a_star_is_put_on_and_taken_off(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    assert act(browser, image, "star").headers["Location"] == f"/i/{image.pk}"
    assert "Starred" in page(browser.get(f"/i/{image.pk}"))
    assert "Starred" not in page(act(browser, image, "unstar", **HTMX))
    assert not Image.objects.get(pk=image.pk).starred


def test_nothing_else_is_done_by_an_address(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    assert act(browser, image, "delete").status_code == 404
    assert act(browser, image, "dance").status_code == 404
    assert browser.get(reverse("image_act", args=[image.pk, "star"])).status_code == 405


def test_what_is_thrown_away_gives_way_to_the_next_and_can_be_had_back(browser: Client, alice: User) -> None:
    oldest, middle, _newest = pictures(alice)
    answer = act(browser, middle, "trash")
    assert answer.headers["Location"] == f"/i/{oldest.pk}"
    text = page(browser.get(answer.headers["Location"]))
    assert "Moved to trash" in text
    assert f'action="/images/{middle.pk}/restore"' in text
    thrown = page(browser.get(f"/i/{middle.pk}"))
    assert "In the trash" in thrown
    assert "Star" not in re.sub(r"<[^>]+>", "", thrown)
    assert act(browser, middle, "restore").headers["Location"] == f"/i/{middle.pk}"
    assert Image.objects.get(pk=middle.pk).is_kept


def test_the_last_one_leads_back_to_where_it_was_looked_at(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    album = make_album(alice, [image])
    answer = act(browser, image, "trash", f"?album={album.pk}", **HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (
        204,
        f'{{"replace": {{"address": "/albums/{album.pk}", "gone": "{image.pk}"}}}}',
    )


def test_what_is_thrown_away_in_an_album_gives_way_to_the_next_there(browser: Client, alice: User) -> None:
    first, second, third = pictures(alice)
    album = make_album(alice, [second, first, third])
    answer = act(browser, first, "trash", f"?album={album.pk}")
    assert answer.headers["Location"] == f"/i/{third.pk}?album={album.pk}"


def test_neighbours_in_an_album_are_the_albums(browser: Client, alice: User) -> None:
    first, second, third = pictures(alice)
    album = make_album(alice, [first, second, third])
    albums.arrange(album.pk, [third.pk], after=None, version=None)
    text = page(browser.get(f"/i/{first.pk}?album={album.pk}"))
    assert re.search(rf'rel="prev"\s+href="/i/{third.pk}\?album={album.pk}"', text)
    assert re.search(rf'rel="next"\s+href="/i/{second.pk}\?album={album.pk}"', text)
    assert browser.get(f"/i/{first.pk}?album=x").status_code == 400
    assert browser.get(f"/i/{first.pk}?album={uuid.uuid4()}").status_code == 404


def test_a_picture_is_put_into_albums_and_out_of_them(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    one, other = make_album(alice, [image]), make_album(alice, name="Dunes")
    address = reverse("image_albums", args=[image.pk])
    text = page(browser.get(address))
    assert re.search(rf'value="{one.pk}"\s+checked', text)
    assert " required" not in text
    browser.post(address, {"albums": [str(other.pk)], "name": "Brand new"})
    assert [album.name for album in Album.objects.filter(places__image=image).order_by("name")] == [
        "Brand new",
        "Dunes",
    ]
    answer = browser.post(address, {}, headers=HTMX)
    assert (answer.status_code, "dialog-done" in answer.headers["HX-Trigger"]) == (204, True)
    assert albums.of_images([image.pk]) == {}
    assert "at most 120" in page(browser.post(address, {"name": "x" * 121}), 422)


def test_nobody_puts_a_picture_into_the_album_of_another(browser: Client, alice: User, bob: User) -> None:
    [image] = pictures(alice, 1)
    theirs = make_album(bob)
    browser.post(reverse("image_albums", args=[image.pk]), {"albums": [str(theirs.pk), "x"]})
    assert order(theirs) == []


# Albums


def test_an_album_is_made_filled_described_and_removed(browser: Client, alice: User) -> None:
    assert "No albums yet" in page(browser.get("/albums"))
    assert "required" in page(browser.post("/albums", {"name": " "}), 422)
    address = browser.post("/albums", {"name": "<i>Light"}).headers["Location"]
    assert "Nothing in it yet" in page(browser.get(address))
    album = Album.objects.get()
    images = pictures(alice)
    albums.add(album.pk, Image.objects.filter(user=alice))
    browser.post(f"{address}/edit", {"name": "<i>Lights", "description": "By the sea.\r\nAt dusk."})
    text = page(browser.get(address))
    for shown in ("&lt;i&gt;Lights", "By the sea.<br>At dusk.", "3 images", *(str(image.pk) for image in images)):
        assert shown in text
    assert "3 images" in page(browser.get("/albums"))
    assert "stay in the gallery" in page(browser.get(f"{address}/delete"))
    assert browser.post(f"{address}/delete").headers["Location"] == "/albums"
    assert Image.objects.kept().count() == 3


def test_an_album_goes_on_page_by_page(browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generations.views.albums.PICTURES", 2)
    images = pictures(alice)
    address = reverse("album", args=[make_album(alice, images).pk])
    following = re.search(r'href="([^"]+cursor=[^"]+)"', page(browser.get(address)))
    assert following
    assert str(images[2].pk) in page(browser.get(following[1]))
    part = page(browser.get(following[1], headers=HTMX))
    assert 'data-goes-on="album-wall"' in part
    assert "<html" not in part
    for wrong in (address, "/albums", "/shares", "/explore"):
        assert browser.get(f"{wrong}?cursor=!").status_code == 400


def test_buttons_put_an_album_in_order(browser: Client, alice: User) -> None:
    first, second, third = pictures(alice)
    album = make_album(alice, [first, second, third])
    text = page(browser.get(reverse("album_arrange", args=[album.pk])))
    forward = re.findall(r'name="after" value="([^"]*)"[^>]+data-move="-1"', text)
    back = re.findall(r'name="after" value="([^"]*)"[^>]+data-move="1"', text)
    assert forward == ["", "", str(first.pk)]
    assert back == [str(second.pk), str(third.pk), ""]
    move = reverse("album_order", args=[album.pk])
    browser.post(move, {"image": third.pk, "after": forward[2]})
    assert order(album) == [first, third, second]
    assert (
        browser.post(move, {"image": first.pk, "after": second.pk}, headers={"X-Requested-With": "fetch"}).status_code
        == 204
    )
    assert order(album) == [third, second, first]


def test_moving_within_a_later_page_stays_there(browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generations.views.albums.ARRANGED", 2)
    images = pictures(alice, 4)
    album = make_album(alice, images)
    address = reverse("album_arrange", args=[album.pk])
    following = re.search(r'rel="next"\s+href="([^"]+)"', page(browser.get(address)))
    assert following
    text = page(browser.get(address + following[1]))
    assert f'data-before="{images[1].pk}"' in text
    assert re.findall(r'name="after" value="([^"]*)"[^>]+data-move="-1"', text) == ["", str(images[1].pk)]


@pytest.mark.parametrize("name", CHANGING_AN_ALBUM)
def test_a_name_that_is_none_is_refused(browser: Client, alice: User, name: str) -> None:
    inside, outside = pictures(alice, 2)
    album = make_album(alice, [inside])
    address = reverse(name, args=[album.pk])
    assert browser.post(address, {"image": "x"}).status_code == 400
    assert browser.post(address).status_code == 400
    if name != "album_remove":
        assert browser.post(address, {"image": outside.pk}).status_code == 400
    assert order(album) == [inside]


def test_a_cover_is_chosen_and_a_picture_taken_out(browser: Client, alice: User) -> None:
    first, second, third = pictures(alice)
    album = make_album(alice, [first, second, third])
    browser.post(reverse("album_cover", args=[album.pk]), {"image": third.pk})
    shown = albums.of(alice).get()
    assert [image.pk for image in albums.mosaics([shown], 3)[album.pk]] == [third.pk, first.pk, second.pk]
    browser.post(reverse("album_remove", args=[album.pk]), {"image": third.pk})
    assert order(album) == [first, second]
    assert [image.pk for image in albums.mosaics(albums.of(alice), 1)[album.pk]] == [first.pk]


@pytest.mark.parametrize(("name", "most"), [("albums", 3), ("shares", 2), ("explore", 1)])
def test_lists_take_few_queries(
    browser: Client, alice: User, name: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        images = pictures(alice, 2)
        album = make_album(alice, images, f"Album {number}")
        Image.objects.filter(user=alice).publish()
        sharing.create(alice, image=images[0].pk)
        sharing.create(alice, album=album.pk)
    with django_assert_max_num_queries(most + 3):  # session, user and wallet
        page(browser.get(reverse(name)))


# Shares


def test_a_picture_is_shared_for_a_while_and_no_longer(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    address = reverse("image_share", args=[image.pk])
    assert browser.post(address, {"lasts": "week", "with_prompt": "on"}).headers["Location"] == address
    share = Share.objects.get()
    assert share.with_prompt
    assert share.expires_at is not None
    assert 6.9 < (share.expires_at - share.created).total_seconds() / 86_400 < 7.1
    link = f"/s/{sharing.token_of(share)}"
    assert f"http://testserver{link}" in page(browser.get(address))
    assert link in page(browser.get("/shares"))
    assert "a lighthouse at dusk" in page(Client().get(link))
    assert browser.post(reverse("share_end", args=[share.pk])).headers["Location"] == "/shares"
    assert Client().get(link).status_code == 404
    assert "Nothing is shared" in page(browser.get("/shares"))
    assert browser.post(reverse("share_end", args=[share.pk])).status_code == 404


def test_what_was_taken_down_is_neither_shared_nor_published(browser: Client, alice: User) -> None:
    [image] = pictures(alice, 1)
    Image.objects.filter(pk=image.pk).bar()
    address = reverse("image_share", args=[image.pk])
    answer = browser.post(address, {"lasts": "week"}, follow=True)
    assert "An admin has taken this picture down" in page(answer)
    assert not Share.objects.exists()
    act(browser, image, "publish", **HTMX)
    text = page(browser.get(f"/i/{image.pk}"))
    assert "An admin has taken this picture down" in text
    assert "Published on Explore" not in text
    Image.objects.filter(pk=image.pk).trash()
    assert act(browser, image, "publish").status_code == 404


def test_a_link_for_ever_is_made_where_it_is_asked_for(browser: Client, alice: User) -> None:
    album = make_album(alice, pictures(alice))
    address = reverse("album_share", args=[album.pk])
    part = page(browser.post(address, {"lasts": "forever"}, headers=HTMX))
    share = Share.objects.get()
    assert (share.album_id, share.expires_at, share.with_prompt) == (album.pk, None, False)
    assert sharing.token_of(share) in part
    assert "<html" not in part
    assert "not one of the available choices" in page(browser.post(address, {"lasts": "a year"}), 422)


def test_there_is_an_end_to_albums_and_shares(browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (albums, sharing):
        monkeypatch.setattr(module, "MOST", 1)
    album = make_album(alice, pictures(alice, 1))
    assert "as many albums as anybody may" in page(browser.post("/albums", {"name": "Another"}), 422)
    picker = reverse("image_albums", args=[order(album)[0].pk])
    assert "as many albums as anybody may" in page(browser.post(picker, {"name": "Another"}), 422)
    assert len(order(album)) == 1
    address = reverse("album_share", args=[album.pk])
    assert browser.post(address, {"lasts": "week"}).status_code == 302
    assert "Links that work now" in page(browser.post(address, {"lasts": "week"}), 422)
    assert "as many things as anybody may" in page(browser.post(address, {"lasts": "week"}, headers=HTMX), 422)
    assert (Album.objects.count(), Share.objects.count()) == (1, 1)


def test_nobody_ends_the_share_of_another(alice: User, stranger: Client) -> None:
    [image] = pictures(alice, 1)
    share = sharing.create(alice, image=image.pk)
    assert stranger.post(reverse("share_end", args=[share.pk])).status_code == 404
    assert Client().post(reverse("share_end", args=[share.pk])).status_code == 302
    assert Share.objects.live().filter(pk=share.pk).exists()


# What is published


def test_what_is_published_is_for_everybody_and_says_nobodys_name(browser: Client, alice: User) -> None:
    private, shown = pictures(alice, 2)
    assert "Nothing is published yet" in page(Client().get("/explore"))
    act(browser, shown, "publish")
    wall = page(Client().get("/explore"))
    assert f"/explore/{shown.pk}" in wall
    assert str(private.pk) not in wall
    text = page(Client().get(f"/explore/{shown.pk}"))
    assert "a lighthouse at dusk" in text
    assert "Alice" not in text
    assert f"/explore/{shown.pk}" in page(Client().get("/"))
    original = re.search(r'<img src="([^"]+)"', text)
    assert original
    assert Client().get(original[1]).getvalue()
    assert Client().get(f"/explore/{private.pk}").status_code == 404
    act(browser, shown, "unpublish")
    assert Client().get(f"/explore/{shown.pk}").status_code == 404


def test_places_on_explore_are_filled_with_what_is_published(alice: User, bob: User, settings: Settings) -> None:
    published, private, hidden = one(alice), one(alice), one(bob)
    Image.objects.filter(pk__in=[published.pk, hidden.pk]).publish()
    User.objects.filter(pk=bob.pk).update(is_active=False)
    ids = ",".join(str(image.pk) for image in (published, private, hidden))
    assert looking.shown(looking.text_of(Client().get("/explore/frames", {"ids": ids}))) == [str(published.pk)]
    assert Client().get("/explore/frames", {"ids": ""}).status_code == 400
    settings.EXPLORE_PUBLIC = False
    assert "/account/login/" in Client().get("/explore/frames", {"ids": ids})["Location"]


def test_neighbours_on_explore_are_what_was_published_before_and_after(browser: Client, alice: User, bob: User) -> None:
    [first] = pictures(bob, 1)
    second, third = pictures(alice, 2)
    for image in (third, first, second):
        Image.objects.filter(pk=image.pk).publish()
    text = page(Client().get(f"/explore/{first.pk}"))
    assert re.search(rf'rel="prev"\s+href="/explore/{second.pk}"', text)
    assert re.search(rf'rel="next"\s+href="/explore/{third.pk}"', text)


def test_a_studio_may_keep_its_pictures_to_its_people(browser: Client, alice: User, settings: Settings) -> None:
    settings.EXPLORE_PUBLIC = False
    [image] = pictures(alice, 1)
    act(browser, image, "publish")
    for address in ("/explore", f"/explore/{image.pk}"):
        assert "login" in Client().get(address).headers["Location"]
        page(browser.get(address))
    assert str(image.pk) not in page(Client().get("/"))


def test_anybody_remixes_what_is_published_and_nothing_else(browser: Client, bob: User) -> None:
    [image] = pictures(bob, 1, prompt="two herons", aspect_ratio="9:16", negative_prompt="people")
    address = f"/create?published={image.pk}"
    assert "two herons" not in page(browser.get(address))
    Image.objects.filter(pk=image.pk).publish()
    text = page(browser.get(address))
    assert "two herons" in text
    assert "people" not in text
    assert re.search(r'value="9:16"[^>]*checked', text)
    assert browser.get("/create?published=x").status_code == 400


def test_a_report_is_taken_once(browser: Client, bob: User) -> None:
    [image] = pictures(bob, 1)
    address = reverse("report", args=[image.pk])
    assert browser.get(address).status_code == 404
    Image.objects.filter(pk=image.pk).publish()
    assert "login" in Client().get(address).headers["Location"]
    assert "An admin looks at it" in page(browser.get(address))
    assert "required" in page(browser.post(address, {"note": "x"}), 422)
    for _ in range(2):
        answer = browser.post(address, {"reason": "rights", "note": "Mine."})
        assert answer.headers["Location"] == "/explore"
    assert Report.objects.get().note == "Mine."
    assert "You have reported this picture before" in page(browser.get("/explore"))


def test_a_picture_of_a_share_is_reported_by_its_link(browser: Client, bob: User) -> None:
    [image] = pictures(bob, 1)
    token = sharing.token_of(sharing.create(bob, image=image.pk))
    address = reverse("report", args=[image.pk])
    assert f"{address}?share={token}" in page(Client().get(f"/s/{token}"))
    assert browser.get(f"{address}?share=x").status_code == 404
    answer = browser.post(f"{address}?share={token}", {"reason": "other", "note": ""})
    assert answer.headers["Location"] == f"/s/{token}"
    assert Report.objects.get().share is not None


def test_each_picture_of_a_shared_album_has_a_page(browser: Client, alice: User) -> None:
    first, second, private = pictures(alice)
    share = sharing.create(alice, album=make_album(alice, [first, second]).pk)
    token = sharing.token_of(share)
    assert f'href="/s/{token}/{second.pk}"' in page(Client().get(f"/s/{token}"))
    answer = Client().get(f"/s/{token}/{second.pk}")
    text = page(answer)
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert re.search(rf'rel="prev"\s+href="/s/{token}/{first.pk}"', text)
    assert f"/explore/{second.pk}/report?share={token}" in text
    assert "a lighthouse at dusk" not in text
    assert Client().get(f"/s/{token}/{private.pk}").status_code == 404
    share = sharing.create(alice, image=private.pk, with_prompt=True)
    assert "a lighthouse at dusk" in page(Client().get(f"/s/{sharing.token_of(share)}/{private.pk}"))


def test_neighbours_in_a_shared_album_are_what_it_shows(browser: Client, alice: User) -> None:
    first, barred, last = pictures(alice)
    share = sharing.create(alice, album=make_album(alice, [first, barred, last]).pk)
    Image.objects.filter(pk=barred.pk).bar()
    text = page(Client().get(f"/s/{sharing.token_of(share)}/{first.pk}"))
    assert f"{last.pk}" in text
    assert f"{barred.pk}" not in text


# What is told of a picture


def test_a_picture_shows_what_was_asked_and_what_was_sent(browser: Client, alice: User) -> None:
    generation = made(alice, seed=481204, negative_prompt="text, people", output_format="webp")
    text = page(browser.get(reverse("image", args=[generation.images.get().pk])))
    for shown in ("481204", "“text, people”", "WEBP", "arithmetic, not AI", "Download original", "record.json"):
        assert shown in text


def test_neighbours_are_ones_own_newer_and_older(browser: Client, alice: User, bob: User) -> None:
    oldest, middle, newest = (one(alice) for _ in range(3))
    one(bob)
    text = page(browser.get(reverse("image", args=[middle.pk])))
    assert re.search(rf'rel="prev"\s+href="/i/{newest.pk}"', text)
    assert re.search(rf'rel="next"\s+href="/i/{oldest.pk}"', text)
    assert 'rel="prev"' not in page(browser.get(reverse("image", args=[newest.pk])))


def test_an_unknown_picture_is_not_found(browser: Client) -> None:
    assert browser.get(reverse("image", args=[uuid.uuid4()])).status_code == 404


def test_a_neighbour_comes_without_its_page_to_its_owner_alone(browser: Client, alice: User, stranger: Client) -> None:
    images = pictures(alice)
    album = make_album(alice, images)
    address = reverse("image", args=[images[1].pk])
    whole, part = browser.get(address), browser.get(address, headers=HTMX)
    assert "HX-Request" in whole["Vary"]
    assert "<html" in page(whole)
    text = page(part)
    assert "<html" not in text
    assert "<title>" in text
    for named in ('id="content"', "data-facts", 'data-neighbour="newer"', 'data-neighbour="older"'):
        assert named in text
    assert f"?album={album.pk}" in page(browser.get(f"{address}?album={album.pk}", headers=HTMX))
    assert stranger.get(address, headers=HTMX).status_code == 404
    assert "HX-Redirect" in Client().get(address, headers=HTMX)
