"""API keys: recognisable, checked before the database is asked, and stored as a digest alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_user(email="alice@example.com")


def test_a_key_says_whose_it_is_and_carries_a_checksum(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    assert re.fullmatch(r"atl_[0-9A-Za-z]{8}_[0-9A-Za-z]{40}_[0-9A-Za-z]{6}", text)
    assert key.prefix == text[:12]
    assert keys.find(text) == key


def test_no_two_keys_are_alike(alice: User) -> None:
    assert len({keys.create(alice, "laptop")[1] for _ in range(20)}) == 20


def test_the_database_has_only_the_digest(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM accounts_apikey k WHERE id = %s", [key.pk])
        (row,) = cursor.fetchone()
    secret, checksum = text.split("_")[2:]
    assert hashlib.sha256(text.encode()).hexdigest() in row
    assert secret not in row
    assert checksum not in row


def changed(text: str, position: int) -> str:
    other = "0" if text[position] != "0" else "1"
    return text[:position] + other + text[position + 1 :]


def test_a_mistyped_key_is_refused_without_asking_the_database(alice: User) -> None:
    _, text = keys.create(alice, "laptop")
    wrong = [changed(text, position) for position in (4, 11, 13, 30, 52, 54, 59)]
    wrong += ["", "atl_", text[:-1], text + "0", text.upper(), text.replace("atl_", "sk-"), "é" * 60, f" {text}", "\0"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert [keys.find(candidate) for candidate in wrong] == [None] * len(wrong)
    assert len(asked) == 0


def test_a_key_with_a_right_checksum_and_a_wrong_secret_is_refused(alice: User) -> None:
    _, text = keys.create(alice, "laptop")
    body = changed(text.rpartition("_")[0], 20)
    assert keys.find(f"{body}_{keys._checksum(body)}") is None


def test_a_revoked_key_is_refused_for_good(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    assert keys.revoke(key)
    assert not keys.revoke(key), "once"
    assert keys.find(text) is None


def test_a_key_works_until_it_expires(alice: User) -> None:
    ends = timezone.now() + dt.timedelta(days=30)
    _, text = keys.create(alice, "laptop", ends)
    with time_machine.travel(ends - dt.timedelta(seconds=1), tick=False):
        assert keys.find(text)
    with time_machine.travel(ends, tick=False):
        assert keys.find(text) is None


def test_the_key_of_someone_who_may_not_sign_in_is_refused(alice: User) -> None:
    _, text = keys.create(alice, "laptop")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert keys.find(text) is None


def test_use_is_noted_at_most_once_a_minute(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    keys.find(text)
    first = ApiKey.objects.get(pk=key.pk).last_used
    assert first
    keys.find(text)
    assert ApiKey.objects.get(pk=key.pk).last_used == first
    ApiKey.objects.filter(pk=key.pk).update(last_used=first - dt.timedelta(seconds=61))
    with CaptureQueriesContext(connection) as asked:
        keys.find(text)
    assert len(asked) == 2
    noted = ApiKey.objects.get(pk=key.pk).last_used
    assert noted
    assert noted >= first


def test_a_refused_key_is_not_noted_as_used(alice: User) -> None:
    key, text = keys.create(alice, "laptop")
    keys.revoke(key)
    keys.find(text)
    assert ApiKey.objects.get(pk=key.pk).last_used is None


SPELLINGS = {
    "Bearer": {"Authorization": "Bearer {}"},
    "bearer": {"Authorization": "bearer {}"},
    "Key": {"Authorization": "Key {}"},
    "X-API-Key": {"X-API-Key": "{}"},
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_one_key_works_in_every_spelling_and_is_refused_in_each(
    alice: User, client: Client, spelling: dict[str, str]
) -> None:
    key, text = keys.create(alice, "laptop")
    headers = {name: value.format(text) for name, value in spelling.items()}
    answer = client.get("/api/v1/me", headers=headers)
    assert (answer.status_code, answer.json()["email"]) == (200, "alice@example.com")
    keys.revoke(key)
    refused = client.get("/api/v1/me", headers=headers)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert text not in refused.content.decode()


def test_a_wrong_key_is_not_made_good_by_a_session(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401
