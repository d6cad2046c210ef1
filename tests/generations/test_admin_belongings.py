"""What admins see of people's endpoints, albums, shares, archives and reports, and that no secret is among it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db import models as db
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from generations import albums, endpoints, sharing
from generations.models import Album, Delivery, DeliveryTry, Export, Image, Report, Share
from tests.administration import CONFIRMED
from tests.factories import make_user
from tests.generations.programs import Api, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
ADDRESS = "https://told:lantern@hooks.example/services/T0KEN?secret=lantern"
PAGES = ["endpoint", "album", "share", "export", "report", "delivery"]


@pytest.fixture
def admin(model: object) -> Client:
    return signed_in(make_user(is_staff=True, is_superuser=True))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def clerk(*permissions: str) -> Client:
    """Staff who may do this and nothing else."""
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(person)


def things() -> dict[str, Any]:
    """One of each that somebody has."""
    by = Api(make_user(balance=10))
    [image] = made(by)
    album = Album.objects.create(user=by.user, name="Lighthouses")
    albums.add(album.pk, Image.objects.filter(pk=image.pk))
    endpoint = endpoints.create(by.user, ADDRESS, "my own server")
    endpoints.rotate(endpoint)
    delivery = endpoints.test(endpoint)
    for number in (1, 2):
        tried = {"status": 503, "error": f"503 at try {number}", "answer": "lantern", "seconds": 0.5}
        DeliveryTry.objects.create(delivery=delivery, number=number, **tried)
    export = Export.objects.create(user=by.user, total=3, done=1, size=2_000_000, key="exports/where-it-lies.zip")
    return {
        "endpoint": endpoint,
        "album": album,
        "share": sharing.create(by.user, album=album.pk),
        "export": export,
        "report": Report.objects.create(user=make_user(), image=image, reason=Report.Reason.OTHER),
        "delivery": delivery,
    }


def of_list(name: str) -> str:
    return reverse(f"admin:generations_{name}_changelist")


def of_one(name: str, thing: Any, act: str = "change") -> str:
    return reverse(f"admin:generations_{name}_{act}", args=[thing.pk])


@pytest.mark.parametrize("name", PAGES)
def test_staff_see_what_they_may_see_and_no_more(admin: Client, name: str) -> None:
    thing = things()[name]
    for address in (of_list(name), of_one(name, thing)):
        assert clerk(f"view_{name}").get(address).status_code == 200
        assert clerk(*(f"view_{other}" for other in PAGES if other != name)).get(address).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_no_secret_is_shown(admin: Client, name: str) -> None:
    known = things()
    known["endpoint"].refresh_from_db()
    hidden = ["T0KEN", "lantern", known["endpoint"].secret, known["endpoint"].earlier_secret]
    hidden += [known["export"].key, sharing.token_of(known["share"])]
    for address in (of_list(name), of_one(name, known[name])):
        text = admin.get(address).content.decode()
        assert str(known[name].user) in text
        assert [secret for secret in hidden if secret in text] == []


@pytest.mark.parametrize("name", PAGES)
def test_not_even_a_superuser_writes_them(admin: Client, name: str) -> None:
    thing = things()[name]
    same = type(thing)._default_manager.filter(db.Q(pk=thing.pk))
    before = list(same.values())
    for act, form in (("change", {"name": "mine", "user": 1, "_save": "Save"}), ("delete", {"post": "yes"})):
        assert admin.post(of_one(name, thing, act), form).status_code == 403
    admin.post(of_list(name), {"action": "delete_selected", "_selected_action": [thing.pk], "post": "yes"})
    assert list(same.values()) == before


@pytest.mark.parametrize("name", PAGES)
def test_a_list_takes_as_many_statements_however_long_it_is(admin: Client, name: str) -> None:
    counts = []
    for _ in range(2):
        things()
        things()
        admin.get(of_list(name))
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(of_list(name)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_album_says_how_much_is_in_it(admin: Client) -> None:
    full = things()["album"]
    Album.objects.create(user=full.user, name="Nothing yet")
    text = admin.get(of_list("album"), {"q": "Lighthouses"}).content.decode()
    assert '<td class="field-pictures">1</td>' in text
    assert "Nothing yet" not in text
    assert '<td class="field-pictures">0</td>' in admin.get(of_list("album"), {"q": "Nothing"}).content.decode()


def test_an_archive_says_how_far_it_is(admin: Client) -> None:
    text = admin.get(of_one("export", things()["export"])).content.decode()
    assert "1 / 3" in text
    assert "1.9\xa0MB" in text


def test_the_tries_of_a_message_are_told_to_those_who_may_see_them(admin: Client) -> None:
    delivery: Delivery = things()["delivery"]
    address = of_one("delivery", delivery)
    text = admin.get(address).content.decode()
    assert "503 at try 1" in text
    assert "503 at try 2" in text
    assert "503 at try 1" not in clerk("view_delivery").get(address).content.decode()
    assert "503 at try 1" in clerk("view_delivery", "view_deliverytry").get(address).content.decode()


def test_a_message_takes_as_many_statements_however_often_it_was_tried(admin: Client) -> None:
    delivery: Delivery = things()["delivery"]
    counts = []
    for number in (3, 4):
        DeliveryTry.objects.create(delivery=delivery, number=number, seconds=1)
        admin.get(of_one("delivery", delivery))
        with CaptureQueriesContext(connection) as asked:
            admin.get(of_one("delivery", delivery))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_whoever_may_only_look_at_shares_ends_none(admin: Client) -> None:
    share = things()["share"]
    picked = {"action": "end", "_selected_action": [share.pk], **CONFIRMED}
    clerk("view_share").post(of_list("share"), picked)
    assert not Share.objects.get().ended_at
    answer = clerk("view_share", "change_share").post(of_list("share"), picked, follow=True)
    assert "Done to 1." in answer.content.decode()
    assert Share.objects.get().ended_at
    assert Client().get(reverse("shared", args=[sharing.token_of(share)])).status_code == 404
