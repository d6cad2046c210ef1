"""Codes that are worth credits, and the account of credits over REST."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import keys, ledger, limits, vouchers
from accounts.models import Act, Entry, User, Voucher, Wallet
from generations import submission, verification
from tests.accounts.test_limits import nobody_counts  # noqa: F401 - a fixture
from tests.administration import CONFIRMED, admin
from tests.factories import make_catalogue, make_generation, make_user

CREDITS, ENTRIES, REDEEM = "/api/v1/credits", "/api/v1/credits/entries", "/api/v1/credits/redeem"


def issue(*, amount: int = 25, **wanted: Any) -> list[str]:
    return vouchers.issue(vouchers.Batch("spring", amount, **wanted), make_user(is_staff=True))


def program(user: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {keys.create(user, 'tests')[1]}"})


def redeem(api: Client, code: Any) -> Any:
    return api.post(REDEEM, {"code": code}, "application/json")


def refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code), response.content


def spendable(user: User) -> int:
    return Wallet.objects.get(user=user).spendable


@pytest.mark.django_db
def test_a_code_gives_what_it_is_worth_once() -> None:
    alice = make_user(balance=5)
    api = program(alice)
    [code] = issue(uses=2)
    response = redeem(api, f" {code.lower().replace('-', ' ')} ")
    assert response.status_code == 201, response.content
    body = response.json()
    assert (body["entry"]["kind"], body["entry"]["amount"], body["entry"]["reason"]) == ("redeem", 25, "spring")
    assert body["entry"]["spendable_after"] == body["credits"]["spendable"] == spendable(alice) == 30
    refused(redeem(api, code), 409, "code_redeemed")
    assert spendable(alice) == 30
    assert Voucher.objects.get().used == 1
    assert redeem(program(make_user()), code).status_code == 201
    refused(redeem(program(make_user()), code), 409, "code_used_up")


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["", "x" * 41, 7, None, ["A"], "\ud800", "a\0b"])
def test_what_cannot_be_a_code_is_refused(wrong: Any) -> None:
    refused(redeem(program(make_user()), wrong), 400, "invalid")


@pytest.mark.django_db
def test_codes_that_are_none_or_over_say_so() -> None:
    alice = make_user()
    refused(redeem(program(alice), "AAAA-AAAA-AAAA-AAAA"), 404, "code_unknown")
    [late] = issue(expires=timezone.now() - dt.timedelta(seconds=1))
    refused(redeem(program(alice), late), 410, "code_expired")
    assert not Entry.objects.filter(wallet__user=alice).exists()


@pytest.mark.django_db
def test_the_database_has_no_code_and_no_two_are_alike() -> None:
    codes = issue(number=50)
    assert len(set(codes)) == 50
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row_to_json(v)::text, ' ') FROM accounts_voucher v")
        (rows,) = cursor.fetchone()
    assert not any(code in rows or code.replace("-", "") in rows for code in codes)


@pytest.mark.django_db(transaction=True)
def test_of_a_crowd_that_redeems_the_last_use_one_wins() -> None:
    [code] = issue(uses=3)
    people = [make_user() for _ in range(16)]

    def act(user: User) -> str:
        try:
            vouchers.redeem(user, code)
        except vouchers.NotRedeemable as error:
            return error.code
        finally:
            connection.close()
        return "redeemed"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(act, people)) == {"redeemed": 3, "code_used_up": 13}
    assert sum(map(spendable, people)) == 75
    assert not [finding.name for finding in verification.verify() if finding.breaches]


@pytest.mark.django_db(transaction=True)
def test_one_person_who_redeems_many_times_at_once_gets_it_once() -> None:
    [code] = issue(uses=100)
    alice = make_user()

    def act(_number: int) -> str:
        try:
            vouchers.redeem(alice, code)
        except vouchers.NotRedeemable as error:
            return error.code
        finally:
            connection.close()
        return "redeemed"

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(act, range(8))) == {"redeemed": 1, "code_redeemed": 7}
    assert (spendable(alice), Voucher.objects.get().used) == (25, 1)


@pytest.mark.django_db
def test_codes_are_not_guessed() -> None:
    alice = make_user()
    api = program(alice)
    statuses = Counter(redeem(api, f"GUESS{number}").status_code for number in range(limits.REDEEMS_PER_MINUTE + 2))
    assert statuses == {404: limits.REDEEMS_PER_MINUTE, 429: 2}
    [code] = issue()
    refused(redeem(api, code), 429, "rate_limited")


@pytest.mark.django_db
@pytest.mark.usefixtures("nobody_counts")
def test_nobody_redeems_while_tries_cannot_be_counted() -> None:
    [code] = issue()
    refused(redeem(program(make_user()), code), 503, "unavailable")
    assert not Entry.objects.filter(kind="redeem").exists()


@pytest.mark.django_db
def test_every_movement_is_told_with_what_it_was_for() -> None:
    make_catalogue()
    alice = make_user(balance=50)
    generation = make_generation(alice, count=2)
    submission.cancel(generation)
    api = program(alice)
    balance = api.get(CREDITS).json()
    released, held, granted = api.get(ENTRIES).json()["results"]
    assert (released["kind"], held["kind"], granted["kind"]) == ("release", "hold", "grant")
    assert released["generation"] == held["generation"] == str(generation.pk)
    assert (granted["generation"], granted["reason"]) == (None, "test")
    assert held["spendable_after"] == 50 - held["amount"]
    assert released["spendable_after"] == balance["spendable"] == 50


@pytest.mark.django_db
def test_entries_are_found_by_kind_and_time_a_page_at_a_time(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    alice = make_user()
    for number in range(7):
        ledger.grant(alice, number + 1, key=f"grant:{number}", reason="test")
    vouchers.redeem(alice, issue()[0])
    make_user(balance=99)
    api = program(alice)
    api.get(ENTRIES)
    with django_assert_num_queries(2):
        page = api.get(f"{ENTRIES}?kind=grant&limit=4").json()
    ledger.grant(alice, 100, key="grant:newer", reason="test")
    rest = api.get(page["next"]).json()
    assert [one["amount"] for one in page["results"] + rest["results"]] == [7, 6, 5, 4, 3, 2, 1]
    assert rest["next"] is None
    now = timezone.now().isoformat()
    assert len(api.get(ENTRIES, {"to": now}).json()["results"]) == 9
    assert api.get(ENTRIES, {"from": now}).json()["results"] == []
    for wrong in ("kind=gift", "from=yesterday", "before=x", "before=0", "order=1"):
        refused(api.get(f"{ENTRIES}?{wrong}"), 400, "invalid")


@pytest.mark.django_db
def test_a_code_is_redeemed_on_the_page(client: Client) -> None:
    alice = make_user()
    client.force_login(alice)
    [code] = issue(amount=40)
    assert "40 credits are yours" in client.post(reverse("redeem"), {"code": code}, follow=True).content.decode()
    assert spendable(alice) == 40
    assert "There is no such code" in client.post(reverse("redeem"), {}, follow=True).content.decode()
    for _ in range(limits.REDEEMS_PER_MINUTE):
        last = client.post(reverse("redeem"), {"code": code}, follow=True).content.decode()
    assert "Too many tries" in last
    assert client.get(reverse("redeem")).status_code == 405
    assert Client().post(reverse("redeem"), {"code": code})["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
def test_an_admin_makes_codes_that_are_shown_once_and_ends_them(client: Client) -> None:
    admin = make_user(is_staff=True, is_superuser=True)
    client.force_login(admin)
    listed, page = reverse("admin:accounts_voucher_changelist"), reverse("admin:accounts_voucher_issue")
    assert page in client.get(listed).content.decode()
    wishes = {"batch": "spring", "amount": "25", "number": "3", "uses": "2", "expires_0": "", "expires_1": ""}
    wishes["token"] = str(uuid.uuid4())
    made = client.post(page, wishes)
    codes = sorted(set(re.findall(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", made.content.decode())))
    assert len(codes) == Voucher.objects.count() == 3
    assert "no-store" in made["Cache-Control"]
    assert codes[0] not in client.get(listed).content.decode()
    assert "errorlist" in client.post(page, wishes | {"number": "0"}).content.decode()
    everything = list(Voucher.objects.values_list("pk", flat=True))
    client.post(listed, {"action": "end", "_selected_action": everything, **CONFIRMED})
    with pytest.raises(vouchers.NotRedeemable, match="code_expired"):
        vouchers.redeem(make_user(), codes[0])


@pytest.mark.django_db
def test_a_form_that_is_sent_again_makes_no_more_codes() -> None:
    _, client = admin("change_voucher")
    page = reverse("admin:accounts_voucher_issue")
    [token] = re.findall('name="token" value="([^"]+)"', client.get(page).content.decode())
    wishes = {"batch": "spring", "amount": "25", "number": "3", "uses": "2", "token": token}
    assert client.post(page, wishes).status_code == 200
    again = client.post(page, wishes, follow=True)
    assert again.redirect_chain == [(reverse("admin:accounts_voucher_changelist"), 302)]
    assert "was sent before" in again.content.decode()
    assert (Voucher.objects.count(), Act.objects.filter(verb="issue codes").count()) == (3, 1)


@pytest.mark.django_db
def test_new_codes_are_taken_along_as_a_file_of_which_nothing_is_a_formula() -> None:
    _, client = admin("view_voucher", "change_voucher")
    wishes = {
        "batch": "=1+1",
        "amount": "25",
        "number": "3",
        "uses": "2",
        "expires_0": "2031-02-03",
        "expires_1": "04:05",
        "token": str(uuid.uuid4()),
    }
    made = client.post(reverse("admin:accounts_voucher_issue"), wishes).content.decode()
    file = re.search('download="codes.csv" href="data:text/csv;charset=utf-8,([^"]+)"', made)
    assert file
    head, *rows = unquote(file[1]).splitlines()
    codes = re.search("<pre>(.*)</pre>", made, re.DOTALL)
    assert codes
    assert head == "code,batch,credits,people,expires"
    assert [row.partition(",")[0] for row in rows] == codes[1].split()
    assert rows[0].partition(",")[2] == "'=1+1,25,2,2031-02-03 04:05:00+00:00"


@pytest.mark.django_db
def test_what_is_left_of_a_batch_is_withdrawn_for_a_reason_once() -> None:
    used, *codes = issue(number=3, uses=1)
    [other] = vouchers.issue(vouchers.Batch("spring & more", 5), make_user(is_staff=True))
    vouchers.redeem(make_user(), used)
    boss, client = admin("view_voucher", "change_voucher")
    listed = reverse("admin:voucher_batches")
    page = f"{reverse('admin:withdraw_batch')}?batch=spring"
    shown = client.get(listed).content.decode()
    assert page in shown
    assert "?batch=spring%20%26%20more" in shown
    asked = client.get(page).content.decode()
    assert asked.count("<li>") >= 2
    assert "errorlist" in client.post(page, {"_reason": ""}).content.decode()
    assert vouchers.left("spring").count() == 2, "not without a reason"
    for said in ("Done to 2.", "There was nothing to do."):
        assert said in client.post(page, {"_reason": "leaked"}, follow=True).content.decode()
    assert client.get(page)["Location"] == listed
    for code in codes:
        with pytest.raises(vouchers.NotRedeemable, match="code_expired"):
            vouchers.redeem(make_user(), code)
    assert vouchers.redeem(make_user(), other).amount == 5
    act = Act.objects.get()
    assert (act.verb, act.actor, act.name, act.after, act.reason) == (
        *("withdraw batch", boss, "spring"),
        *({"codes": 2}, "leaked"),
    )


@pytest.mark.django_db
def test_only_those_withdraw_who_may_change_codes() -> None:
    issue()
    page = f"{reverse('admin:withdraw_batch')}?batch=spring"
    _, clerk = admin("view_voucher")
    assert "withdraw" not in clerk.get(reverse("admin:voucher_batches")).content.decode()
    assert clerk.post(page, {"_reason": "because"}).status_code == 403
    assert Client().post(page, {"_reason": "because"}).status_code == 302
    assert vouchers.left("spring").count() == 1


@pytest.mark.django_db
def test_an_admin_who_only_looks_makes_none(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    assert client.get(reverse("admin:accounts_voucher_issue")).status_code == 403
    assert not Voucher.objects.exists()


@pytest.mark.django_db
def test_admins_see_what_became_of_each_batch(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    code, *_others = issue(number=3, uses=2, per_person=1)
    vouchers.redeem(make_user(), code)
    [late] = vouchers.issue(vouchers.Batch("<autumn>", 5, expires=timezone.now()), make_user(is_staff=True))
    autumn, spring = vouchers.batches()
    assert (autumn["batch"], autumn["left"], autumn["given"]) == ("<autumn>", 0, 0)
    assert [spring[name] for name in ("codes", "may", "redeemed", "given", "left")] == [3, 6, 1, 25, 3]
    assert spring["per_person"] == 1
    page = reverse("admin:voucher_batches")
    assert Client().get(page).status_code == 302
    assert admin("view_entry")[1].get(page).status_code == 403
    _, clerk = admin("view_voucher")
    with django_assert_max_num_queries(8):
        shown = clerk.get(page).content.decode()
    assert "&lt;autumn&gt;" in shown
    assert "?batch=spring" in shown
    assert code not in shown
    assert late not in shown
    assert page in clerk.get(reverse("admin:accounts_voucher_changelist")).content.decode()
