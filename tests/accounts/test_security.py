"""Sign-in and security: second factors, passkeys and sessions, on pages."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import allauth
import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import changes, devices, enrolment, letters
from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a lantern on still water"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGES = ["mfa_index", "mfa_list_webauthn", "usersessions_list"]
GUARDED = ["mfa_activate_totp", "mfa_add_webauthn"]


@pytest.fixture
def alice() -> User:
    return enrolment.add("alice@example.com", PASSWORD)


@pytest.fixture
def browser(alice: User) -> Client:
    return signed_in(alice)


def signed_in(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:500]
    text: str = response.content.decode()
    return text


def code_of(secret: str) -> str:
    now = int(time.time()) // 30
    return str(totp.format_hotp_value(totp.hotp_value(secret, now)))


def turn_on(browser: Client) -> str:
    """The authenticator app; what its codes are made of."""
    asked = browser.get(reverse("mfa_activate_totp"))
    secret: str = asked.context["form"].secret
    assert secret in page(asked)
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def test_nobody_signs_in_past_the_proxies(alice: User, client: Client, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    sent, address = {"login": alice.email, "password": PASSWORD}, reverse("account_login")
    assert client.post(address, sent, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    through = client.post(address, sent, headers={"X-Forwarded-For": "203.0.113.9, 10.0.0.1"})
    assert through.status_code == 302


@pytest.mark.parametrize("name", [*PAGES, *GUARDED])
def test_strangers_are_sent_to_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", [*PAGES, *GUARDED])
def test_every_page_is_one_of_ours(browser: Client, name: str) -> None:
    assert "account-nav" in page(browser.get(reverse(name)))


@pytest.mark.parametrize("name", GUARDED)
def test_what_changes_how_one_signs_in_asks_for_the_password_again(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    asked = client.get(reverse(name))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert "Your password again" in page(client.get(asked["Location"]))


def test_the_authenticator_app_is_turned_on_used_and_turned_off(browser: Client, alice: User) -> None:
    assert 'src="data:image/svg+xml;base64,' in page(browser.get(reverse("mfa_activate_totp")))
    assert "aria-invalid" in page(browser.post(reverse("mfa_activate_totp"), {"code": "000000"}))
    turn_on(browser)
    shown = page(browser.get(reverse("mfa_index")))
    assert "10 left" in shown
    assert reverse("mfa_deactivate_totp") in shown
    assert "Leave it on" in page(browser.get(reverse("mfa_deactivate_totp")))
    browser.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=alice).exists()


def test_recovery_codes_are_shown_downloaded_and_replaced(browser: Client) -> None:
    turn_on(browser)
    codes = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    shown = page(browser.get(reverse("mfa_view_recovery_codes")))
    file = browser.get(reverse("mfa_download_recovery_codes"))
    assert all(code in shown and code in page(file) for code in codes)
    assert "attachment" in file["Content-Disposition"]
    assert "10 that are left stop working" in page(browser.get(reverse("mfa_generate_recovery_codes")))
    browser.post(reverse("mfa_generate_recovery_codes"))
    assert not set(codes) & set(browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"])


def test_codes_are_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get(reverse("mfa_activate_totp"))["Cache-Control"]
    turn_on(browser)
    for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        assert "no-store" in browser.get(reverse(name))["Cache-Control"]


def test_a_code_proves_who_one_is_instead_of_the_password(browser: Client, alice: User) -> None:
    secret = turn_on(browser)
    assert reverse("mfa_reauthenticate") in page(browser.get(reverse("account_reauthenticate")))
    with time_machine.travel(time.time() + 3600):
        again = browser.get(reverse("mfa_deactivate_totp"))
        assert again["Location"].startswith(reverse("account_reauthenticate"))
        browser.post(reverse("mfa_reauthenticate"), {"code": code_of(secret)})
        assert "Leave it on" in page(browser.get(reverse("mfa_deactivate_totp")))


@pytest.mark.parametrize("sent", ["", "{}", "[]", "null", "7", '"x"', "{", json.dumps({"response": {"userHandle": 7}})])
@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_add_webauthn"])
def test_a_passkey_that_is_none_is_refused(browser: Client, alice: User, name: str, sent: str) -> None:
    caller = Client() if name == "mfa_login_webauthn" else browser
    caller.get(reverse(name), headers={"Accept": "application/json"})
    assert caller.post(reverse(name), {"credential": sent}).status_code in {200, 302}
    assert not Authenticator.objects.exists()


def test_one_session_is_ended_from_another(browser: Client, alice: User) -> None:
    other = signed_in(alice, "curl/8.14")
    listed = page(browser.get(reverse("usersessions_list")))
    assert "Firefox on Linux" in listed
    assert "curl/8.14" in listed
    away = UserSession.objects.get(user_agent__startswith="curl")
    assert browser.post(reverse("session_end", args=[away.pk]))["Location"] == reverse("usersessions_list")
    assert other.get(reverse("account")).status_code == 302
    assert browser.get(reverse("account")).status_code == 200


def test_all_other_sessions_are_ended_at_once(browser: Client, alice: User) -> None:
    others = [signed_in(alice) for _ in range(2)]
    browser.post(reverse("usersessions_list"))
    assert [other.get(reverse("account")).status_code for other in others] == [302, 302]
    assert browser.get(reverse("account")).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(browser: Client) -> None:
    bob = enrolment.add("bob@example.com", PASSWORD)
    other = signed_in(bob)
    theirs = UserSession.objects.get(user=bob)
    assert browser.post(reverse("session_end", args=[theirs.pk])).status_code == 404
    assert browser.get(reverse("session_end", args=[theirs.pk])).status_code == 405
    assert other.get(reverse("account")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/141.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.14 more", "curl/8.14"),
        ("", "Unknown device"),
    ],
)
def test_devices_are_called_what_people_call_them(agent: str, name: str) -> None:
    assert devices.device_name(agent) == name


def test_what_changes_in_how_one_signs_in_is_mailed(
    alice: User,
    browser: Client,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    passwords = {"oldpassword": PASSWORD, **dict.fromkeys(["password1", "password2"], "a tide at noon")}
    with django_capture_on_commit_callbacks(execute=True):
        page(browser.post(reverse("account_change_password"), passwords), 302)
        secret = turn_on(browser)
        EmailAddress.objects.create(user=alice, email="new@example.com", verified=True)
        browser.post(reverse("account_email"), {"email": "new@example.com", "action_primary": ""})
    told = [mail for mail in mailoutbox if mail.subject == "Atelier · How you sign in was changed"]
    assert [mail.to for mail in told] == [["alice@example.com"]] * len(told), "the one that was theirs until then"
    said = [str(mail.body) for mail in told]
    assert "Your password was changed." in said[0]
    assert any("An authenticator app was added" in text for text in said)
    moved = "You sign in with new@example.com from now on, no more with alice@example.com."
    assert sum(moved in text for text in said) == 1
    for text in said:
        assert "with Firefox on Linux. The request came from 127.0.0.1." in text
        assert secret not in text
        assert f"{settings.PUBLIC_BASE_URL}{reverse('account_reset_password')}" in text


def test_a_change_stands_where_no_mail_goes(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(letters, "send_mail", away)
    answer = browser.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, **dict.fromkeys(["password1", "password2"], "a tide at noon")},
    )
    assert answer.status_code == 302
    assert User.objects.get(email="alice@example.com").check_password("a tide at noon")


def test_everything_that_allauth_would_tell_is_said() -> None:
    """Whatever it mails of itself has a text of ours."""
    sources = (path.read_text(encoding="utf-8") for path in Path(allauth.__file__).parent.rglob("*.py"))
    told = {name for source in sources for name in re.findall(r'send_notification_mail\(\s*"[a-z/]+/(\w+)"', source)}
    assert told == set(changes.SAID)
