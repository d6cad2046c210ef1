"""Leaving: whoever goes leaves numbers and nothing else, in any table and in the storage."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import enrolment, keys, ledger
from accounts.models import ApiKey, User, Wallet
from generations import albums, endpoints, erasing, exports, leaving, prompts, reporting, sharing, verification
from generations.models import (
    Album,
    Attempt,
    Comparison,
    Export,
    Generation,
    Image,
    Prompt,
    Report,
    StoredFile,
    Subscription,
)
from generations.submission import Entrance, submit
from generations.webhooks import Webhook
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db
PASSWORD = "a lantern on still water"
EMAIL, SIGN = "zanzibar@example.com", "zanzibar"
LEDGER = {"accounts_wallet", "accounts_user", "generations_generation", "generations_image", "generations_prompt"}


@pytest.fixture
def alice(files: Path) -> User:
    """Somebody of whom there is something in every place, with a word in it that is nowhere else."""
    make_catalogue()
    user = enrolment.add(EMAIL, PASSWORD, name="Alice Zanzibar")
    ledger.grant(user, 100, key="grant:1", reason="welcome")
    key, _text = keys.create(user, "zanzibar's laptop", budget_total=50)
    keys.create(user, "zanzibar's phone")
    webhook = Webhook("fal", "https://zanzibar.example/told", "http://testserver")
    entrance = Entrance(Generation.Source.FAL, api_key=key, idempotency_key="zanzibar-1", webhook=webhook)
    order = make_order(prompt="zanzibar at dusk", negative_prompt="no zanzibar", count=2)
    done = advance(submit(user, order, entrance).generation, FakeProvider([finished(2)]))
    Attempt.objects.filter(generation=done).update(faults=["zanzibar"], error_detail="zanzibar")
    make_generation(user, prompt="zanzibar at dawn")
    keep_more(user)
    return user


def keep_more(user: User) -> None:
    """What people have besides pictures."""
    images = Image.objects.filter(user=user)
    images.update(effective_prompt="zanzibar, more")
    images.publish()
    album = Album.objects.create(user=user, name="zanzibar")
    albums.add(album.pk, images)
    sharing.create(user, album=album.pk)
    prompts.keep_preset(user, {"name": "zanzibar"})
    endpoints.test(endpoints.create(user, "https://zanzibar.example/hook", "zanzibar"))
    exports.ask(user)
    pk = exports.next_in("exports")
    assert pk
    exports.make(pk)
    Comparison.objects.create(user=user, winner=images.first()).generations.set(user.generations.all())
    Subscription.objects.create(user=user, address="https://push.example/zanzibar", key=b"key", secret=b"secret")
    TOTP.activate(user, "zanzibar")
    RecoveryCodes.activate(user)
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=make_user(is_staff=True), content_type=about, object_id=str(user.pk), object_repr=EMAIL, action_flag=CHANGE
    )


def tables_with(sign: str) -> set[str]:
    """Every table with a row that has this in any column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            query = f'SELECT EXISTS (SELECT 1 FROM "{table}" t WHERE t::text ILIKE %s)'  # noqa: S608 - names of ours
            cursor.execute(query, [f"%{sign}%"])
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def tables_of(user: User) -> set[str]:
    """Every table with a row that points to the person."""
    links = [
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.related_model is User
    ]
    return {model._meta.db_table for model, name in links if model._default_manager.filter(**{name: user.pk}).exists()}


def let_time_pass() -> None:
    StoredFile.objects.update(claimed_at=F("claimed_at") - 2 * erasing.REST)


