"""What those may do in the admin who may not do everything, and how large its pages become."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db import models as db
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import keys, ledger
from accounts.models import Entry, User, Wallet
from generations.models import Attempt, Generation, Model, Route
from tests.administration import CONFIRMED
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(email="alice@example.com", balance=100)


@pytest.fixture
def admin(alice: User) -> Client:
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


def pick(client: Client, name: str, action: str, pk: object) -> int:
    return client.post(
        reverse(f"admin:{name}_changelist"), {"action": action, "_selected_action": [pk], **CONFIRMED}
    ).status_code


PAGES = ["accounts_user", "accounts_entry", "accounts_hold", "accounts_apikey"] + [
    f"generations_{name}" for name in ("model", "route", "generation", "delivery")
]


@pytest.mark.parametrize("name", PAGES)
def test_staff_without_permissions_see_nothing(alice: User, name: str) -> None:
    client = clerk()
    assert client.get("/admin/").status_code == 200
    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
    assert client.get(reverse(f"admin:{name}_add")).status_code == 403


def test_whoever_may_only_look_at_generations_cancels_none(alice: User) -> None:
    generation = make_generation(alice)
    client = clerk("view_generation")
    assert client.get(reverse("admin:generations_generation_changelist")).status_code == 200
    pick(client, "generations_generation", "cancel", generation.pk)
    generation.refresh_from_db()
    assert generation.status == "queued"
    pick(clerk("view_generation", "change_generation"), "generations_generation", "cancel", generation.pk)
    generation.refresh_from_db()
    assert generation.status == "cancelled"


def test_whoever_may_only_look_at_keys_revokes_none(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    pick(clerk("view_apikey"), "accounts_apikey", "revoke", key.pk)
    assert keys.find(text)
    pick(clerk("view_apikey", "change_apikey"), "accounts_apikey", "revoke", key.pk)
    assert keys.find(text) is None


@pytest.mark.parametrize("name", ["accounts_entry", "accounts_hold", "accounts_apikey", "generations_generation"])
def test_not_even_a_superuser_writes_what_the_product_writes(admin: Client, alice: User, name: str) -> None:
    make_generation(alice)
    keys.create(alice, "laptop")
    rows = {
        "accounts_entry": Entry.objects.latest("pk"),
        "accounts_hold": Entry.objects.latest("pk").hold,
        "accounts_apikey": alice.api_keys.get(),
        "generations_generation": Generation.objects.get(),
    }
    row = rows[name]
    assert row
    same = db.Q(pk=row.pk)
    before = str(type(row)._default_manager.filter(same).values())
    for act, form in (("change", {"amount": 1_000_000, "price": 0, "_save": "Save"}), ("delete", {"post": "yes"})):
        assert admin.post(reverse(f"admin:{name}_{act}", args=[row.pk]), form).status_code == 403
    assert pick(admin, name, "delete_selected", row.pk) in {200, 302}
    assert str(type(row)._default_manager.filter(same).values()) == before


def test_people_are_never_deleted_nor_shut_out_by_a_form(admin: Client, alice: User) -> None:
    pick(admin, "accounts_user", "delete_selected", alice.pk)
    page = admin.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert "deletelink" not in page
    alice.refresh_from_db()
    form = {"email": alice.email, "name": "", "_save": "Save"}
    assert admin.post(reverse("admin:accounts_user_change", args=[alice.pk]), form).status_code == 302
    alice.refresh_from_db()
    assert alice.is_active
    assert Wallet.objects.get(user=alice).spendable == 100, "the form has no balance to overwrite"


def test_a_person_is_added_with_an_empty_wallet(admin: Client) -> None:
    form = {
        "email": "Carol@Example.com",
        "usable_password": "true",
        "password1": "a long one 7",
        "password2": "a long one 7",
    }
    assert admin.post(reverse("admin:accounts_user_add"), form).status_code == 302
    assert User.objects.get(email="carol@example.com").wallet.spendable == 0
    again = admin.post(reverse("admin:accounts_user_add"), form)
    assert "There is somebody with this address." in again.content.decode()


def test_credits_are_granted_to_hundreds_of_people_at_once(admin: Client, alice: User) -> None:
    User.objects.bulk_create([User(email=f"many{number}@example.com", password="!") for number in range(497)])
    everybody = {"action": "give_credits", "select_across": "1", "_selected_action": [alice.pk]}
    form = admin.post(reverse("admin:accounts_user_changelist"), everybody, follow=True).context["form"]
    sent = {"users": form["users"].value(), "token": form["token"].value(), "amount": 5, "reason": "a birthday"}
    for _ in range(2):
        assert admin.post(reverse("admin:give_credits"), sent | {"_confirmed": "1"}).status_code == 302
    assert set(Wallet.objects.exclude(user=alice).values_list("posted", flat=True)) == {5}
    assert Wallet.objects.get(user=alice).posted == 105


def test_more_people_than_a_form_holds_are_refused_in_words(admin: Client, alice: User) -> None:
    User.objects.bulk_create([User(email=f"many{number}@example.com", password="!") for number in range(500)])
    everybody = {"action": "give_credits", "select_across": "1", "_selected_action": [alice.pk]}
    page = admin.post(reverse("admin:accounts_user_changelist"), everybody, follow=True)
    assert "At most 500 at once." in page.content.decode()


def test_a_route_is_switched_off_and_then_serves_nothing(admin: Client, alice: User) -> None:
    sketch = Model.objects.get(slug="sketch")
    route = sketch.routes.get()
    form = {
        "model": sketch.pk,
        "provider": route.provider,
        "provider_model": "",
        "priority": 5,
        "cost_usd": "0.01",
        "resolutions": "1K,2K",
        "formats": "png,jpeg,webp",
        "_save": "Save",
    }
    assert admin.post(reverse("admin:generations_route_change", args=[route.pk]), form).status_code == 302
    route.refresh_from_db()
    assert (route.enabled, route.priority, route.resolutions) == (False, 5, ["1K", "2K"])
    generation = make_generation(alice)
    take_steps(generation.pk, FakeProvider())
    generation.refresh_from_db()
    assert generation.error_code == "no_route"
    make_catalogue()
    assert not Route.objects.get(pk=route.pk).enabled, "an admin's edit outlives the shipped catalogue"


def test_a_generation_s_page_takes_as_many_statements_however_much_happened(admin: Client, alice: User) -> None:
    counts = []
    for images in (1, 4):
        generation = make_generation(alice, count=images)
        take_steps(generation.pk, FakeProvider([finished(images)]))
        page = reverse("admin:generations_generation_change", args=[generation.pk])
        admin.get(page)
        with CaptureQueriesContext(connection) as asked:
            text = admin.get(page).content.decode()
        counts.append(len(asked))
        assert all(image.sha256 in text for image in generation.images.all())
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", PAGES)
def test_a_list_takes_as_many_statements_however_long_it_is(admin: Client, alice: User, name: str) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            person = make_user(balance=10)
            keys.create(person, "laptop")
            take_steps(make_generation(person, count=2).pk, FakeProvider([finished(2)]))
        admin.get(reverse(f"admin:{name}_changelist"))
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(reverse(f"admin:{name}_changelist")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_searching_finds_a_vendor_s_job(admin: Client, alice: User) -> None:
    generation = make_generation(alice)
    take_steps(generation.pk, FakeProvider([accepted("job-4711")]))
    assert Attempt.objects.get().job == "job-4711"
    found = admin.get(reverse("admin:generations_generation_changelist"), {"q": "job-4711"}).content.decode()
    assert f"…{str(generation.pk)[-12:]}" in found
    nothing = admin.get(reverse("admin:generations_generation_changelist"), {"q": "job-4712"}).content.decode()
    assert f"…{str(generation.pk)[-12:]}" not in nothing


def test_the_ledger_of_one_person_is_a_link_away(admin: Client, alice: User) -> None:
    ledger.grant(make_user(), 9, key="grant:other", reason="somebody else's")
    page = admin.get(reverse("admin:accounts_entry_changelist"), {"wallet__user__id__exact": alice.pk}).content.decode()
    assert "somebody else" not in page
    assert "alice@example.com" in page
