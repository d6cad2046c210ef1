"""The admin: who gets in, what can be done there, and what nobody can."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import models as db
from django.test import Client
from django.urls import reverse

from accounts import keys, ledger
from accounts.models import ApiKey, Entry, Hold, User, Wallet
from generations.models import Generation, Model, Route
from tests.administration import CONFIRMED
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
LISTS = [
    "accounts_user",
    "accounts_entry",
    "accounts_hold",
    "accounts_apikey",
    "generations_model",
    "generations_route",
    "generations_generation",
]
GRANT = "/admin/credits/give"


@pytest.fixture
def alice() -> User:
    """Somebody with a balance, a key, and a generation that was made."""
    make_catalogue()
    user = make_user(balance=100, email="alice@example.com")
    keys.create(user, "laptop")
    generation = make_generation(user, count=2)
    take_steps(generation.pk, FakeProvider([finished(2)]))
    return user


@pytest.fixture
def boss(alice: User) -> User:
    return User.objects.create_superuser("boss@example.com", "a long password")


@pytest.fixture
def admin(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def changelist(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def grant(admin: Client, *users: User, **changes: Any) -> Any:
    form = {
        "users": [user.pk for user in users],
        "token": uuid.uuid4(),
        "amount": 50,
        "reason": "thank you",
        "_confirmed": "1",
        **changes,
    }
    return admin.post(GRANT, form)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_shown_in_few_statements(
    admin: Client, alice: User, name: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_generation(alice)
    with django_assert_max_num_queries(14):
        assert admin.get(changelist(name)).status_code == 200


@pytest.mark.parametrize("row", [User, Entry, Hold, ApiKey, Model, Route, Generation])
def test_every_row_has_a_page(admin: Client, row: type[db.Model]) -> None:
    one = row._default_manager.order_by("pk")[0]
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[one.pk])
    assert admin.get(page).status_code == 200


def test_a_generation_shows_its_attempts_and_events(admin: Client) -> None:
    generation = Generation.objects.get()
    page = admin.get(reverse("admin:generations_generation_change", args=[generation.pk])).content.decode()
    for word in ("Submitted", "Delivered", "Completed with 2 of 2 pictures", generation.images.all()[0].sha256):
        assert word in page


def test_a_balance_is_seen_but_never_typed(admin: Client, alice: User) -> None:
    page = admin.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert "98 (0 held)" in page
    assert 'name="posted"' not in page


def test_credits_are_granted_to_one_with_a_reason(admin: Client, alice: User, boss: User) -> None:
    assert grant(admin, alice).status_code == 302
    entry = Entry.objects.filter(wallet__user=alice).latest("pk")
    assert (entry.kind, entry.amount, entry.reason, entry.actor) == ("grant", 50, "thank you", boss)
    assert Wallet.objects.get(user=alice).spendable == 148


def test_credits_are_granted_to_many_at_once(admin: Client, alice: User) -> None:
    others = [make_user() for _ in range(3)]
    picked = {"action": "give_credits", "_selected_action": [other.pk for other in others]}
    chosen = admin.post(changelist("accounts_user"), picked)
    assert chosen.status_code == 302
    form = admin.get(chosen["Location"])
    assert all(other.email in form.content.decode() for other in others)
    grant(admin, *others)
    assert [Wallet.objects.get(user=other).posted for other in others] == [50, 50, 50]
    assert Wallet.objects.get(user=alice).spendable == 98


def test_the_same_form_sent_twice_grants_once(admin: Client, alice: User) -> None:
    token = uuid.uuid4()
    grant(admin, alice, token=token)
    grant(admin, alice, token=token)
    assert Wallet.objects.get(user=alice).spendable == 148


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"amount": -5_000}, {"amount": "x"}, {"reason": ""}, {"users": []}])
def test_a_grant_that_cannot_be_is_refused(admin: Client, alice: User, wrong: dict[str, Any]) -> None:
    assert grant(admin, alice, **wrong).status_code == 200
    assert Wallet.objects.get(user=alice).spendable == 98


@pytest.mark.parametrize("name", ["accounts_entry", "accounts_hold", "accounts_apikey", "generations_generation"])
def test_what_the_product_writes_nobody_edits(admin: Client, name: str) -> None:
    assert admin.get(reverse(f"admin:{name}_add")).status_code == 403
    page = admin.get(changelist(name)).content.decode()
    assert "delete_selected" not in page


def test_nobody_is_deleted(admin: Client, alice: User) -> None:
    assert admin.post(reverse("admin:accounts_user_delete", args=[alice.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_prices_are_edited_and_survive_the_next_version(admin: Client) -> None:
    sketch = Model.objects.get(slug="sketch")
    Model.objects.exclude(pk=sketch.pk).delete()
    row = {"form-0-id": sketch.pk, "form-0-price_1k": 3, "form-0-price_2k": 4, "form-0-position": 40}
    forms = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}
    assert admin.post(changelist("generations_model"), {**row, **forms}).status_code == 302
    make_catalogue()
    sketch.refresh_from_db()
    assert (sketch.price_1k, sketch.price_2k) == (3, 4)


def test_cancelling_from_the_list_gives_the_credits_back(admin: Client, alice: User) -> None:
    generation = make_generation(alice, count=4)
    admin.post(
        changelist("generations_generation"), {"action": "cancel", "_selected_action": [generation.pk], **CONFIRMED}
    )
    generation.refresh_from_db()
    assert generation.status == "cancelled"
    assert Wallet.objects.get(user=alice).held == 0


def test_a_revoked_key_is_revoked_for_good(admin: Client, alice: User) -> None:
    key = alice.api_keys.get()
    admin.post(changelist("accounts_apikey"), {"action": "revoke", "_selected_action": [key.pk], **CONFIRMED})
    key.refresh_from_db()
    assert key.revoked


@pytest.mark.parametrize("path", ["/admin/", GRANT, *(f"/admin/{name.replace('_', '/', 1)}/" for name in LISTS)])
def test_others_are_not_let_in(alice: User, path: str) -> None:
    person = Client()
    assert person.get(path).status_code == 302
    person.force_login(alice)
    assert person.get(path).status_code in {302, 403}


def test_staff_without_the_right_cannot_grant(alice: User) -> None:
    clerk = make_user(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_user"))
    client = Client()
    client.force_login(clerk)
    assert client.get(changelist("accounts_user")).status_code == 200
    assert grant(client, alice).status_code == 403
    assert Wallet.objects.get(user=alice).spendable == 98


def test_the_admins_sign_in_is_the_hardened_one(boss: User) -> None:
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_nobody_signs_in_as_another_by_the_admins_own_form(admin: Client, alice: User) -> None:
    """Neither a second factor nor a limit would be in the way."""
    other = User.objects.create_superuser("other@example.com", "another long password")
    sent = {"username": other.email, "password": "another long password"}
    before = admin.session["_auth_user_id"]
    assert admin.post("/admin/login/", sent)["Location"] == "/admin/"
    assert admin.session["_auth_user_id"] == before
    stranger = Client()
    assert stranger.post("/admin/login/", sent)["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in stranger.session
    stranger.force_login(alice)
    assert stranger.get("/admin/login/").status_code == 403, "sent to sign in, they would be sent back"


def test_whether_somebody_is_let_in_is_no_box_to_tick(admin: Client, alice: User) -> None:
    """Blocking signs out, and is asked about; the box did neither."""
    page = admin.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert 'name="is_active"' not in page


def test_guessing_a_password_is_stopped(boss: User) -> None:
    client = Client()
    wrong = {"login": boss.email, "password": "wrong"}
    answers = [client.post("/account/login/", wrong) for _ in range(12)]
    right = client.post("/account/login/", {"login": boss.email, "password": "a long password"})
    assert "_auth_user_id" not in client.session
    assert 429 in {answer.status_code for answer in [*answers, right]} or "Too many" in right.content.decode()


def test_refunds_are_seen_in_the_ledger(admin: Client, alice: User) -> None:
    generation = Generation.objects.get()
    ledger.refund(generation.pk, 0, 1, reason="a broken file")
    assert "a broken file" in admin.get(changelist("accounts_entry")).content.decode()
