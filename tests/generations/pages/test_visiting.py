"""Admins who see the studio as somebody does: what they see, what they cannot do, and who can see that they looked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import keys, ledger
from accounts.models import Act, User
from config.urls import urlpatterns as studio
from generations.models import Album, Image
from tests.administration import CONFIRMED, REASON, admin
from tests.browser import pages
from tests.factories import make_user
from tests.generations.pages.looking import one

pytestmark = pytest.mark.django_db
RIGHTS = ("visit_user", "view_user")


def begun(*rights: str, person: User | None = None) -> tuple[User, User, Client]:
    """An admin, the person whose studio they see, and their browser."""
    person = person or make_user(email="carol@example.com", name="Carol")
    boss, client = admin(*(rights or RIGHTS))
    answer = client.post(reverse("admin:visit", args=[person.pk]), CONFIRMED)
    assert (answer.status_code, answer["Location"]) == (302, "/create")
    return boss, person, client


def test_a_visit_shows_the_persons_pages_with_a_banner_until_it_is_stopped() -> None:
    image = one(make_user(email="carol@example.com", balance=9))
    boss, person, client = begun(person=image.user)
    for address in ("/gallery", f"/i/{image.pk}", "/account/", "/account/credits", "/create"):
        page = client.get(address)
        assert "You see the studio as carol@example.com does" in page.content.decode(), address
        assert page["Cache-Control"] == "private, no-store"
    assert str(image.pk) in client.get("/gallery").content.decode()
    assert client.post(reverse("visit_end")).status_code == 302
    mine = client.get("/gallery").content.decode()
    assert "You see the studio as" not in mine
    assert str(image.pk) not in mine
    last, first = Act.objects.order_by("-id")
    assert (first.verb, first.actor, first.subject, first.reason) == ("visit", boss, person, REASON)
    assert (last.verb, last.actor, last.subject, last.after) == ("end visit", boss, person, {"in time": True})


def test_every_page_is_either_shown_or_refused_and_none_of_those_shown_writes() -> None:
    user = make_user(balance=9)
    image, album = one(user), Album.objects.create(user=user, name="Ferns")
    Image.objects.filter(pk=image.pk).update(published_at=timezone.now())
    things = {"image": str(image.pk), "album": str(album.pk), "generation": str(image.generation_id)}
    _, _, client = begun(person=user)
    seen = set()
    for name, visit in pages.PAGES.items():
        if not all(part in things for part in visit.parts):
            continue
        answer = client.get(reverse(name, args=[things[part] for part in visit.parts]))
        if name in settings.SHOWN_TO_VISITORS:
            assert answer.status_code == (302 if name == "home" else 200), name
            seen.add(name)
        else:
            assert answer.status_code == 403, name
            assert "Not while you look" in answer.content.decode(), name
            assert reverse("visit_end") in answer.content.decode(), name
    assert {"create", "gallery", "image", "album", "account", "credits", "trash", "prompts"} <= seen


@pytest.mark.parametrize(
    "name", ["keys", "webhooks", "data", "mfa_index", "usersessions_list", "account_email", "developers", "admin:index"]
)
def test_secrets_and_ways_to_sign_in_are_not_shown(name: str) -> None:
    person = make_user()
    keys.create(person, "Carol's laptop")
    _, _, client = begun(person=person)
    answer = client.get(reverse(name))
    assert answer.status_code == 403
    assert "laptop" not in answer.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed(method: str) -> None:
    image = one(make_user(balance=9))
    _, _, client = begun(person=image.user)
    for address in (reverse("image_act", args=[image.pk, "star"]), "/create", "/account/", reverse("trash_empty")):
        assert getattr(client, method)(address).status_code == 403, address
    image.refresh_from_db()
    assert not image.starred
    assert Act.objects.count() == 1


def test_a_page_that_would_write_when_it_is_looked_at_is_refused(settings: Settings) -> None:
    _, person, client = begun()
    settings.ROOT_URLCONF = __name__
    settings.SHOWN_TO_VISITORS = {*settings.SHOWN_TO_VISITORS, "writes"}
    assert client.get("/writes").status_code == 403
    person.refresh_from_db()
    assert person.name == "Carol"


def test_a_database_that_is_away_is_said_as_to_anybody() -> None:
    _, _, client = begun()
    client.get("/gallery")

    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        answer = client.get("/gallery")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def writes(request: HttpRequest) -> HttpResponse:
    User.objects.update(name="Mallory")
    return HttpResponse()


urlpatterns = [path("writes", writes, name="writes"), *studio]


def test_programs_addresses_and_streams_know_no_visitor() -> None:
    _, _, client = begun()
    for address in ("/api/v1/me", "/api/v1/generations"):
        assert client.get(address).status_code == 401, address
        assert client.post(address).status_code in {401, 405}, address
    assert client.get("/events").status_code == 401
    _, key = keys.create(make_user(), "script")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_visit_ends_by_itself_and_does_nothing_of_what_was_asked_then() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        boss, _, client = begun()
        ledger.grant(boss, 9, key="grant:1", reason="test")
        own = one(boss)
        clock.shift(dt.timedelta(minutes=15))
        answer = client.post(reverse("image_act", args=[own.pk, "trash"]))
        assert (answer.status_code, answer["Location"]) == (302, "/")
        own.refresh_from_db()
        assert own.trashed_at is None
        assert client.get("/account/").context["user"] == boss
    assert Act.objects.latest("id").after == {"in time": False}


@pytest.mark.parametrize("change", ["staff", "blocked", "right", "demoted"])
def test_a_visit_ends_with_what_allowed_it(change: str) -> None:
    boss, person, client = begun()
    match change:
        case "staff":
            User.objects.filter(pk=person.pk).update(is_staff=True)
        case "blocked":
            User.objects.filter(pk=person.pk).update(is_active=False)
        case "right":
            boss.user_permissions.clear()
        case _:
            User.objects.filter(pk=boss.pk).update(is_staff=False)
    assert client.get("/account/")["Location"] == "/"
    assert client.get("/account/").context["user"] == boss


def test_only_those_with_the_right_visit_and_never_each_other() -> None:
    person = make_user()
    page = reverse("admin:visit", args=[person.pk])
    assert Client().get(page)["Location"].startswith(reverse("admin:login"))
    _, clerk = admin("view_user")
    assert clerk.post(page, CONFIRMED).status_code == 403
    boss, client = admin()
    assert (
        "See the studio as they do"
        in client.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()
    )
    without = client.post(page, {"_confirmed": "1", "_reason": " "})
    assert "This field is required" in without.content.decode()
    for nobody in (boss, make_user(is_staff=True), make_user(is_superuser=True), make_user(is_active=False)):
        assert client.post(reverse("admin:visit", args=[nobody.pk]), CONFIRMED).status_code == 403
    assert client.post(reverse("admin:visit", args=[0]), CONFIRMED).status_code == 404
    assert not Act.objects.exists()


def test_the_person_sees_when_somebody_looked_and_is_signed_in_nowhere_else() -> None:
    person = make_user()
    browser = Client()
    browser.force_login(person)
    page = reverse("usersessions_list")
    assert "Admins who looked" not in browser.get(page).content.decode()
    before = User.objects.get(pk=person.pk).last_login
    boss, _, _ = begun(person=person)
    said = browser.get(page).content.decode()
    assert "Admins who looked" in said
    assert boss.email not in said
    assert User.objects.get(pk=person.pk).last_login == before


def test_forms_from_before_and_from_during_a_visit_are_no_good_afterwards() -> None:
    boss, _ = admin()
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    person = make_user()
    page = reverse("admin:visit", args=[person.pk])
    token = client.get(page).context["csrf_token"]
    assert client.post(page, {**CONFIRMED, "csrfmiddlewaretoken": str(token)}).status_code == 302
    during = client.get("/gallery").context["csrf_token"]
    assert client.post(reverse("visit_end"), {"csrfmiddlewaretoken": str(token)}).status_code == 403
    assert client.post(reverse("visit_end"), {"csrfmiddlewaretoken": str(during)}).status_code == 302
    assert client.post(reverse("trash_empty"), {"csrfmiddlewaretoken": str(during)}).status_code == 403


def test_nobody_else_is_asked_for_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = make_user()
    client = Client()
    client.force_login(user)
    with django_assert_num_queries(2):  # the session and the person
        client.get(reverse("shortcuts"), headers={"HX-Request": "true"})
    with django_assert_num_queries(0):
        client.get(reverse("signed_image", args=["nonsense", "320.webp"]))


def test_who_visits_nobody_stops_nothing() -> None:
    _, client = admin()
    assert client.get(reverse("visit_end")).status_code == 405
    assert client.post(reverse("visit_end")).status_code == 302
    assert not Act.objects.exists()
    assert Client().post(reverse("visit_end"))["Location"].startswith("/account/login")
