"""What is done to many pictures from the gallery's page and the trash's, and by whom."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from generations import albums, arranging, exports
from generations.models import Album, Export, Image
from tests.factories import make_user
from tests.generations.pages.looking import HTMX, made, shown, text_of

pytestmark = pytest.mark.django_db
ACT, TRASH, TRASH_ACT = "/gallery/act", "/trash", "/trash/act"


def ids_of(user: User, **fields: int) -> list[str]:
    """Pictures of a new generation."""
    return [str(pk) for pk in made(user, **fields).images.values_list("pk", flat=True)]


def test_a_form_without_scripts_acts_on_what_is_ticked(browser: Client, alice: User) -> None:
    one, two, three = ids_of(alice, count=3)
    response = browser.post(ACT, {"action": "star", "ids": [one, two], "model": "sketch"})
    assert (response.status_code, response["Location"]) == (302, "/gallery?model=sketch")
    assert "2 images starred" in text_of(browser.get(response["Location"]))
    assert set(Image.objects.filter(starred=True).values_list("pk", flat=True)) == {
        pk for pk in Image.objects.values_list("pk", flat=True) if str(pk) != three
    }
    text = text_of(browser.get("/gallery?select=1"))
    assert text.count('name="ids"') == 3
    assert "selecting" in text


@pytest.mark.parametrize(
    ("action", "names", "value"),
    [("publish", "published_at__isnull", False), ("unstar", "starred", False), ("unpublish", "published_at", None)],
)
def test_a_script_acts_and_is_told(browser: Client, alice: User, action: str, names: str, value: object) -> None:
    ids = ids_of(alice, count=2)
    Image.objects.filter(user=alice).star(starred=True)
    response = browser.post(ACT, {"action": action, "ids": ",".join(ids)}, headers=HTMX)
    assert "data-toast" in text_of(response)
    assert Image.objects.filter(**{names: value}).count() == 2


def test_all_that_match_are_thrown_away_and_taken_back(browser: Client, alice: User) -> None:
    earlier, later = made(alice, count=2, prompt="herons"), made(alice, prompt="dunes")
    bob = make_user(balance=100)
    made(bob, prompt="herons of another")
    Image.objects.filter(generation=later).trash()
    browser.post(ACT, {"action": "trash", "all": "1", "q": "herons"}, headers=HTMX)
    assert Image.objects.filter(user=alice).kept().count() == 0
    assert Image.objects.filter(user=bob).kept().count() == 1
    moment = Image.objects.filter(generation=earlier).values_list("trashed_at", flat=True)[0]
    assert moment
    undo = f"/gallery/undo/{round(moment.timestamp() * 1_000_000)}"
    stranger = Client()
    stranger.force_login(bob)
    stranger.post(undo)
    assert Image.objects.filter(generation=earlier).kept().count() == 0
    assert "2 images restored" in text_of(browser.post(undo, headers=HTMX))
    assert Image.objects.filter(generation=earlier).kept().count() == 2
    assert Image.objects.filter(generation=later).kept().count() == 0
    assert "0 images restored" in text_of(browser.post(undo, headers=HTMX))
    assert browser.post("/gallery/undo/9999999999999999999999").status_code == 400


def test_as_many_as_can_be_named_fit_into_a_body(browser: Client, alice: User) -> None:
    [pk] = ids_of(alice)
    ids = [pk, *(str(uuid.uuid4()) for _ in range(arranging.MOST_NAMED - 1))]
    assert "1 image starred" in text_of(browser.post(ACT, {"action": "star", "ids": ",".join(ids)}, headers=HTMX))
    more = ",".join([*ids, pk])
    for path, action in ((ACT, "star"), (TRASH_ACT, "delete")):
        assert browser.post(path, {"action": action, "ids": more}, headers=HTMX).status_code == 400
    for path in ("/gallery", TRASH):
        assert f'data-most="{arranging.MOST_NAMED}"' in text_of(browser.get(path))


def test_pictures_go_into_an_album_that_is_there_or_new(browser: Client, alice: User) -> None:
    ids = ids_of(alice, count=2)
    browser.post(ACT, {"action": "add_to_album", "ids": ids, "album_name": "Herons"})
    album = Album.objects.get(user=alice)
    assert (album.name, album.places.count()) == ("Herons", 2)
    asked = {"action": "remove_from_album", "ids": ids[0], "album": str(album.pk)}
    assert browser.post(ACT, asked)["Location"] == f"/gallery?album={album.pk}"
    assert album.places.count() == 1
    browser.post(ACT, {"action": "add_to_album", "ids": ids[0], "album_chosen": str(album.pk)})
    assert album.places.count() == 2


def test_no_album_is_made_past_the_most_that_anybody_may_have(
    browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "MOST", 0)
    response = browser.post(ACT, {"action": "add_to_album", "ids": ids_of(alice), "album_name": "Herons"}, headers=HTMX)
    assert "as many albums as anybody may" in text_of(response, 422)
    assert not alice.albums.exists()


def test_one_star_is_given_and_taken(browser: Client, alice: User) -> None:
    [pk] = ids_of(alice)
    assert browser.post(ACT, {"star": pk}, headers=HTMX).status_code == 204
    assert Image.objects.get(pk=pk).starred
    assert browser.post(ACT, {"unstar": pk})["Location"] == "/gallery"
    assert not Image.objects.get(pk=pk).starred


def test_an_archive_is_made_of_the_selected(browser: Client, alice: User) -> None:
    one, _two = ids_of(alice, count=2)
    response = browser.post(ACT, {"action": "download", "ids": one})
    export = Export.objects.get(user=alice)
    assert response["Location"] == f"/gallery/downloads/{export.pk}"
    assert [str(pk) for pk in export.images] == [one]
    assert "0 of 1 images" in text_of(browser.get(response["Location"]))
    assert "Another archive" in text_of(browser.post(ACT, {"action": "download", "all": "1"}, headers=HTMX), 422)
    pk = exports.next_in("exports")
    assert pk
    exports.make(pk)
    text = text_of(browser.get(response["Location"]))
    address = re.search(r'href="(http[^"]+\.zip)"', text)
    assert address
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(response["Location"]).status_code == 404


def test_a_script_is_told_where_to_follow_an_archive(browser: Client, alice: User) -> None:
    ids_of(alice)
    response = browser.post(ACT, {"action": "download", "all": "1"}, headers=HTMX)
    export = Export.objects.get(user=alice)
    assert f"/api/v1/exports/{export.pk}" in response["HX-Trigger"]
    assert browser.get(f"/api/v1/exports/{export.pk}").json()["total"] == 1


def test_others_pictures_are_left_alone(browser: Client) -> None:
    bob = make_user(balance=100)
    [pk] = ids_of(bob)
    for action in ("star", "publish", "trash", "add_to_album"):
        browser.post(ACT, {"action": action, "ids": pk, "album_name": "mine now"})
    for action in ("restore", "delete"):
        browser.post(TRASH_ACT, {"action": action, "ids": pk})
    browser.post(ACT, {"star": pk})
    image = Image.objects.get(pk=pk)
    assert (image.starred, image.published_at, image.trashed_at, image.places.count()) == (False, None, None, 0)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (ACT, {"action": "star"}, 422),
        (ACT, {"action": "star", "ids": "mine"}, 400),
        (ACT, {"action": "explode", "all": "1"}, 400),
        (ACT, {"action": "delete", "all": "1"}, 400),
        (ACT, {"action": "remove_from_album", "all": "1"}, 400),
        (ACT, {"action": "add_to_album", "all": "1"}, 422),
        (ACT, {"action": "add_to_album", "all": "1", "album_chosen": "mine"}, 422),
        (ACT, {"action": "add_to_album", "all": "1", "album_chosen": "0" * 32}, 422),
        (ACT, {"star": "mine"}, 400),
        (ACT, {"action": "star", "all": "1", "from": "soon"}, 400),
        (TRASH_ACT, {"action": "restore"}, 422),
        (TRASH_ACT, {"action": "star", "all": "1"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(browser: Client, path: str, body: dict[str, str], status: int) -> None:
    assert browser.post(path, body, headers=HTMX).status_code == status


def test_the_trash_gives_back_and_deletes(browser: Client, alice: User) -> None:
    one, two, three = ids_of(alice, count=3)
    kept = ids_of(alice)
    Image.objects.filter(pk__in=[one, two, three]).trash()
    text = text_of(browser.get(TRASH))
    assert set(shown(text)) == {one, two, three}
    assert "30 days left" in text
    browser.post(TRASH_ACT, {"action": "restore", "ids": [one]})
    browser.post(TRASH_ACT, {"action": "delete", "ids": [two, *kept]})
    assert set(shown(text_of(browser.get("/gallery")))) == {one, *kept}
    assert shown(text_of(browser.get(TRASH))) == [three]
    assert "1 image will be deleted" in text_of(browser.get("/trash/empty"))
    assert Image.objects.existing().filter(user=alice).count() == 3
    browser.post("/trash/empty")
    assert "The trash is empty" in text_of(browser.get(TRASH))
    assert Image.objects.existing().filter(user=alice).count() == 2


def test_the_trash_goes_on_and_says_how_long_things_stay(browser: Client, alice: User) -> None:
    for _ in range(8):
        made(alice, count=4)
    Image.objects.filter(user=alice).update(trashed_at=timezone.now() - dt.timedelta(days=29, hours=1))
    first = text_of(browser.get(TRASH))
    assert "1 day left" in first
    address = re.search(r'rel="next" href="([^"]+)"', first)
    assert address
    rest = text_of(browser.get(address[1], headers=HTMX))
    assert "<html" not in rest
    assert len(set(shown(first) + shown(rest))) == 32
    assert browser.get(TRASH, {"before": "nonsense"}).status_code == 400


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    for path in (TRASH, "/trash/empty", f"/gallery/downloads/{'0' * 8}-0000-0000-0000-{'0' * 12}"):
        assert "/account/login/" in client.get(path)["Location"]
    for path in (ACT, TRASH_ACT, "/trash/empty", "/gallery/undo/1"):
        assert "/account/login/" in client.post(path, {"all": "1"})["Location"]
