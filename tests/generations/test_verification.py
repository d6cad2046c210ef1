"""`verifyledger` is silent about a sound studio and names whatever breaks one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core import mail as django_mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import keys, vouchers
from generations import tasks, verification
from generations.models import Generation, LedgerCheck
from generations.providers.base import ProviderUnavailable, RequestRejected
from generations.storage import thumbnail_key
from generations.submission import Entrance, submit
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, accepted, finished, png
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db


@dataclass
class Books:
    """A studio in which everything that can happen has happened, and its files."""

    partial: Generation
    rejected: Generation
    second_try: Generation
    running: Generation
    queued: Generation
    folder: Path


@pytest.fixture
def books(files: Path) -> Books:
    make_catalogue()
    alice = make_user(balance=100)
    make_user(email="bob@example.com", balance=7)
    two = Finished([Picture(content=png()), Picture(content=png("gold"))])
    busy = ProviderUnavailable("429", retry_after=dt.timedelta(microseconds=1))
    again = FakeProvider([busy, finished(1)])
    [code, _unused] = vouchers.issue(vouchers.Batch("spring", 5, number=2, uses=3), alice)
    vouchers.redeem(alice, code)
    key, _text = keys.create(alice, "tests", budget_month=20)
    submit(alice, make_order(), Entrance(Generation.Source.API, key))
    return Books(
        partial=advance(make_generation(alice, count=3), FakeProvider([two])),
        rejected=advance(make_generation(alice, count=2), FakeProvider([RequestRejected("no")])),
        second_try=advance(advance(make_generation(alice), again), again),
        running=advance(make_generation(alice, count=4), FakeProvider([accepted()])),
        queued=submit(alice, make_order(), Entrance(Generation.Source.API, idempotency_key="order-1")).generation,
        folder=files,
    )


def broken() -> dict[str, list[str]]:
    return {finding.name: finding.breaches for finding in verification.verify() if finding.breaches}


def sabotage(*statements: str, **values: uuid.UUID) -> None:
    """What somebody could do who has the database itself and switches its guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_a_sound_studio_breaks_nothing(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [books.partial.status, books.rejected.status, books.second_try.status, books.running.status]
    assert statuses == ["completed", "failed", "completed", "running"]
    assert broken() == {}
    call_command("verifyledger")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[f"L{number}", "0"] for number in range(1, 17)]


# What is done to the books, all that must be found, and the generation that must be named.
SABOTAGES = {
    "credits out of nothing": (
        "UPDATE accounts_wallet SET posted = posted + 1 WHERE id = (SELECT MIN(id) FROM accounts_wallet)",
        {"L1", "L13"},
        "",
    ),
    "a hold forgotten": (
        "UPDATE accounts_wallet SET held = held - 1 WHERE held > 0",
        {"L2"},
        "",
    ),
    "a balance that was below zero": (
        "UPDATE accounts_entry SET posted_after = -1 WHERE kind = 'grant' AND amount = 7",
        {"L3", "L4"},
        "",
    ),
    "more held than there was": (
        "UPDATE accounts_entry SET held_after = posted_after + 1 WHERE kind = 'grant' AND amount = 7",
        {"L3", "L4"},
        "",
    ),
    "a version skipped": (
        "UPDATE accounts_wallet SET version = version + 1",
        {"L4"},
        "",
    ),
    "a gap in the chain": (
        "UPDATE accounts_entry SET version_after = version_after + 1000 WHERE kind = 'capture'",
        {"L4"},
        "",
    ),
    "a past that does not add up": (
        "UPDATE accounts_entry SET posted_after = posted_after + 5 WHERE kind = 'grant' AND amount = 100",
        {"L4"},
        "",
    ),
    "an entry removed": (
        "DELETE FROM accounts_entry WHERE kind = 'grant' AND amount = 7",
        {"L1", "L4", "L13"},
        "",
    ),
    "a rest not given back": (
        "UPDATE accounts_hold SET released = released - 1 WHERE generation = %(partial)s",
        {"L5"},
        "partial",
    ),
    "a rest given back too early": (
        "UPDATE accounts_hold SET released = 1 WHERE generation = %(running)s",
        {"L5"},
        "running",
    ),
    "a generation without a hold": (
        "DELETE FROM accounts_hold WHERE generation = %(running)s",
        {"L6"},
        "running",
    ),
    "a hold without a generation": (
        "UPDATE accounts_hold SET generation = gen_random_uuid() WHERE generation = %(running)s",
        {"L6"},
        "",
    ),
    "a hold for another price": (
        "UPDATE generations_generation SET price = price + 1 WHERE id = %(queued)s",
        {"L6"},
        "queued",
    ),
    "an image lost that was paid for": (
        "DELETE FROM generations_image WHERE generation_id = %(partial)s AND position = 1",
        {"L7"},
        "partial",
    ),
    "an end without image or reason": (
        "UPDATE generations_generation SET error_code = '' WHERE id = %(rejected)s",
        {"L8"},
        "rejected",
    ),
    "a generation nobody ended": (
        "UPDATE generations_generation SET deadline = now() - interval '61 seconds' WHERE id = %(queued)s",
        {"L9"},
        "queued",
    ),
    "an attempt open past the end": (
        "UPDATE generations_attempt SET state = 'accepted' WHERE generation_id = %(partial)s",
        {"L10"},
        "partial",
    ),
    "a second attempt after an unknown outcome": (
        "UPDATE generations_attempt SET state = 'abandoned' WHERE generation_id = %(second_try)s AND number = 1",
        {"L11"},
        "second_try",
    ),
    "a wallet removed with what was in it": (
        "DELETE FROM accounts_wallet WHERE posted = 7",
        {"L13"},
        "",
    ),
    "an idempotency key that forgot its order": (
        "UPDATE generations_generation SET fingerprint = '' WHERE id = %(queued)s",
        {"L14"},
        "queued",
    ),
    "a voucher that was used once more": (
        "UPDATE accounts_voucher SET used = used + 1",
        {"L16"},
        "",
    ),
    "a budget that forgot an order": (
        "UPDATE accounts_keyspend SET in_day = 0, in_month = 0, in_total = 0 WHERE in_total > 0",
        {"L15"},
        "",
    ),
}


