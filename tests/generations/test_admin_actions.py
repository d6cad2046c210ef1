"""What admins do to people and their generations: after a second look, for a reason, once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import closing, keys
from accounts.models import Act, User, Wallet
from generations import verification
from generations.models import Generation
from tests.administration import CONFIRMED, REASON, admin
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
PEOPLE, GENERATIONS, ME = "/admin/accounts/user/", "/admin/generations/generation/", "/api/v1/me"


def press(client: Client, page: str, action: str, *rows: User | Generation) -> int:
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **CONFIRMED}
    return client.post(page, chosen).status_code


def asked(text: str) -> tuple[int, str]:
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get(ME)
    return answer.status_code, answer.json().get("code", "")


def test_whoever_is_blocked_is_signed_out_and_their_keys_say_why_until_they_are_let_in() -> None:
    make_catalogue()
    boss, client = admin()
    alice = make_user(balance=10)
    _, text = keys.create(alice, "laptop")
    person = Client()
    person.force_login(alice)
    queued = make_generation(alice)
    press(client, PEOPLE, "block", alice, boss)
    assert asked(text) == (401, "account_blocked")
    assert person.get("/create").status_code == 302
    boss.refresh_from_db()
    assert boss.is_active
    take_steps(queued.pk, FakeProvider([finished(1)]))
    queued.refresh_from_db()
    assert queued.status == "completed"
    press(client, PEOPLE, "block", alice)
    press(client, PEOPLE, "unblock", alice)
    assert asked(text) == (200, "")
    told = [(act.verb, act.subject, act.reason) for act in Act.objects.order_by("id")]
    assert told == [("block", alice, REASON), ("unblock", alice, REASON)]
    assert asked("atl_nonsense")[1] == "invalid_key"


def test_only_superusers_block_superusers_and_nobody_revives_who_has_left() -> None:
    _, clerk = admin("view_user", "block_user")
    chief, gone = make_user(is_staff=True, is_superuser=True), make_user()
    closing.close(gone)
    press(clerk, PEOPLE, "block", chief)
    press(clerk, PEOPLE, "unblock", gone)
    assert set(User.objects.filter(is_active=True)) >= {chief}
    assert not User.objects.get(pk=gone.pk).is_active
    _, other = admin("view_user")
    alice = make_user()
    press(other, PEOPLE, "block", alice)
    alice.refresh_from_db()
    assert alice.is_active


def test_a_refund_gives_back_what_was_paid_once() -> None:
    make_catalogue()
    alice = make_user(balance=10)
    generation = make_generation(alice, count=3)
    take_steps(generation.pk, FakeProvider([finished(2)]))
    assert Wallet.objects.get(user=alice).spendable == 8
    _, client = admin("view_generation", "give_credits")
    for _again in range(2):
        press(client, GENERATIONS, "refund", generation)
    assert Wallet.objects.get(user=alice).spendable == 10
    assert Act.objects.filter(verb="refund", entry__isnull=False, subject=alice, reason=REASON).count() == 2
    assert Act.objects.filter(verb="refund", target=str(generation.pk)).count() == 1
    assert [finding.name for finding in verification.verify() if finding.breaches] == []
    _, other = admin("view_generation")
    press(other, GENERATIONS, "refund", make_generation(alice))
    assert Act.objects.filter(verb="refund").count() == 3
