"""Leaving with time to come back: what is shut at once, what a mail says, who can come back, and what follows."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.db import IntegrityError
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import blocking, departure, enrolment, keys, ledger
from accounts.models import Act, User
from generations import endpoints, leaving, tasks, telling
from generations.models import Delivery, Generation, Image, Model
from tests.administration import CONFIRMED, admin
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api, made, problem
from tests.generations.steps import advance, balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
PASSWORD = "a lantern on still water"
PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def alice(model: Model) -> User:
    user = enrolment.add("alice@example.com", PASSWORD)
    ledger.grant(user, 100, key="grant:1", reason="welcome")
    return user


def sign_in(user: User) -> tuple[Client, str]:
    """A browser in which they gave their password, and where that took them."""
    client = Client()
    return client, client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})["Location"]


def time_passes(user: User) -> None:
    User.objects.filter(pk=user.pk).update(leaves_at=Now() - dt.timedelta(seconds=1))


def now(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_the_account_is_shut_at_once_and_its_pictures_hidden(alice: User) -> None:
    api = Api(alice)
    [image] = made(api)
    Image.objects.filter(pk=image.pk).publish()
    shared = api.post("/api/v1/shares", {"image": str(image.pk)}).json()["url"].removeprefix("http://testserver")
    browser, _ = sign_in(alice)
    assert leaving.begin(alice)
    assert problem(api.get("/api/v1/me"), 401, "account_leaving")
    assert browser.get(reverse("account")).status_code == 302
    assert Client().get(shared).status_code == 404
    assert str(image.pk) not in Client().get(reverse("explore")).content.decode()
    assert Image.objects.filter(user=alice).existing().exists()


def test_what_is_being_made_is_stopped_and_paid_back_and_nobody_is_told(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    endpoints.create(alice, "https://receiver.example/hook", "")
    queued = make_generation(alice, count=2)
    assert balance(alice)[1] > 0
    leaving.begin(alice)
    queued.refresh_from_db()
    assert queued.status == Generation.Status.CANCELLED
    assert balance(alice) == (100, 0)
    for delivery in Delivery.objects.filter(user=alice):
        telling.tell(delivery.pk)
    assert {(one.state, one.status) for one in Delivery.objects.filter(user=alice)} == {("failed", None)}


def test_a_mail_says_until_when_and_where_to_come_back(alice: User, settings: Settings) -> None:
    settings.DELETION_GRACE_DAYS = 3
    User.objects.filter(pk=alice.pk).update(language="de")
    until = leaving.begin(now(alice))
    assert until
    days = until - now(alice).created
    assert dt.timedelta(days=2, hours=23) < days < dt.timedelta(days=3, hours=1)
    [letter] = mail.outbox
    assert letter.to == [alice.email]
    assert "geschlossen" in letter.subject
    assert reverse("account_login") in letter.body
    assert str(until.year) in letter.body
    leaving.begin(alice)
    assert len(mail.outbox) == 1, "who asks twice has the time that they were told"
    assert now(alice).leaves_at == until


def test_signing_in_asks_and_keeps_the_account(alice: User) -> None:
    api = Api(alice)
    leaving.begin(alice)
    browser, where = sign_in(alice)
    assert where == reverse("keep_account")
    assert browser.get(reverse("create")).status_code == 302, "nobody is in before they have said so"
    browser, where = sign_in(alice)
    assert "Keep your account?" in browser.get(where).content.decode()
    assert browser.post(where).status_code == 302
    assert browser.get(reverse("account")).status_code == 200
    assert (now(alice).is_active, now(alice).leaves_at) == (True, None)
    assert api.get("/api/v1/me").status_code == 200
    assert balance(alice) == (100, 0)
    assert leaving.finish() == 0


def test_whoever_has_a_second_factor_shows_it_before(alice: User) -> None:
    totp.TOTP.activate(alice, secret := totp.generate_totp_secret())
    leaving.begin(alice)
    browser, where = sign_in(alice)
    assert where == reverse("mfa_authenticate")
    assert browser.post(reverse("keep_account"))["Location"] == reverse("account_login")
    assert now(alice).leaves_at
    browser, where = sign_in(alice)
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    assert browser.post(where, {"code": code})["Location"] == reverse("keep_account")
    browser.post(reverse("keep_account"))
    assert now(alice).is_active


def test_nobody_keeps_an_account_without_its_password(alice: User) -> None:
    leaving.begin(alice)
    client = Client()
    refused = client.post(reverse("account_login"), {"login": alice.email, "password": "a guess at it"})
    assert refused.status_code == 200
    assert client.post(reverse("keep_account"))["Location"] == reverse("account_login")
    client.force_login(enrolment.add("bob@example.com", PASSWORD))
    client.post(reverse("keep_account"))
    assert now(alice).leaves_at


def test_a_forgotten_password_is_no_hindrance(alice: User) -> None:
    leaving.begin(alice)
    mail.outbox.clear()
    client = Client()
    client.post(reverse("account_reset_password"), {"email": alice.email.upper()})
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found
    path = client.get(found[1], follow=True).redirect_chain[-1][0]
    client.post(path, {"password1": f"{PASSWORD} again", "password2": f"{PASSWORD} again"})
    assert now(alice).check_password(f"{PASSWORD} again")
    assert now(alice).leaves_at, "that alone keeps nothing"


def test_the_blocked_are_not_asked_and_get_no_new_password(alice: User) -> None:
    blocking.block(alice, enrolment.add("boss@example.com", PASSWORD, admin=True))
    assert sign_in(alice)[1] == reverse("account_inactive")
    Client().post(reverse("account_reset_password"), {"email": alice.email})
    assert "/password/reset/key/" not in str(mail.outbox[-1].body)


def test_when_the_time_is_over_the_account_is_deleted(alice: User) -> None:
    advance(make_generation(alice), FakeProvider([finished(1)]))
    leaving.begin(alice)
    assert leaving.finish() == 0
    time_passes(alice)
    browser, where = sign_in(alice)
    assert "too late" in browser.post(where, follow=True).content.decode()
    tasks.delete_accounts()
    gone = now(alice)
    assert (gone.email.partition("@")[2], gone.leaves_at, gone.is_active) == ("account.invalid", None, False)
    assert not Image.objects.filter(user=alice).existing().exists()
    assert balance(alice) == (0, 0)
    assert leaving.finish() == 0


def test_one_account_that_cannot_be_deleted_holds_up_no_other(alice: User) -> None:
    bob = enrolment.add("bob@example.com", PASSWORD)
    for user in (alice, bob):
        leaving.begin(user)
        time_passes(user)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert leaving.finish() == 1
    assert now(bob).email != bob.email
    assert now(alice).leaves_at


def test_many_accounts_that_cannot_be_deleted_hold_up_no_other(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    stuck = [alice, *(enrolment.add(f"stuck{number}@example.com", PASSWORD) for number in range(2))]
    bob = enrolment.add("bob@example.com", PASSWORD)
    for user in (*stuck, bob):
        leaving.begin(user)
        time_passes(user)
    User.objects.filter(pk__in=[user.pk for user in stuck]).update(is_staff=True)
    assert [leaving.finish(), leaving.finish()] == [0, 1]
    assert now(bob).email != bob.email
    User.objects.update(is_staff=False)
    assert [leaving.finish(), leaving.finish()] == [2, 1]


def test_whoever_comes_back_at_the_last_moment_keeps_everything(alice: User) -> None:
    leaving.begin(alice)
    time_passes(alice)
    [due] = departure.due()
    User.objects.filter(pk=alice.pk).update(is_active=True, leaves_at=None)  # between the look and the act
    assert not departure.is_over(due)
    assert leaving.finish() == 0


def test_nothing_is_begun_for_who_has_left(alice: User) -> None:
    _key, text = keys.create(alice, "laptop")
    leaving.begin(alice)
    assert keys.find(text) is None
    assert not departure.depart(alice, dt.timedelta(days=1))
    assert not blocking.unblock(alice)
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=alice.pk).update(is_active=True)


def test_an_admin_sees_it_and_keeps_or_hastens_it(alice: User) -> None:
    bob = enrolment.add("bob@example.com", PASSWORD)
    leaving.begin(alice)
    leaving.begin(bob)
    _, client = admin("view_user", "change_user", "block_user")
    seen = client.get(f"{PEOPLE}?leaves_at__isempty=0").content.decode()
    assert alice.email in seen
    form = client.get(f"{PEOPLE}{alice.pk}/change/").content.decode()
    assert 'name="is_active"' not in form
    for action, user in (("keep", alice), ("hasten", bob)):
        client.post(PEOPLE, {"action": action, "_selected_action": [user.pk], **CONFIRMED})
    assert (now(alice).is_active, now(alice).leaves_at) == (True, None)
    assert leaving.finish() == 1
    assert now(bob).email != bob.email
    told = [(act.verb, act.subject) for act in Act.objects.order_by("id")]
    assert told == [("keep", alice), ("hasten", bob)]


def test_an_admin_without_the_right_changes_nothing(alice: User) -> None:
    leaving.begin(alice)
    _, client = admin("view_user")
    for action in ("keep", "hasten"):
        client.post(PEOPLE, {"action": action, "_selected_action": [alice.pk], **CONFIRMED})
    left = now(alice)
    assert left.leaves_at
    assert left.leaves_at > left.created + dt.timedelta(days=1)
