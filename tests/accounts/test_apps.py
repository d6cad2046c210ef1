"""Signing in from an app: all that people do on pages, over JSON, with a session token instead of a cookie."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from typing import Any

import pytest
import time_machine
import yaml
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts import enrolment
from accounts.models import User
from config.env import BASE_DIR
from generations.models import Generation
from tests.factories import make_catalogue

pytestmark = pytest.mark.django_db
AUTH, ACCOUNT, ME = "/api/auth/app/v1/auth", "/api/auth/app/v1/account", "/api/v1/me"
PASSWORD = "a lantern on still water"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}


class App:
    """A native client: it keeps the session token that it is given, and no cookie."""

    def __init__(self) -> None:
        self.token = ""

    def send(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-Session-Token": self.token} if self.token else {}
        client = Client(enforce_csrf_checks=True)
        sent = "" if body is None else json.dumps(body)
        response = client.generic(method, path, sent, "application/json", headers=headers)
        assert not response.cookies
        if path.startswith("/api/auth/"):
            self.token = response.json().get("meta", {}).get("session_token") or self.token
        return response

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        return self.send("POST", f"{AUTH}/login", {"email": email, "password": password})

    def does(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        response = self.send(method, path, body)
        assert response.status_code == status, response.content
        return response.json()


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def alice() -> User:
    return enrolment.add("alice@example.com", PASSWORD)


def mailed_key() -> str:
    """The last part of the link in the newest mail."""
    found = re.search(r"http://testserver/account/\S+/([^/\s]+)/", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def pending(response: Any) -> list[str]:
    assert response.status_code == 401, response.content
    return [flow["id"] for flow in response.json()["data"]["flows"] if flow.get("is_pending")]


def test_the_whole_way_of_a_new_person(app: App, settings: Settings) -> None:
    settings.WELCOME_CREDITS = 50
    make_catalogue()
    signed_up = app.send("POST", f"{AUTH}/signup", {"email": "new@example.com", "password": PASSWORD})
    assert pending(signed_up) == ["verify_email"]
    assert app.send("GET", ME).status_code == 401, "the address is not proven yet"
    app.does("POST", f"{AUTH}/email/verify", {"key": mailed_key()})
    me = app.send("GET", ME)
    assert (me.status_code, me.json()["credits"]["spendable"]) == (200, 50)
    made = app.send("POST", "/api/v1/generations", ORDER)
    assert (made.status_code, Generation.objects.get().user.email) == (202, "new@example.com")
    token = app.token
    assert app.send("DELETE", f"{AUTH}/session").status_code == 401, "which says that nobody is signed in any more"
    app.token = token
    ended = app.send("GET", ME)
    assert (ended.status_code, ended.json()["code"], ended["WWW-Authenticate"]) == (401, "invalid_session", "Bearer")


def test_an_app_may_do_everything_its_person_may(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    assert app.does("POST", "/api/v1/keys", {"name": "made in an app"}, 201)["key"]


@pytest.mark.parametrize("token", ["nonsense", "x" * 32, "é"])
def test_a_token_that_is_none_is_refused(app: App, token: str) -> None:
    app.token = token.encode().decode("latin-1")
    refused = app.send("GET", ME)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_session")


def test_leaving_takes_a_proof_and_the_address(app: App, alice: User) -> None:
    leave = f"{ME}/leave"
    app.sign_in(alice.email)
    refused = app.does("POST", leave, {"email": alice.email}, 403)
    assert refused["code"] == "reauthentication_required"
    app.does("POST", f"{AUTH}/reauthenticate", {"password": PASSWORD})
    wrong = app.does("POST", leave, {"email": "bob@example.com"}, 400)
    assert [error["pointer"] for error in wrong["errors"]] == ["#/email"]
    left = app.send("POST", leave, {"email": alice.email.upper()})
    alice.refresh_from_db()
    kept_until = dt.datetime.fromisoformat(left.json()["kept_until"])
    assert (left.status_code, kept_until, alice.is_active) == (202, alice.leaves_at, False)
    assert app.send("GET", ME).status_code == 401
    app.sign_in(alice.email)
    assert app.send("GET", ME).status_code == 401


def test_where_no_time_is_given_leaving_is_for_good(app: App, alice: User, settings: Settings) -> None:
    settings.DELETION_GRACE_DAYS = 0
    app.sign_in(alice.email)
    app.does("POST", f"{AUTH}/reauthenticate", {"password": PASSWORD})
    left = app.send("POST", f"{ME}/leave", {"email": alice.email})
    assert (left.status_code, left.content) == (204, b"")
    assert not User.objects.filter(email="alice@example.com").exists()


def test_a_key_deletes_no_account_and_an_admin_stays(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    key = app.does("POST", "/api/v1/keys", {"name": "in a script"}, 201)["key"]
    app.does("POST", f"{AUTH}/reauthenticate", {"password": PASSWORD})
    headers = {"Authorization": f"Bearer {key}"}
    sent = Client().post(f"{ME}/leave", {"email": alice.email}, "application/json", headers=headers)
    assert (sent.status_code, sent.json()["code"]) == (403, "reauthentication_required")
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert app.does("POST", f"{ME}/leave", {"email": alice.email}, 409)["code"] == "admin_stays"


def test_somebody_who_was_deactivated_is_signed_out(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert app.send("GET", ME).status_code == 401


def test_a_changed_password_ends_every_other_session(app: App, alice: User) -> None:
    other = App()
    other.sign_in(alice.email)
    app.sign_in(alice.email)
    app.does("POST", f"{ACCOUNT}/password/change", {"current_password": PASSWORD, "new_password": f"{PASSWORD} again"})
    assert other.send("GET", ME).status_code == 401
    assert app.send("GET", ME).status_code == 200


def test_a_forgotten_password_is_set_anew_by_a_mailed_key(app: App, alice: User) -> None:
    app.does("POST", f"{AUTH}/password/request", {"email": alice.email})
    new = f"{PASSWORD} again"
    app.send("POST", f"{AUTH}/password/reset", {"key": mailed_key(), "password": new})
    assert App().sign_in(alice.email, PASSWORD).status_code == 400
    assert App().sign_in(alice.email, new).status_code == 200


def test_nobody_learns_who_has_an_account(app: App, alice: User) -> None:
    known = app.send("POST", f"{AUTH}/signup", {"email": alice.email, "password": PASSWORD})
    unknown = App().send("POST", f"{AUTH}/signup", {"email": "nobody@example.com", "password": PASSWORD})
    assert pending(known) == pending(unknown) == ["verify_email"]
    wrong = [App().sign_in(email, "wrong") for email in (alice.email, "stranger@example.com")]
    assert [one.status_code for one in wrong] == [400, 400]
    assert wrong[0].json() == wrong[1].json()
    asked = [App().send("POST", f"{AUTH}/password/request", {"email": e}) for e in (alice.email, "eve@example.com")]
    assert [one.status_code for one in asked] == [200, 200]


def test_passwords_are_not_tried_without_end(alice: User) -> None:
    tries = [App().sign_in(alice.email, f"wrong {number}").status_code for number in range(6)]
    assert tries[0] == 400
    assert App().sign_in(alice.email).status_code != 200, "not even the right one, for a while"


def test_sessions_are_listed_and_ended_by_whose_they_are(app: App, alice: User) -> None:
    phone, eve = App(), App()
    app.sign_in(alice.email)
    phone.sign_in(alice.email)
    eve.sign_in(enrolment.add("eve@example.com", PASSWORD).email)
    listed = app.does("GET", f"{AUTH}/sessions")["data"]
    assert len(listed) == 2
    [hers] = [one["id"] for one in listed if not one["is_current"]]
    assert eve.send("DELETE", f"{AUTH}/sessions", {"sessions": [hers]}).status_code == 400
    assert phone.send("GET", ME).status_code == 200
    app.does("DELETE", f"{AUTH}/sessions", {"sessions": [hers]})
    assert phone.send("GET", ME).status_code == 401
    assert eve.send("GET", ME).status_code == 200


def code_of(secret: str) -> str:
    _before, now, _after = totp.yield_hotp_counters_from_time()  # at any other a code may run out before it is sent
    return str(totp.format_hotp_value(totp.hotp_value(secret, now)))


def enrol(app: App) -> str:
    """Switch the second factor on, which asks for the password again; the secret that codes are made of."""
    app.does("POST", f"{AUTH}/reauthenticate", {"password": PASSWORD})
    offered = app.send("GET", f"{ACCOUNT}/authenticators/totp")
    assert offered.status_code == 404, "there is none yet"
    secret: str = offered.json()["meta"]["secret"]
    app.does("POST", f"{ACCOUNT}/authenticators/totp", {"code": code_of(secret)})
    return secret


def test_a_second_factor_stands_between_the_password_and_the_account(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    secret = enrol(app)
    later = App()
    assert pending(later.sign_in(alice.email)) == ["mfa_authenticate"]
    assert later.send("GET", ME).status_code == 401
    assert later.send("POST", f"{AUTH}/2fa/authenticate", {"code": "000000"}).status_code == 400
    with time_machine.travel(time.time() + 60):
        later.does("POST", f"{AUTH}/2fa/authenticate", {"code": code_of(secret)})
        assert later.send("GET", ME).status_code == 200


def test_a_recovery_code_opens_once(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    enrol(app)
    codes = app.does("GET", f"{ACCOUNT}/authenticators/recovery-codes")["data"]["unused_codes"]
    statuses = []
    for _ in range(2):
        again = App()
        again.sign_in(alice.email)
        statuses.append(again.send("POST", f"{AUTH}/2fa/authenticate", {"code": codes[0]}).status_code)
    assert statuses == [200, 400]


def test_what_codes_are_made_of_is_not_in_the_database(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    secret = enrol(app)
    assert secret not in json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def test_pages_ask_for_the_second_factor_too(app: App, alice: User, client: Client) -> None:
    app.sign_in(alice.email)
    secret = enrol(app)
    asked = client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    assert asked["Location"] == reverse("mfa_authenticate")
    page = client.get(asked["Location"]).content.decode()
    assert "entrance-form" in page
    assert "one-time-code" in page
    assert client.get(reverse("account")).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {}).status_code == 200, "and says what is missing"
    with time_machine.travel(time.time() + 60):
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(reverse("account")).status_code == 200
    again = client.get(reverse("mfa_reauthenticate")).content.decode()
    assert "entrance-form" in again


def test_the_library_serves_apps_alone_over_json(client: Client) -> None:
    assert client.get("/api/auth/browser/v1/config").status_code == 404


def test_tokens_are_not_kept_after_they_ended(app: App, alice: User) -> None:
    app.sign_in(alice.email)
    app.send("DELETE", f"{AUTH}/session")
    assert not Session.objects.exists()


@pytest.mark.parametrize("path", ["/api/auth/openapi.json", "/api/auth/openapi.yaml"])
def test_where_apps_sign_in_is_described_for_programs(client: Client, path: str) -> None:
    answer = client.get(path)
    described = yaml.safe_load(answer.content)  # which JSON is, too
    guide = (BASE_DIR / "docs" / "api.md").read_text().partition("## Sign in from an app")[2].partition("\n## ")[0]
    told = set(re.findall(r"`(?:[A-Z, `]*)?(/[a-z0-9/-]+)`", guide)) - {"/api/v1", "/api/auth"}
    assert {f"/api/auth/app/v1{address}" for address in told if address.startswith(("/auth", "/account"))} <= set(
        described["paths"]
    )
    assert {f"{AUTH}/login", f"{ACCOUNT}/authenticators/totp"} <= set(described["paths"])
    assert not [address for address in described["paths"] if "{client}" in address or "/browser/" in address]
    assert "max-age=3600" in answer["Cache-Control"]
    assert client.get("/api/auth/openapi.html").status_code == 404


def test_the_description_of_the_api_leads_there(client: Client) -> None:
    assert "(/api/auth/openapi.json)" in client.get("/api/schema?format=json").json()["info"]["description"]
