"""The commands that add people, keys and credits."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from accounts import demo, keys
from accounts.models import MAX_GRANT, Entry, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    """What a command prints."""
    printed = io.StringIO()
    call_command(*words, stdout=printed)
    return printed.getvalue()


def test_adduser_adds_someone_who_can_sign_in_at_once() -> None:
    assert run("adduser", "Alice@Example.com", "--password", "correct horse") == "Added alice@example.com\n"
    alice = User.objects.get(email="alice@example.com")
    assert alice.check_password("correct horse")
    assert not alice.is_staff
    assert not alice.is_superuser
    assert EmailAddress.objects.get(user=alice, verified=True, primary=True).email == "alice@example.com"
    assert alice.wallet.spendable == 0


def test_adduser_adds_an_admin() -> None:
    run("adduser", "root@example.com", "--password", "correct horse", "--admin")
    root = User.objects.get(email="root@example.com")
    assert root.is_staff
    assert root.is_superuser


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("ALICE@example.com", "correct horse", "is there already"),
        ("not an address", "correct horse", "is not an e-mail address"),
        ("bob@example.com", "", "a password is needed"),
    ],
)
def test_adduser_refuses_in_words_and_adds_nobody(email: str, password: str, reason: str) -> None:
    make_user(email="alice@example.com")
    with pytest.raises(CommandError, match=reason):
        run("adduser", email, "--password", password)
    assert User.objects.count() == 1


def test_createapikey_prints_only_a_key_that_works() -> None:
    alice = make_user(email="alice@example.com")
    printed = run("createapikey", "Alice@example.com", "--name", "laptop")
    assert printed.count("\n") == 1
    key = keys.find(printed.strip())
    assert key
    assert (key.user, key.name) == (alice, "laptop")


def test_createapikey_refuses_in_words_past_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = make_user(email="alice@example.com")
    monkeypatch.setattr(keys, "MOST", 1)
    run("createapikey", "alice@example.com", "--name", "laptop")
    with pytest.raises(CommandError, match="has 1 usable keys, as many as anybody may"):
        run("createapikey", "alice@example.com", "--name", "phone")
    assert alice.api_keys.count() == 1


def test_grantcredits_gives_them_with_the_reason_in_the_ledger() -> None:
    alice = make_user(email="alice@example.com", balance=5)
    assert (
        run("grantcredits", "alice@example.com", "100", "--reason", "won it") == "alice@example.com has 105 credits\n"
    )
    entry = Entry.objects.latest("id")
    assert (entry.wallet.user, entry.kind, entry.amount, entry.reason) == (alice, "grant", 100, "won it")


def test_grantcredits_twice_for_one_order_gives_them_once() -> None:
    make_user(email="alice@example.com")
    for _ in range(2):
        printed = run("grantcredits", "alice@example.com", "100", "--reason", "order 7", "--key", "7")
        assert printed == "alice@example.com has 100 credits\n"


@pytest.mark.parametrize("amount", ["0", "-1", str(MAX_GRANT + 1)])
def test_grantcredits_refuses_amounts_that_nobody_means(amount: str) -> None:
    make_user(email="alice@example.com")
    with pytest.raises(CommandError, match="the amount is from 1"):
        run("grantcredits", "--reason", "x", "alice@example.com", "--", amount)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("createapikey", "nobody@example.com", "--name", "x"),
        ("grantcredits", "nobody@example.com", "1", "--reason", "x"),
    ],
)
def test_nobody_is_given_nothing(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="there is nobody with the address nobody@"):
        run(*words)


def test_the_demo_accounts_are_made_whatever_their_drawn_passwords_begin_with(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    drawn = {name: {"email": f"{name}@atelier.local", "password": "-a dash"} for name in ("demo", "admin")}
    file.write_text(json.dumps(drawn | {"api_key": ""}))
    known = demo.ensure(file)
    for sign_in in (known.demo, known.admin):
        assert User.objects.get(email=sign_in.email).check_password("-a dash")
    key = keys.find(known.api_key)
    assert key
    assert key.user.wallet.spendable == demo.CREDITS
    assert demo.ensure(file) == known, "once"