@pytest.mark.parametrize(("statement", "found", "concerned"), SABOTAGES.values(), ids=SABOTAGES)
def test_sabotage_is_found_and_named(books: Books, statement: str, found: set[str], concerned: str) -> None:
    ids = {name: getattr(books, name).pk for name in ("partial", "rejected", "second_try", "running", "queued")}
    sabotage(statement, **ids)
    findings = broken()
    assert set(findings) == found
    if concerned:
        assert list(findings.values()) == [[str(ids[concerned])]]


def test_two_open_attempts_are_found(books: Books) -> None:
    sabotage(
        "DROP INDEX attempt_one_open",
        "UPDATE generations_attempt SET generation_id = %(queued)s, state = 'planned', number = number + 5 "
        "WHERE generation_id = %(second_try)s",
        queued=books.queued.pk,
        second_try=books.second_try.pk,
    )
    assert str(books.queued.pk) in broken()["L10"]


def test_two_generations_for_one_idempotency_key_are_found(books: Books) -> None:
    sabotage(
        "DROP INDEX generation_idempotency",
        "UPDATE generations_generation SET idempotency_key = 'order-1' WHERE id = %(partial)s",
        partial=books.partial.pk,
    )
    assert set(broken()) == {"L14"}


@pytest.mark.parametrize("part", ["original", "thumbnail"])
def test_an_object_that_is_not_stored_is_found(books: Books, part: str) -> None:
    image = books.partial.images.order_by("position")[0]
    missing = thumbnail_key(image.sha256, 640)
    if part == "original":
        missing = f"originals/{image.sha256[:2]}/{image.sha256}.png"
    (books.folder / missing).unlink()
    assert broken() == {"L12": [missing]}


def test_the_command_exits_with_one_and_names_examples(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    sabotage("UPDATE accounts_hold SET released = 1 WHERE generation = %(running)s", running=books.running.pk)
    with pytest.raises(SystemExit) as end:
        call_command("verifyledger")
    assert end.value.code == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[0] == "L5")
    assert line.split()[1] == "1"
    assert line.endswith(f": {books.running.pk}")


def test_what_is_broken_is_logged_remembered_written_to_the_admins_and_shown_to_them(
    books: Books, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ADMINS = [("Ops", "ops@studio.example")]
    sabotage("UPDATE accounts_hold SET released = 1 WHERE generation = %(running)s", running=books.running.pk)
    tasks.verify()
    check = LedgerCheck.objects.get()
    assert {name: found["breaches"] for name, found in check.broken.items()} == {"L5": 1}
    assert check.broken["L5"]["some"] == [str(books.running.pk)]
    assert [record.getMessage()[:24] for record in caplog.records if record.levelname == "ERROR"] == [
        "L5 is broken 1 times (a "
    ]
    [mail] = django_mail.outbox
    assert (mail.to, mail.subject) == (["ops@studio.example"], "Atelier · The ledger is not sound")
    assert str(books.running.pk) in mail.body
    assert "The ledger is not sound: L5 (1), as of" in first_page("view_ledgercheck")
    assert "The ledger is not sound" not in first_page("view_route")


def test_a_sound_ledger_is_remembered_and_nobody_is_written_to(books: Books, settings: Settings) -> None:
    settings.ADMINS = [("Ops", "ops@studio.example")]
    call_command("verifyledger")
    assert LedgerCheck.objects.get().broken == {}
    assert django_mail.outbox == []
    assert "ledger" not in first_page("view_route").lower()
    assert "The ledger" not in first_page("view_ledgercheck")
    LedgerCheck.objects.update(created=timezone.now() - dt.timedelta(hours=27))
    assert "The ledger has not been checked since" in first_page("view_ledgercheck")


def test_mail_that_cannot_be_sent_hides_nothing(books: Books, settings: Settings) -> None:
    settings.ADMINS = [("Ops", "ops@studio.example")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 5
    sabotage("UPDATE accounts_hold SET released = 1 WHERE generation = %(running)s", running=books.running.pk)
    assert verification.report().broken["L5"]["breaches"] == 1


def first_page(permission: str) -> str:
    """The admin's, as somebody sees it who may do that alone."""
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=permission))
    client = Client()
    client.force_login(user)
    return client.get("/admin/").content.decode()
