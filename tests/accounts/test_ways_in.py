"""How people sign in, in the admin: nothing that opens anything is shown, and what is taken away is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import Act, User
from tests.administration import CONFIRMED, REASON, admin
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SECRET = "what-it-is-made-of"
KINDS = ["account_emailaddress", "mfa_authenticator", "usersessions_usersession"]


def factor(user: User) -> Authenticator:
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": SECRET})


def signed_in(user: User) -> tuple[Client, UserSession]:
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    known = {"ip": "203.0.113.9", "user_agent": "Firefox", "session_key": key}
    return client, UserSession.objects.create(user=user, **known)


def press(client: Client, kind: str, row: Any, action: str = "end") -> Any:
    sent = {"action": action, "_selected_action": row.pk, **CONFIRMED}
    return client.post(reverse(f"admin:{kind}_changelist"), sent)


def test_neither_sessions_nor_second_factors_show_what_they_are_made_of() -> None:
    person = make_user()
    _, session = signed_in(person)
    rows = {"mfa_authenticator": factor(person), "usersessions_usersession": session}
    _, client = admin()
    for kind, row in rows.items():
        for page in (reverse(f"admin:{kind}_change", args=[row.pk]), reverse(f"admin:{kind}_changelist") + "?q=user"):
            shown = client.get(page)
            assert shown.status_code == 200, page
            text = shown.content.decode()
            assert person.email in text
            assert SECRET not in text
            assert session.session_key not in text


def test_before_one_is_taken_away_it_is_said_whose_it_is() -> None:
    person = make_user()
    _, client = admin()
    chosen = {"action": "end", "_selected_action": factor(person).pk}
    look = client.post(reverse("admin:mfa_authenticator_changelist"), chosen)
    assert f"TOTP Authenticator · {person.email}" in look.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_writes_them_by_a_form(kind: str) -> None:
    _, client = admin()
    assert client.get(reverse(f"admin:{kind}_add")).status_code == 403
    assert Client().get(reverse(f"admin:{kind}_changelist")).status_code == 302


def test_whoever_may_only_look_takes_nothing_away() -> None:
    person = make_user()
    browser, session = signed_in(person)
    address = EmailAddress.objects.create(user=person, email="new@example.com")
    _, looker = admin("view_usersession", "view_authenticator", "view_emailaddress")
    for kind, row, action in zip(KINDS, (address, factor(person), session), ("verify", "end", "end"), strict=True):
        press(looker, kind, row, action)
    address.refresh_from_db()
    assert not address.verified
    assert Authenticator.objects.exists()
    assert browser.get("/account/").status_code == 200
    assert not Act.objects.exists()


def test_a_session_is_ended_at_once() -> None:
    person = make_user()
    browser, session = signed_in(person)
    boss, client = admin("view_usersession", "change_usersession")
    press(client, "usersessions_usersession", session)
    assert browser.get("/account/").status_code == 302
    act = Act.objects.get()
    assert (act.verb, act.actor, act.subject, act.reason, act.target) == (
        "end session",
        boss,
        person,
        REASON,
        str(session.pk),
    )


def test_a_lost_second_factor_is_removed_but_no_superusers() -> None:
    person, above = make_user(), make_user(is_superuser=True)
    _, client = admin("view_authenticator", "change_authenticator")
    for user in (person, above):
        press(client, "mfa_authenticator", factor(user))
    assert [left.user for left in Authenticator.objects.all()] == [above]
    assert Act.objects.get().subject == person


def test_an_address_is_taken_as_proven_once_and_not_against_anothers() -> None:
    person = make_user()
    EmailAddress.objects.create(user=make_user(), email="taken@example.com", verified=True)
    _, client = admin()
    for email in ("new@example.com", "taken@example.com"):
        address = EmailAddress.objects.create(user=person, email=email)
        for _again in range(2):
            press(client, "account_emailaddress", address, "verify")
    assert [one.email for one in EmailAddress.objects.filter(user=person, verified=True)] == ["new@example.com"]
    assert Act.objects.get().verb == "verify address"