def test_nothing_of_the_person_is_left_but_numbers(
    alice: User, files: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    Authenticator.objects.filter(user=alice).delete()  # which would ask for a code
    signed_in(alice, agent="zanzibar/1.0")
    TOTP.activate(alice, "zanzibar")
    User.objects.filter(pk=alice.pk).update(language="de")
    assert Session.objects.exists()
    assert len(tables_with(SIGN)) > 10, "there is something to forget"
    with django_capture_on_commit_callbacks(execute=True):
        leaving.leave(alice)
    assert tables_with(SIGN) == set()
    assert User.objects.get(pk=alice.pk).language == ""
    assert tables_of(alice) <= LEDGER | {"accounts_apikey", "accounts_entry"}
    assert not Session.objects.exists()
    let_time_pass()
    erasing.erase()
    assert [path for path in files.rglob("*") if path.is_file()] == []


def test_the_ledger_stays_sound_and_nothing_can_be_spent(alice: User) -> None:
    leaving.leave(alice)
    let_time_pass()
    erasing.erase()
    assert [finding for finding in verification.verify() if finding.breaches] == []
    wallet = Wallet.objects.get(user=alice)
    assert (wallet.spendable, wallet.held) == (0, 0)
    assert not Generation.objects.unfinished().exists()
    assert {key.usable for key in ApiKey.objects.filter(user=alice)} == {False}


def test_others_keep_what_is_theirs(alice: User) -> None:
    bob = make_user(balance=100, name="Bob")
    advance(make_generation(bob, prompt="a reef"), FakeProvider([finished(1)]))
    reporting.report(bob, Image.objects.filter(user=alice)[0].pk, reason="other")
    before = tables_of(bob)
    leaving.leave(alice)
    assert tables_of(bob) == before
    assert Image.objects.filter(user=bob).existing().exists()
    assert Prompt.objects.filter(user=bob).exists()
    assert Report.objects.filter(user=bob).exists()


def test_the_same_address_can_begin_anew(alice: User) -> None:
    leaving.leave(alice)
    again = enrolment.add(EMAIL, PASSWORD)
    assert again.pk != alice.pk
    assert again.wallet.spendable == 0


def test_whoever_has_made_nothing_leaves_as_well() -> None:
    user = make_user()
    leaving.leave(user)
    user.refresh_from_db()
    assert not user.is_active
    assert not Prompt.objects.exists()


def signed_in(user: User, agent: str = "") -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def test_leaving_takes_the_password_and_the_address(settings: Settings) -> None:
    user = enrolment.add(EMAIL, PASSWORD)
    client = Client()
    client.force_login(user)
    asked = client.get(reverse("data_leave"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    settings.DELETION_GRACE_DAYS = 0
    assert "cannot be undone" in client.get(reverse("data_leave")).content.decode()
    assert client.post(reverse("data_leave"), {"email": "somebody@else.example"}).status_code == 422
    assert client.post(reverse("data_leave"), {}).status_code == 422
    assert User.objects.get(pk=user.pk).is_active
    assert client.post(reverse("data_leave"), {"email": f" {EMAIL.upper()} "})["Location"] == reverse("home")
    assert not User.objects.get(pk=user.pk).is_active
    assert client.get(reverse("account")).status_code == 302
    assert signed_in(user).get(reverse("account")).status_code == 302


def test_an_admin_stays_until_another_takes_the_right_away() -> None:
    admin = enrolment.add(EMAIL, PASSWORD, admin=True)
    with pytest.raises(leaving.StaysForNow):
        leaving.leave(admin)
    client = signed_in(admin)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.post(reverse("data_leave"), {"email": EMAIL})
    assert answer.status_code == 422
    assert "Another admin" in answer.content.decode()
    assert User.objects.get(pk=admin.pk).is_active


def test_an_archive_is_made_shown_and_removed_on_its_page(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    page = client.get(reverse("data")).content.decode()
    assert "2 pictures" in page
    assert "/exports/" in page
    assert "hx-trigger" not in page
    client.post(reverse("data_archive"))
    part = client.get(reverse("data"), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "account-nav" not in part
    assert "Another archive" in client.post(reverse("data_archive"), follow=True).content.decode()
    for export in Export.objects.filter(user=alice):
        assert client.post(reverse("data_archive_remove", args=[export.pk])).status_code == 302
    assert not Export.objects.exists()


def test_nobody_sees_or_removes_the_archive_of_somebody_else(alice: User) -> None:
    theirs = Export.objects.get(user=alice)
    client = Client()
    assert client.get(reverse("data"))["Location"].startswith(reverse("account_login"))
    client.force_login(make_user())
    assert str(theirs.pk)[-12:] not in client.get(reverse("data")).content.decode()
    assert client.post(reverse("data_archive_remove", args=[theirs.pk])).status_code == 404
