"""What strangers see: shares while they last, what is published, and what they can say against it."""

from __future__ import annotations

import datetime as dt
import io
import re

import PIL.Image
import pytest
from django.contrib.auth.models import Permission
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from generations import sharing
from generations.models import Image, Model, Report, Share
from tests.administration import CONFIRMED
from tests.factories import make_user
from tests.generations.programs import IMAGES, Api, album, made, pointers, problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
SHARES, EXPLORE, REPORTS = "/api/v1/shares", "/api/v1/explore", "/api/v1/reports"


@pytest.fixture
def alice(model: Model) -> Api:
    return Api(make_user(balance=100, email="alice@example.com"))


def share(by: Api, **wanted: object) -> dict[str, str]:
    answer = by.post(SHARES, wanted)
    assert answer.status_code == 201, answer.content
    body: dict[str, str] = answer.json()
    return body


def page(body: dict[str, str]) -> str:
    """Where strangers look."""
    return body["url"].removeprefix("http://testserver")


def data(body: dict[str, str]) -> str:
    """Where strangers' programs look."""
    return "/api/v1/shared/" + page(body).rpartition("/")[2]


def test_a_shared_picture_is_seen_by_anybody_and_nothing_else_is(alice: Api) -> None:
    image, other = made(alice, count=2)
    body = share(alice, image=str(image.pk))
    answer = Client().get(page(body))
    text = answer.content.decode()
    assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex")
    assert "arithmetic, not AI" in text
    assert "lighthouse" not in text
    assert "alice" not in text
    assert str(other.pk) not in text
    shown = Client().get(data(body)).json()
    assert [one["id"] for one in shown["results"]] == [str(image.pk)]
    assert (shown["name"], shown["next"], shown["results"][0]["prompt"]) == (None, None, None)
    for address in [shown["results"][0]["url"], *shown["results"][0]["thumbnails"].values()]:
        assert Client().get(address).getvalue()
    assert Client().get(f"{page(body)}/{other.pk}/original").status_code == 404


def test_the_prompt_is_shown_where_it_is_shared(alice: Api) -> None:
    [image] = made(alice, prompt="<b>a fox</b>")
    body = share(alice, image=str(image.pk), with_prompt=True)
    assert "&lt;b&gt;a fox" in Client().get(page(body)).content.decode()
    assert Client().get(data(body)).json()["results"][0]["prompt"] == "<b>a fox</b>"


def test_a_share_has_a_preview_for_those_who_show_links(alice: Api) -> None:
    [image] = made(alice)
    text = Client().get(page(share(alice, image=str(image.pk)))).content.decode()
    preview = re.search(r'property="og:image" content="([^"]+)"', text)
    assert preview
    with PIL.Image.open(io.BytesIO(Client().get(preview[1]).getvalue())) as picture:
        assert (picture.format, picture.size) == ("JPEG", (image.width, image.height))


