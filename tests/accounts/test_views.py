"""The pages of an account: who sees them, and what they do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import keys, ledger
from accounts.forms import ProfileForm
from accounts.models import ApiKey, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a lantern on still water"
PAGES = ["account", "keys", "credits"]


@pytest.fixture
def alice() -> User:
    return make_user(balance=100, name="Alice Moreau")


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:500]
    text: str = response.content.decode()
    return text


def mailed_path() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.mark.parametrize("name", PAGES)
def test_strangers_to_the_studio_are_sent_to_sign_in(client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_account_opens(browser: Client, name: str) -> None:
    text = page(browser.get(reverse(name)))
    assert 'aria-current="page"' in text
    assert "100" in text


def test_signing_up_ends_in_the_studio_once_the_mailed_link_was_opened(client: Client) -> None:
    response = client.post(reverse("account_signup"), {"email": "New@example.com", "password1": PASSWORD})
    assert response["Location"] == reverse("account_email_verification_sent")
    assert "Check your mail" in page(client.get(response["Location"]))
    assert mail.outbox[0].to == ["new@example.com"]
    assert "Is this you?" in page(client.get(mailed_path()))
    response = client.post(mailed_path())
    assert response["Location"] == reverse("create")
    assert User.objects.get(email="new@example.com").wallet.posted >= 0


def test_an_unverified_account_cannot_sign_in(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})
    client.post(reverse("account_login"), {"login": "new@example.com", "password": PASSWORD})
    assert client.get(reverse("create")).status_code == 302


def test_a_weak_password_is_refused_beside_its_field(client: Client) -> None:
    response = client.post(reverse("account_signup"), {"email": "new@example.com", "password1": "12345678"})
    assert 'aria-invalid="true"' in page(response)
    assert not User.objects.exists()


def test_a_taken_address_is_not_given_away(client: Client, alice: User) -> None:
    response = client.post(reverse("account_signup"), {"email": alice.email, "password1": PASSWORD})
    assert response["Location"] == reverse("account_email_verification_sent")
    assert "has one already" in str(mail.outbox[0].body)


def test_a_forgotten_password_is_replaced_by_a_mailed_link(client: Client, alice: User) -> None:
    response = client.post(reverse("account_reset_password"), {"email": alice.email})
    assert "on its way" in page(client.get(response["Location"]))
    mailed = mailed_path()
    response = client.get(mailed, follow=True)
    assert "Choose a password" in page(response)
    path = response.redirect_chain[-1][0]
    client.post(path, {"password1": PASSWORD, "password2": PASSWORD})
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert "no longer works" in page(client.get(mailed, follow=True))
    assert "Your password was changed." in str(mail.outbox[-1].body)


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
)
def test_the_ways_in_are_pages_of_ours(client: Client, name: str) -> None:
    assert 'class="entrance"' in page(client.get(reverse(name)))


def test_signing_out_takes_a_button(browser: Client) -> None:
    assert "Sign out" in page(browser.get(reverse("account_logout")))
    assert browser.post(reverse("account_logout"))["Location"] == reverse("home")
    assert browser.get(reverse("create")).status_code == 302


@pytest.mark.parametrize("name", ["account_email", "account_change_password"])
def test_address_and_password_can_be_changed(browser: Client, name: str) -> None:
    assert "account-nav" in page(browser.get(reverse(name)))


def test_the_name_is_changed(browser: Client, alice: User) -> None:
    assert browser.post(reverse("account"), {"name": "A. Moreau"})["Location"] == reverse("account")
    alice.refresh_from_db()
    assert alice.name == "A. Moreau"


def test_consent_to_successors_is_given_and_taken_back_on_the_profile_page(browser: Client, alice: User) -> None:
    for consents in (True, False):
        browser.post(reverse("account"), {"name": "Alice", "accepts_successors": "on"} if consents else {"name": "A."})
        alice.refresh_from_db()
        assert alice.accepts_successors is consents
        assert ("checked" in page(browser.get(reverse("account")))) is consents
        assert browser.get("/api/v1/me").json()["accepts_successors"] is consents


def test_a_name_that_is_too_long_is_refused(browser: Client, alice: User) -> None:
    page(browser.post(reverse("account"), {"name": "x" * 81}), 422)
    alice.refresh_from_db()
    assert alice.name == "Alice Moreau"


def test_a_new_key_is_shown_once(browser: Client, alice: User) -> None:
    response = browser.post(
        reverse("keys"), {"name": "laptop", "lives": "30", "scopes": ["images:read"], "budget_day": "20"}
    )
    found = re.search(r"atl_\w+_\w{40}_\w+", page(response))
    assert found
    key = keys.find(found[0])
    assert key is not None
    assert key.user == alice
    assert key.expires
    assert (key.scopes, key.budgets) == (["images:read"], {"day": 20})
    assert "20 of 20 today" in page(response)
    assert "no-store" in response["Cache-Control"]
    again = page(browser.get(reverse("keys")))
    assert found[0] not in again
    assert key.prefix in again


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a", "lives": "7000"},
        {"name": "a", "scopes": "everything"},
        {"name": "a", "budget_day": "-1"},
        {"name": "a", "budget_total": str(2**63)},
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(browser: Client, sent: dict[str, str]) -> None:
    page(browser.post(reverse("keys"), {"scopes": ["images:read"], **sent}), 422)
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_by_its_owner_only(browser: Client, alice: User) -> None:
    own, _ = keys.create(alice, "own")
    foreign, _ = keys.create(make_user(), "foreign")
    assert browser.post(reverse("key_revoke", args=[foreign.pk])).status_code == 404
    assert browser.post(reverse("key_revoke", args=[own.pk])).status_code == 302
    assert browser.get(reverse("key_revoke", args=[own.pk])).status_code == 405
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.usable, foreign.usable) == (False, True)


def test_a_key_is_renamed_by_its_owner_only(browser: Client, alice: User) -> None:
    own, _ = keys.create(alice, "own")
    foreign, _ = keys.create(make_user(), "foreign")
    assert browser.post(reverse("key_rename", args=[foreign.pk]), {"name": "mine"}).status_code == 404
    for name in ("", "x" * 81):
        answer = browser.post(reverse("key_rename", args=[own.pk]), {"name": name}, follow=True)
        assert "1 to 80 characters" in page(answer)
    browser.post(reverse("key_rename", args=[own.pk]), {"name": "workshop"})
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.name, foreign.name) == ("workshop", "foreign")
    keys.revoke(own)
    assert browser.post(reverse("key_rename", args=[own.pk]), {"name": "again"}).status_code == 404


def test_a_page_makes_no_more_keys_than_anybody_may_have(
    browser: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST", 1)
    keys.create(alice, "own")
    answer = browser.post(reverse("keys"), {"name": "laptop", "scopes": ["images:read"]})
    assert "Revoke one first" in page(answer, 422)
    assert alice.api_keys.count() == 1


def test_keys_take_few_queries(
    browser: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        keys.create(alice, str(number))
    with django_assert_max_num_queries(4):
        browser.get(reverse("keys"))


def test_every_entry_comes_as_csv_and_none_as_a_formula(browser: Client, alice: User) -> None:
    ledger.grant(alice, 7, key="grant:formula", reason="=1+1")
    ledger.grant(make_user(), 9, key="grant:other", reason="somebody else's")
    answer: Any = browser.get(reverse("credits_csv"))
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["kind"], row["amount"], row["left_to_spend"]) for row in rows] == [
        ("grant", "7", "107"),
        ("grant", "100", "100"),
    ]
    assert [row["reason"] for row in rows] == ["'=1+1", "test"]
    assert "attachment" in answer["Content-Disposition"]
    assert Client().get(reverse("credits_csv"))["Location"].startswith(reverse("account_login"))


def mailbox(folder: Path, settings: Settings) -> None:
    settings.MAILBOX = folder
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = folder


def test_the_mailbox_shows_what_was_not_sent(client: Client, tmp_path: Path, settings: Settings) -> None:
    mailbox(tmp_path, settings)
    assert "No mail yet" in page(client.get(reverse("mailbox")))
    client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})
    text = page(client.get(reverse("mailbox")))
    assert "Confirm your address" in text
    assert re.search(r'<a href="http://testserver/account/confirm-email/[^"]+"', text)


def test_mails_are_dated_in_the_visitors_time(client: Client, tmp_path: Path, settings: Settings) -> None:
    mailbox(tmp_path, settings)
    with time_machine.travel(dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC), tick=False):
        client.post(reverse("account_signup"), {"email": "new@example.com", "password1": PASSWORD})
    assert "2026-03-04T23:30:00+00:00" in page(client.get(reverse("mailbox")))
    client.cookies["zone"] = "Asia%2FTokyo"
    assert "2026-03-05T08:30:00+09:00" in page(client.get(reverse("mailbox")))


def test_the_api_speaks_utc_to_browsers_too(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.cookies["zone"] = "Asia%2FTokyo"
    assert client.get("/api/v1/me").json()["created"].endswith("Z")


def test_a_profile_that_lay_open_changes_what_it_asks_for_alone(client: Client, alice: User) -> None:
    form = ProfileForm({"name": "Alice B."}, instance=User.objects.get(pk=alice.pk))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert form.is_valid()
    form.save()
    alice.refresh_from_db()
    assert (alice.name, alice.is_active) == ("Alice B.", False)


@pytest.mark.parametrize(
    "caller", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"REMOTE_ADDR": "nonsense"}]
)
def test_the_mailbox_is_for_this_machine_only(
    client: Client, tmp_path: Path, settings: Settings, caller: dict[str, str]
) -> None:
    mailbox(tmp_path, settings)
    assert client.get(reverse("mailbox"), **caller).status_code == 404  # type: ignore[arg-type]


def test_there_is_no_mailbox_where_mail_is_sent(client: Client, settings: Settings) -> None:
    settings.MAILBOX = None
    assert client.get(reverse("mailbox")).status_code == 404


def test_an_unknown_address_is_a_page_of_ours(client: Client) -> None:
    assert "There is nothing at this address" in page(client.get("/nothing"), 404)
