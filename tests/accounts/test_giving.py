"""Credits that admins give: to people, by a file, every month; and what is told of all of it."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import acts, allowances, giftfiles, giving, ledger, vouchers
from accounts.models import Act, Allotment, Entry, MonthlyAllowance, User, Wallet
from tests.administration import admin
from tests.factories import make_user

FILE, GIVE, LEDGER = "/admin/credits/file", "/admin/credits/give", "/admin/accounts/entry/export"
NOVEMBER = dt.date(2026, 11, 21)


def spendable(user: User) -> int:
    return Wallet.objects.get(user=user).spendable


def text_of(*lines: str) -> str:
    return "\n".join(["email,amount,reason", *lines]) + "\n"


def upload(client: Client, text: str | bytes) -> Any:
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(FILE, {"file": SimpleUploadedFile("gifts.csv", raw)})


def confirm(client: Client, text: str) -> Any:
    return client.post(FILE, {"text": text, "_confirmed": "1"})


def together(*functions: Callable[[], Any]) -> list[Any]:
    """At once, each with a connection of its own."""

    def run(function: Callable[[], Any]) -> Any:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(run, function) for function in functions]]


@pytest.mark.django_db
def test_credits_are_looked_at_before_they_are_given_and_the_entry_names_the_act() -> None:
    boss, client = admin()
    alice = make_user(balance=10)
    form = {"users": [alice.pk], "token": uuid.uuid4(), "amount": -4, "reason": "given twice"}
    look = client.post(GIVE, form).content.decode()
    assert "Each balance changes by -4" in look
    assert spendable(alice) == 10
    for _again in range(2):
        assert client.post(GIVE, form | {"_confirmed": "1"}).status_code == 302
    assert spendable(alice) == 6
    act = Act.objects.get()
    assert (act.actor, act.subject, act.after, act.entry.kind) == (boss, alice, {"amount": -4}, "adjustment")  # type: ignore[union-attr]
    assert act.reason == "given twice"
    another = client.post(GIVE, form | {"amount": -5, "_confirmed": "1"})
    assert "something else before" in another.content.decode()
    assert (spendable(alice), Act.objects.count()) == (6, 1)


@pytest.mark.django_db
def test_what_cannot_be_taken_from_one_is_taken_from_nobody() -> None:
    _, client = admin()
    rich, poor = make_user(balance=100), make_user(balance=3)
    form = {"users": [rich.pk, poor.pk], "token": uuid.uuid4(), "amount": -50, "reason": "fee", "_confirmed": "1"}
    assert "Nobody was given anything" in client.post(GIVE, form).content.decode()
    assert (spendable(rich), spendable(poor), Act.objects.count()) == (100, 3, 0)


@pytest.mark.django_db
def test_a_file_is_shown_line_by_line_then_done_once() -> None:
    _, client = admin()
    alice, bob = make_user(email="alice@example.com"), make_user(balance=10, email="bob@example.com")
    text = text_of("Alice@example.com,50,prize", 'bob@example.com,-4,"given, twice"', "alice@example.com,5,more")
    look = upload(client, "\ufeff" + text.replace("\n", "\r\n"))
    found = look.context["found"]
    assert (found.problems, found.given, found.taken, found.people) == (0, 55, 4, 2)
    assert (spendable(alice), spendable(bob)) == (0, 10)
    for _again in range(2):
        assert confirm(client, found.text.replace("\n", "\r\n")).status_code in {200, 302}
    assert (spendable(alice), spendable(bob)) == (55, 6)
    assert Act.objects.filter(verb="give credits").count() == 3
    again = upload(client, text)
    assert [line.done for line in again.context["found"].lines] == [True] * 3
    assert "Nothing will happen" in again.content.decode()
    assert {entry.reason for entry in Entry.objects.filter(wallet__user=bob)} == {"test", "given, twice"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nobody@example.com,5,x", "nobody with this address"),
        ("alice@example.com,0,x", "whole number"),
        ("alice@example.com,1.5,x", "whole number"),
        ("alice@example.com,-+5,x", "whole number"),
        ("alice@example.com,99999999999,x", "whole number"),
        ("alice@example.com,٣,x", "whole number"),
        ("alice@example.com,5,", "reason"),
        ("alice@example.com,5", "reason"),
        ("alice@example.com,5,x,y", "more than three"),
        ("alice@example.com,-11,x", "not so many"),
        ("gone@example.com,5,x", "not let in"),
    ],
)
def test_a_line_that_cannot_be_done_stops_the_whole_file(line: str, said: str) -> None:
    _, client = admin()
    alice = make_user(balance=10, email="alice@example.com")
    make_user(email="gone@example.com", is_active=False)
    text = text_of("alice@example.com,1,fine", line.replace("-11", "-12"))
    look = upload(client, text)
    assert [bool(line.problem) for line in look.context["found"].lines] == [False, True]
    assert said in look.context["found"].lines[1].problem
    confirm(client, text)
    assert spendable(alice) == 10


@pytest.mark.django_db
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"name;sum\nalice;5\n",
        b"email,amount,reason\n",
        b"\xff\xfe\x00",
        b"email,amount,reason\nalice\x00@example.com,5,x\n",
        b'email,amount,reason\n"unclosed,5,x\n',
        text_of(*["alice@example.com,1,x"] * (giftfiles.MOST + 1)).encode(),
        b"x" * 60_000,
    ],
)
def test_what_is_no_such_file_is_refused_in_words(raw: bytes) -> None:
    _, client = admin()
    answer = upload(client, raw)
    assert answer.status_code == 200
    assert answer.context["form"].errors


@pytest.mark.django_db
def test_a_long_file_is_read_in_as_many_statements_as_a_short_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = [make_user() for _ in range(12)]
    for some in (people[:2], people):
        with django_assert_num_queries(2):
            found = giftfiles.read(text_of(*(f"{user.email},5,x" for user in some)))
        assert len(found.gifts) == len(some)


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_press_at_once_do_a_file_once() -> None:
    people = [make_user() for _ in range(6)]
    text = text_of(*(f"{user.email},5,x" for user in people))
    clients = [admin()[1], admin()[1]]
    together(*(lambda client=client: confirm(client, text) for client in clients))
    assert [spendable(user) for user in people] == [5] * 6
    assert Act.objects.filter(verb="give credits").count() == 6


@pytest.mark.django_db(transaction=True)
def test_gifts_to_the_same_people_in_another_order_do_not_wait_in_a_circle() -> None:
    people = [make_user() for _ in range(8)]
    boss = make_user(is_staff=True)

    def give(order: list[User], key: str) -> None:
        with acts.done_by(acts.Who(Act.By.ADMIN, boss)):
            giving.give([giving.Gift(user, 3, "x", f"grant:{key}") for user in order], boss)

    together(*(lambda n=n: give(people[:: 1 if n % 2 else -1], str(n)) for n in range(4)))
    assert [spendable(user) for user in people] == [12] * 8


@pytest.mark.django_db
def test_an_allowance_fills_up_once_a_month_by_the_largest_of_ones_groups() -> None:
    small, large, off = (Group.objects.create(name=name) for name in ("small", "large", "off"))
    for group, amount in ((small, 50), (large, 200), (off, 900)):
        MonthlyAllowance.objects.create(group=group, amount=amount, active=group != off)
    alice, bob, carol = make_user(), make_user(balance=120), make_user(balance=500)
    alice.groups.set([small])
    bob.groups.set([small, large, off])
    carol.groups.set([large])
    gone = make_user(is_active=False)
    gone.groups.set([large])
    stranger = make_user()
    assert allowances.give(NOVEMBER) == 2
    assert [spendable(user) for user in (alice, bob, carol, gone, stranger)] == [50, 200, 500, 0, 0]
    ledger.adjust(alice, -30, key="spent", reason="x", actor=bob)
    ledger.adjust(carol, -400, key="spent", reason="x", actor=bob)
    assert allowances.give(NOVEMBER) == 0
    assert allowances.give(dt.date(2026, 12, 1)) == 2
    assert [spendable(user) for user in (alice, bob, carol)] == [50, 200, 200]
    assert Allotment.objects.filter(user=carol).count() == 2
    december = Entry.objects.filter(key="allowance:2026-12")
    assert set(december.values_list("reason", flat=True)) == {"monthly allowance"}, "not what the operator calls groups"
    assert december.count() == 2


@pytest.mark.django_db
def test_no_message_gives_more_allowances_than_a_worker_has_time_for() -> None:
    group = Group.objects.create(name="all")
    MonthlyAllowance.objects.create(group=group, amount=40)
    group.user_set.set([make_user() for _ in range(3)])
    assert [allowances.give(NOVEMBER, most=2) for _minute in range(3)] == [2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_allowances_that_are_given_twice_at_once_are_given_once() -> None:
    group = Group.objects.create(name="all")
    MonthlyAllowance.objects.create(group=group, amount=40)
    people = [make_user() for _ in range(5)]
    group.user_set.set(people)
    assert sum(together(*[lambda: allowances.give(NOVEMBER)] * 3)) == 5
    assert [spendable(user) for user in people] == [40] * 5


@pytest.mark.django_db
def test_one_person_redeems_no_more_codes_of_a_batch_than_they_may() -> None:
    boss, alice = make_user(is_staff=True), make_user()
    codes = vouchers.issue(vouchers.Batch("fair", 10, number=3, uses=5, per_person=2), boss)
    [other] = vouchers.issue(vouchers.Batch("shop", 7), boss)
    for code in (codes[0], other, codes[1]):
        vouchers.redeem(alice, code)
    with pytest.raises(vouchers.NotRedeemable, match="code_limit"):
        vouchers.redeem(alice, codes[2])
    assert spendable(alice) == 27
    assert vouchers.redeem(make_user(), codes[2]).amount == 10


@pytest.mark.django_db(transaction=True)
def test_a_batchs_limit_holds_when_codes_are_redeemed_at_once() -> None:
    alice = make_user()
    codes = vouchers.issue(vouchers.Batch("fair", 10, number=4, per_person=1), make_user(is_staff=True))

    def redeem(code: str) -> bool:
        try:
            vouchers.redeem(alice, code)
        except vouchers.NotRedeemable:
            return False
        return True

    assert sum(together(*(lambda code=code: redeem(code) for code in codes))) == 1
    assert spendable(alice) == 10


@pytest.mark.django_db
def test_the_ledger_is_taken_along_by_days_line_by_line() -> None:
    _, client = admin()
    alice = make_user(balance=10)
    ledger.grant(alice, 5, key="grant:2", reason="=SUM(1)")
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    answer = client.get(LEDGER, {"from": "2026-01-01", "to": today})
    [head, *rows] = csv.reader(b"".join(answer).decode().splitlines())
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["person"], row["amount"], row["posted_after"]) for row in told] == [
        (str(alice.pk), "10", "10"),
        (str(alice.pk), "5", "15"),
    ]
    assert told[1]["reason"] == "'=SUM(1)"
    nothing = client.get(LEDGER, {"from": "2020-01-01", "to": "2020-01-31"})
    assert len(b"".join(nothing).splitlines()) == 1
    assert client.get(LEDGER, {"from": "2026-02-01", "to": "2026-01-01"}).status_code == 302
    assert client.get(LEDGER, {"from": "soon"}).status_code == 302
    assert client.get(LEDGER, {"from": today, "to": "9999-12-31"}).status_code == 302
    assert client.get("/admin/reports/credits", {"from": "9999-12-31", "to": "9999-12-31"}).status_code == 200
    assert Act.objects.filter(verb="export", name="ledger").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("path", [FILE, GIVE, LEDGER, "/admin/reports/credits"])
def test_credits_are_for_admins_with_the_right(path: str) -> None:
    assert Client().get(path).status_code == 302
    _, clerk = admin("view_user", "change_user")
    assert clerk.get(path).status_code == 403
    _, cashier = admin("give_credits", "view_entry")
    assert cashier.get(path).status_code == 200
