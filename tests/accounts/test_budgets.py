"""Budgets of keys: a burst exceeds none, and what was not spent comes back to the day that it was held on."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import keys, ledger
from accounts.models import ApiKey, Hold, KeySpend, User
from generations import submission, verification
from generations.models import Generation
from generations.providers.base import RequestRejected
from generations.submission import Entrance
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_order, make_user
from tests.fakes import FakeProvider, png
from tests.generations.steps import advance

MORNING = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def make_key(user: User, **limits: Any) -> ApiKey:
    return keys.create(user, "tests", **limits)[0]


def hold(key: ApiKey, amount: int) -> Hold:
    with transaction.atomic():
        return ledger.hold(key.user.wallet, uuid.uuid4(), amount, key)


def refused(key: ApiKey, amount: int) -> ledger.BudgetExceeded:
    with pytest.raises(IntegrityError) as error:
        hold(key, amount)
    refusal = ledger.refusal(error.value, key.user.wallet, amount, key)
    assert isinstance(refusal, ledger.BudgetExceeded)
    return refusal


def release(held: Hold) -> None:
    with transaction.atomic():
        ledger.release_rest(held.generation)


def spent(key: ApiKey) -> tuple[int, int, int]:
    spend = KeySpend.objects.get(key=key)
    return spend.in_day, spend.in_month, spend.in_total


def sound() -> bool:
    return not [finding for finding in verification.verify() if finding.name == "L15" and finding.breaches]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("period", ["day", "month", "total"])
def test_sixty_four_orders_at_once_exceed_no_budget(period: str) -> None:
    make_catalogue()
    user = make_user(balance=1000)
    key = make_key(user, **{f"budget_{period}": 70})
    order = make_order(model="imagen-4")

    def act(_number: int) -> str:
        try:
            again = User.objects.select_related("wallet").get(pk=user.pk)
            used = ApiKey.objects.get(pk=key.pk)
            submission.submit(again, order, Entrance(Generation.Source.API, used))
        except ledger.BudgetExceeded as error:
            return f"{error.period} {error.budget}"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(16) as pool:
        assert Counter(pool.map(act, range(64))) == {"made": 10, f"{period} 70": 54}
    assert Generation.objects.count() == Hold.objects.filter(key=key).count() == 10
    assert spent(key) == (70, 70, 70)
    assert sound()


@pytest.mark.django_db
def test_each_period_begins_anew_and_all_of_them_count() -> None:
    key = make_key(make_user(balance=1000), budget_day=10, budget_month=15, budget_total=27)
    with time_machine.travel(MORNING) as clock:
        hold(key, 10)
        assert (refused(key, 1).period, refused(key, 1).left) == ("day", 0)
        clock.move_to(MORNING + DAY)
        refusal = refused(key, 7)
        assert (refusal.period, refusal.budget, refusal.left, refusal.needed) == ("month", 15, 5, 7)
        assert str(refusal) == "This costs 7 credits and 5 are left of the key's budget of 15 for this month."
        hold(key, 5)
        clock.move_to(MORNING + 2 * DAY)
        hold(key, 10)
        assert spent(key) == (10, 10, 25)
        clock.move_to(MORNING + 3 * DAY)
        assert (refused(key, 3).period, refused(key, 3).left) == ("total", 2)
    assert sound()


@pytest.mark.django_db
def test_what_comes_back_comes_back_to_its_own_day() -> None:
    key = make_key(make_user(balance=1000), budget_month=20)
    with time_machine.travel(MORNING) as clock:
        first = hold(key, 9)
        clock.move_to(MORNING + DAY)
        second = hold(key, 8)
        release(first)
        assert spent(key) == (8, 8, 8)
        clock.move_to(MORNING + 2 * DAY)
        hold(key, 5)
        release(second)
        assert spent(key) == (5, 5, 5)
    assert sound()


@pytest.mark.django_db
def test_an_order_that_comes_late_to_midnight_counts_for_the_new_day() -> None:
    key = make_key(make_user(balance=1000), budget_day=20)
    with time_machine.travel(MORNING + DAY) as clock:
        hold(key, 5)
        clock.move_to(MORNING)
        late = hold(key, 6)
        assert spent(key) == (11, 11, 11)
        assert Hold.objects.get(pk=late.pk).counted_on == (MORNING + DAY).date()
        release(late)
    assert spent(key) == (5, 5, 5)
    assert sound()


@pytest.mark.django_db(transaction=True)
def test_only_delivered_pictures_stay_counted() -> None:
    make_catalogue()
    user = make_user(balance=100)
    key = make_key(user, budget_total=50)

    def order(count: int) -> Generation:
        return submission.submit(user, make_order(count=count), Entrance(Generation.Source.API, key)).generation

    partial = order(3)
    price = partial.price
    assert spent(key)[2] == 3 * price
    advance(partial, FakeProvider([Finished([Picture(content=png())])]))
    assert spent(key)[2] == price
    advance(order(2), FakeProvider([RequestRejected("no")]))
    submission.cancel(order(1))
    assert spent(key)[2] == price
    assert sound()


@pytest.mark.django_db
def test_keys_without_a_budget_are_not_counted() -> None:
    key = make_key(make_user(balance=100))
    assert Hold.objects.get(pk=hold(key, 30).pk).key is None
    assert spent(key) == (0, 0, 0)


@pytest.mark.django_db
def test_a_budget_counts_from_when_it_was_given() -> None:
    key = make_key(make_user(balance=100))
    hold(key, 30)
    assert key.change(budget_total=10)
    hold(key, 10)
    assert refused(key, 1).left == 0
    assert key.change(budget_total=12)
    hold(key, 2)
    assert spent(key)[2] == 12


@pytest.mark.django_db
def test_want_of_credits_is_told_before_want_of_budget() -> None:
    key = make_key(make_user(balance=3), budget_total=1)
    with pytest.raises(IntegrityError) as error:
        hold(key, 4)
    refusal = ledger.refusal(error.value, key.user.wallet, 4, key)
    assert (type(refusal), getattr(refusal, "available", None)) == (ledger.NotEnoughCredits, 3)


@pytest.mark.django_db(transaction=True)
def test_nobody_writes_what_was_spent_but_the_ledger() -> None:
    key = make_key(make_user(balance=3), budget_total=1)
    with pytest.raises(DatabaseError, match="refused"):
        KeySpend.objects.filter(key=key).update(in_total=5)