def test_an_album_is_shared_page_by_page(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generations.views.share.PAGE", 2)
    images = made(alice, count=3)
    body = share(alice, album=album(alice, *images, name="Summer").rpartition("/")[2])
    text = Client().get(page(body)).content.decode()
    assert "Summer" in text
    following = re.search(r'href="(\?cursor=[^"]+)"', text)
    assert following
    assert str(images[2].pk) in Client().get(page(body) + following[1]).content.decode()
    assert Client().get(f"{page(body)}?cursor=x").status_code == 400
    first = Client().get(f"{data(body)}?limit=2").json()
    rest = Client().get(first["next"]).json()
    assert [one["id"] for one in first["results"] + rest["results"]] == [str(image.pk) for image in images]
    problem(Client().get(f"{data(body)}?cursor=x"), 400, "invalid")


@pytest.mark.parametrize("end", ["revoked", "expired", "trashed", "deactivated"])
def test_a_share_that_has_ended_shows_nothing(alice: Api, end: str) -> None:
    [image] = made(alice)
    body = share(alice, image=str(image.pk), expires_at=(timezone.now() + dt.timedelta(days=1)).isoformat())
    addresses = [page(body), data(body), Client().get(data(body)).json()["results"][0]["url"]]
    if end == "revoked":
        assert alice.delete(f"{SHARES}/{body['id']}").status_code == 204
        problem(alice.delete(f"{SHARES}/{body['id']}"), 404, "not_found")
    elif end == "expired":
        Share.objects.update(expires_at=Now())
    elif end == "trashed":
        alice.post(f"{IMAGES}/{image.pk}/trash", {})
    else:
        User.objects.update(is_active=False)
    assert [Client().get(address).status_code for address in addresses] == [404, 404, 404]


def test_pictures_of_a_share_are_not_kept_for_longer_than_it_lasts(alice: Api) -> None:
    [image] = made(alice)
    answer = Client().get(f"{page(share(alice, image=str(image.pk)))}/{image.pk}/320.webp")
    assert answer["Cache-Control"] == "private, max-age=300"
    assert answer.getvalue()


@pytest.mark.parametrize("wrong", ["x", "x.y", "..", "%00", "AZ8.AAAA", "\N{SNOWMAN}"])
def test_a_forged_address_shows_nothing(alice: Api, wrong: str) -> None:
    [image] = made(alice)
    token = page(share(alice, image=str(image.pk))).rpartition("/")[2]
    for forged in (wrong, token[:-1], token.swapcase(), token.replace(".", ".A", 1)):
        assert Client().get(f"/s/{forged}").status_code == 404
        assert Client().get(f"/api/v1/shared/{forged}").status_code == 404


def test_an_owner_sees_how_often_a_share_was_looked_at(alice: Api) -> None:
    [image] = made(alice)
    body = share(alice, image=str(image.pk))
    Client().get(page(body))
    Client().head(page(body))
    Client().get(data(body))
    assert alice.get(f"{SHARES}/{body['id']}").json()["views"] == 2
    assert alice.get(SHARES).json()["results"][0]["url"] == body["url"]


def test_only_ones_own_can_be_shared(alice: Api, bob: Api) -> None:
    [image], theirs = made(bob), album(bob)
    assert pointers(problem(alice.post(SHARES, {"image": str(image.pk)}), 400, "invalid")) == {"#/image"}
    assert pointers(problem(alice.post(SHARES, {"album": theirs.rpartition("/")[2]}), 400, "invalid")) == {"#/album"}
    problem(alice.post(SHARES, {}), 400, "invalid")
    past = {"image": str(image.pk), "expires_at": "2020-01-01T00:00:00Z"}
    assert pointers(problem(bob.post(SHARES, past), 400, "invalid")) == {"#/expires_at"}


def test_what_is_published_is_explored_by_anybody_latest_first(alice: Api, bob: Api) -> None:
    first, second, private = made(alice, count=3)
    [third] = made(bob)
    for by, image in ((alice, second), (bob, third), (alice, first)):
        by.patch(f"{IMAGES}/{image.pk}", {"visibility": "published"})
    seen, address = [], f"{EXPLORE}?limit=2"
    while address:
        listed = Client().get(address).json()
        seen += listed["results"]
        address = listed["next"]
    assert [one["id"] for one in seen] == [str(image.pk) for image in (first, third, second)]
    assert "alice" not in str(seen)
    assert Client().get(seen[0]["url"]).getvalue()
    alice.post(f"{IMAGES}/{first.pk}/trash", {})
    alice.patch(f"{IMAGES}/{second.pk}", {"visibility": "private"})
    assert [one["id"] for one in Client().get(EXPLORE).json()["results"]] == [str(third.pk)]
    assert str(private.pk) not in str(seen)


@pytest.mark.parametrize("cursor", ["x", "WyJ4IiwieSJd", "WyIyMDI2LTAxLTAxIiwieSJd"])
def test_a_cursor_that_is_none_is_refused(model: Model, cursor: str) -> None:
    problem(Client().get(f"{EXPLORE}?cursor={cursor}"), 400, "invalid")


def test_a_studio_may_keep_its_pictures_to_its_people(alice: Api, settings: Settings) -> None:
    settings.EXPLORE_PUBLIC = False
    problem(Client().get(EXPLORE), 401, "not_authenticated")
    assert alice.get(EXPLORE).status_code == 200


def test_a_picture_is_reported_once_by_those_who_could_see_it(alice: Api, bob: Api) -> None:
    [image] = made(alice)
    sent = {"image": str(image.pk), "reason": "rights", "note": "mine"}
    assert pointers(problem(bob.post(REPORTS, sent), 400, "invalid")) == {"#/image"}
    shared = share(alice, image=str(image.pk))
    token = page(shared).rpartition("/")[2]
    problem(bob.post(REPORTS, {**sent, "share": token[:-1]}), 400, "invalid")
    assert bob.post(REPORTS, {**sent, "share": token}).status_code == 201
    problem(bob.post(REPORTS, {**sent, "share": token}), 409, "reported_before")
    assert [one["reason"] for one in bob.get(REPORTS).json()["results"]] == ["rights"]
    assert alice.get(REPORTS).json()["results"] == []
    problem(bob.post(REPORTS, {**sent, "reason": "boring"}), 400, "invalid")


def test_an_admin_takes_down_what_was_reported(alice: Api, bob: Api) -> None:
    image, harmless = made(alice, count=2)
    for one in (image, harmless):
        alice.patch(f"{IMAGES}/{one.pk}", {"visibility": "published"})
        bob.post(REPORTS, {"image": str(one.pk), "reason": "other"})
    shared = share(alice, image=str(image.pk))
    admin = Client()
    admin.force_login(make_user(is_staff=True, is_superuser=True))
    listed = admin.get("/admin/generations/report/")
    assert listed.content.count(b"/media/") == 4
    for action, one in (("take_down", image), ("dismiss", harmless)):
        chosen = str(Report.objects.get(image=one).pk)
        admin.post("/admin/generations/report/", {"action": action, "_selected_action": chosen, **CONFIRMED})
    assert [one["id"] for one in Client().get(EXPLORE).json()["results"]] == [str(harmless.pk)]
    assert Client().get(page(shared)).status_code == 404
    assert Image.objects.get(pk=image.pk).is_kept, "its owner keeps it"
    assert all(one["resolved_at"] for one in bob.get(REPORTS).json()["results"])


def test_whoever_may_only_look_takes_nothing_down(alice: Api, bob: Api) -> None:
    [image] = made(alice)
    alice.patch(f"{IMAGES}/{image.pk}", {"visibility": "published"})
    bob.post(REPORTS, {"image": str(image.pk), "reason": "other"})
    looker = Client()
    person = make_user(is_staff=True)
    person.user_permissions.add(*permissions("view_report"))
    looker.force_login(person)
    assert looker.get("/admin/generations/report/").status_code == 200
    chosen = str(Report.objects.get().pk)
    looker.post("/admin/generations/report/", {"action": "take_down", "_selected_action": chosen, **CONFIRMED})
    assert Image.objects.get(pk=image.pk).published_at


def permissions(name: str) -> list[Permission]:
    return list(Permission.objects.filter(codename=name))


def test_tokens_are_as_long_as_they_are_hard_to_guess(alice: Api) -> None:
    [image] = made(alice)
    tokens = {sharing.token_of(sharing.create(alice.user, image=image.pk)) for _ in range(5)}
    assert len(tokens) == 5
    assert min(map(len, tokens)) > 60


def test_there_is_an_end_to_shares_that_last(alice: Api, bob: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST", 2)
    [image], [other] = made(alice), made(bob)
    first, second = share(alice, image=str(image.pk)), share(alice, image=str(image.pk))
    problem(alice.post(SHARES, {"image": str(image.pk)}), 409, "too_many_shares")
    share(bob, image=str(other.pk))
    Share.objects.filter(pk=first["id"]).update(expires_at=Now())
    share(alice, image=str(image.pk))
    problem(alice.post(SHARES, {"image": str(image.pk)}), 409, "too_many_shares")
    assert alice.delete(f"{SHARES}/{second['id']}").status_code == 204
    share(alice, image=str(image.pk))
