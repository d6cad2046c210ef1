"""Where an issuer alone says who people are, nothing else lets anybody in but admins."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts import enrolment
from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a lantern on still water"
AUTH = "/api/auth/app/v1/auth"


@pytest.fixture(autouse=True)
def alone(settings: Settings) -> None:
    settings.OIDC_ONLY = True


def by_password(user: User) -> Client:
    client = Client()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def program(path: str, **body: Any) -> int:
    return Client().post(f"{AUTH}/{path}", json.dumps(body), "application/json").status_code


def test_a_password_opens_the_accounts_of_admins_alone() -> None:
    alice, boss = enrolment.add("alice@example.com", PASSWORD), enrolment.add("boss@example.com", PASSWORD, admin=True)
    person = by_password(alice)
    assert not is_in(person)
    assert [str(message) for message in get_messages(person.get(reverse("account_login")).wsgi_request)]
    assert is_in(by_password(boss))
    assert program("login", email=alice.email, password=PASSWORD) == 401
    assert program("login", email=boss.email, password=PASSWORD) == 200


def test_nobody_makes_an_account_by_an_address() -> None:
    client = Client()
    assert b"No new accounts" in client.get(reverse("account_signup")).content
    client.post(reverse("account_signup"), {"email": "eve@example.com", "password1": PASSWORD})
    assert program("signup", email="eve@example.com", password=PASSWORD) == 403
    assert not User.objects.filter(email="eve@example.com").exists()


def test_the_form_is_there_for_those_who_ask_for_it() -> None:
    client, page = Client(), reverse("account_login")
    assert b'name="password"' not in client.get(page).content
    assert b"?password" in client.get(page).content
    assert b'name="password"' in client.get(f"{page}?password").content
    assert b'name="password"' in client.post(page, {"login": "x@example.com", "password": "wrong"}).content
