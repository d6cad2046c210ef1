"""What was earned and paid: by day, model and provider, from the books alone; and what prices were when."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import ledger
from generations import earnings, submission, tasks
from generations.earnings import Earned
from generations.models import Attempt, Generation, Model, PriceChange
from generations.submission import Entrance
from tests.administration import admin
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/credits"


def month() -> tuple[dt.datetime, dt.datetime]:
    now = timezone.now()
    return now - dt.timedelta(days=30), now + dt.timedelta(days=1)


def make(count: int, cost: str | None) -> Generation:
    generation = make_generation(make_user(balance=50), count=count)
    take_steps(generation.pk, FakeProvider([finished(count)]))
    Attempt.objects.filter(generation=generation).update(cost_usd=cost)
    return generation


def test_what_was_earned_is_what_was_paid_for_pictures_less_refunds_and_their_cost() -> None:
    make_catalogue()
    Model.objects.filter(slug="sketch").update(price_1k=10)
    generation = make(3, "0.06")
    make(1, None)
    ledger.refund(generation.pk, 1, 10, reason="blurred")
    make_generation(make_user(balance=20))
    found = earnings.report(*month())
    assert found.total == Earned(4, 30, Decimal("0.06"))
    assert (found.total.worth, found.total.margin) == (Decimal("0.3"), Decimal("0.24"))
    assert found.by("provider") == [("sketch", Earned(4, 30, Decimal("0.06")))]
    assert (found.issued, found.posted, found.held) == ({"grant": 120, "refund": 10}, 90, 10)
    assert earnings.report(month()[0], month()[0]).rows == []
    last_year = timezone.now() - dt.timedelta(days=365)
    assert earnings.report(last_year, month()[0]).total == Earned(0, 0, Decimal(0))


def test_a_month_takes_as_many_statements_however_much_was_made(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_catalogue()
    for _ in range(2):
        make(2, "0.01")
        with django_assert_num_queries(3):
            earnings.report(*month())


def test_the_page_and_its_file_say_the_same() -> None:
    make_catalogue()
    make(2, "0.015")
    _, client = admin("view_entry")
    page = client.get(PAGE)
    assert page.context["tables"][0]["rows"][0][0] == "sketch"
    assert "$0.015" in page.content.decode()
    [head, row] = csv.reader(b"".join(client.get(PAGE, {"csv": "1"})).decode().splitlines())
    told = dict(zip(head, row, strict=True))
    assert (told["model"], told["images"], told["credits_earned"], told["cost_usd"]) == ("sketch", "2", "2", "0.01500")
    for wrong in ({"from": "2026-02-01", "to": "2026-01-01"}, {"from": "2020-01-01"}, {"to": "soon"}):
        assert client.get(PAGE, wrong).context["days"].errors


def test_every_change_of_a_price_is_noted_with_who_made_it() -> None:
    model = make_catalogue()
    boss, client = admin()
    row = {"form-0-id": model.pk, "form-0-price_1k": 3, "form-0-price_2k": model.price_2k, "form-0-position": 40}
    Model.objects.exclude(pk=model.pk).delete()
    forms = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}
    assert client.post("/admin/generations/model/", {**row, **forms}).status_code == 302
    Model.objects.filter(pk=model.pk).update(price_2k=9, note="another note")
    changes = PriceChange.objects.filter(model=model).order_by("id")
    told = [(change.resolution, change.before, change.after) for change in changes]
    assert told == [("1K", None, 1), ("2K", None, model.price_2k), ("1K", 1, 3), ("2K", model.price_2k, 9)]
    assert [change.actor for change in changes][2] == boss
    assert boss.email in client.get("/admin/generations/pricechange/").content.decode()
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        changes.update(after=1)


def test_a_price_that_changes_leaves_quotes_and_what_was_ordered_alone() -> None:
    model = make_catalogue()
    user = make_user(balance=100)
    earlier, quote = make_generation(user), submission.quote(user, make_order())
    Model.objects.filter(pk=model.pk).update(price_1k=30)
    earlier.refresh_from_db()
    assert (earlier.price, quote.price) == (1, 1)
    quoted = submission.submit(user, make_order(), Entrance(Generation.Source.API), quote_id=quote.id).generation
    assert quoted.price == 1
    assert submission.quote(user, make_order()).price == 30


def test_beat_gives_the_months_credits() -> None:
    tasks.give_allowances()
