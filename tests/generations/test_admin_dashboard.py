"""The admin's first page, and the field that finds everything."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import keys, ledger, vouchers
from accounts.models import Entry, User
from generations import activity, endpoints
from generations.admin import dashboard
from generations.models import Attempt, Delivery, Endpoint, Generation, Image, LedgerCheck, Report
from tests.administration import admin
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
INDEX, SEARCH = "/admin/", "/admin/search"


def made() -> Generation:
    generation = make_generation(make_user(balance=20), count=2)
    take_steps(generation.pk, FakeProvider([finished(2)]))
    return generation


def cells(client: Client) -> dict[str, dict[str, str]]:
    user = client.get(INDEX).wsgi_request.user
    assert isinstance(user, User)
    return {block.title: {cell.label: cell.text for cell in block.cells} for block in dashboard.blocks(user)}


def test_the_first_page_tells_of_the_day() -> None:
    make_catalogue()
    done = made()
    make_generation(make_user(balance=20), count=2)
    failed = made()
    Generation.objects.filter(pk=failed.pk).update(status="failed")
    LedgerCheck.objects.create(seconds=1, broken={})
    Report.objects.create(user=make_user(), image=Image.objects.filter(generation=done)[0], reason="other")
    endpoint = endpoints.create(done.user, "https://hooks.example/atelier")
    Delivery.objects.filter(pk=endpoints.test(endpoint).pk).update(state="failed", finished=timezone.now())
    Endpoint.objects.update(disabled=Endpoint.Disabled.FAILING)
    _, client = admin()
    told = cells(client)
    assert told["Generations"] == {
        "Submitted": "3",
        "Completed": "1",
        "Failed": "1",
        "Cancelled": "0",
        "Queued": "1",
        "Running": "0",
        "Due now": "1",
    }
    money = told["Credits"]
    assert (money["Earned"], money["Outstanding"], money["Held"], money["Ledger"]) == ("4 credits", "56", "2", "sound")
    assert (told["People"]["New"], told["Reports"]["Open"], told["Webhooks"]["Failed"]) == ("5", "1", "1")
    page = client.get(INDEX).content.decode()
    assert 'aria-label="Generations of the last 24 hours: 3 submitted, 1 failed."' in page
    assert "sketch" in page
    assert "style=" not in page.partition('class="day')[2].partition("</svg>")[0]
    assert [hour.submitted for hour in activity.by_hour()][-2:] in ([0, 3], [3, 0], [1, 2], [2, 1])


def test_the_first_page_takes_as_many_statements_whatever_happened(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_catalogue()
    _, client = admin()
    for _ in range(3):
        made()
        with django_assert_max_num_queries(32):
            assert client.get(INDEX).status_code == 200


def test_admins_see_the_blocks_they_may_see() -> None:
    make_catalogue()
    assert Client().get(INDEX).status_code == 302
    _, clerk = admin("view_user")
    assert list(cells(clerk)) == ["People"]
    assert "Report on credits" not in clerk.get(INDEX).content.decode()


THINGS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "view_user": lambda things: ("ALICE@ex", reverse("admin:accounts_user_change", args=[things["alice"].pk])),
    "view_apikey": lambda things: (things["text"], reverse("admin:accounts_apikey_change", args=[things["key"].pk])),
    "view_generation": lambda things: (str(things["done"].pk), things["page"]),
    "view_generation ": lambda things: ("job-4711", things["page"]),
    "view_generation  ": lambda things: (str(things["image"].pk), things["page"]),
    "view_entry": lambda things: (
        things["entry"].key,
        reverse("admin:accounts_entry_change", args=[things["entry"].pk]),
    ),
    "view_entry ": lambda things: (
        f"gen:{things['done'].pk}:img:1",
        reverse("admin:accounts_entry_change", args=[things["capture"].pk]),
    ),
    "view_voucher": lambda things: ("fair & sq", "/admin/accounts/voucher/?batch=fair+%26+square"),
    "view_endpoint": lambda things: (
        str(things["endpoint"].pk),
        reverse("admin:generations_endpoint_change", args=[things["endpoint"].pk]),
    ),
}


@pytest.mark.parametrize("right", THINGS)
def test_one_field_finds_everything_that_one_may_see(right: str) -> None:
    make_catalogue()
    alice = make_user(email="alice@example.com")
    ledger.grant(alice, 20, key="grant:order-7", reason="x")
    key, text = keys.create(alice, "laptop")
    done = make_generation(alice, count=2)
    take_steps(done.pk, FakeProvider([finished(2)]))
    Attempt.objects.filter(generation=done).update(job="job-4711")
    vouchers.issue(vouchers.Batch("fair & square", 5, number=2), make_user(is_staff=True))
    things = {
        "alice": alice,
        "key": key,
        "text": text,
        "done": done,
        "image": Image.objects.all()[0],
        "entry": Entry.objects.get(key="grant:order-7"),
        "capture": Entry.objects.get(key=f"gen:{done.pk}:img:1"),
        "page": reverse("admin:generations_generation_change", args=[done.pk]),
        "endpoint": endpoints.create(alice, "https://hooks.example/atelier"),
    }
    words, page = THINGS[right](things)
    _, client = admin(right.strip())
    answer = client.get(SEARCH, {"q": words})
    assert (answer.status_code, answer.headers.get("Location")) == (302, page)
    _, other = admin("view_group")
    assert "Nothing is called" in other.get(SEARCH, {"q": words}).content.decode()


@pytest.mark.parametrize(
    "words", ["", "x", "\x00\x00\x00", "'; --", "9" * 40, "gen:", "gen:x:y", "%", str(uuid.UUID(int=7))]
)
def test_what_is_nothing_finds_nothing(words: str) -> None:
    _, client = admin()
    answer = client.get(SEARCH, {"q": words})
    assert answer.status_code == 200
    assert answer.context["found"] == []


def test_several_finds_are_listed() -> None:
    make_user(email="ann@example.com")
    make_user(email="anna@example.com")
    _, client = admin(email="boss@example.org")
    page = client.get(SEARCH, {"q": "ann"}).content.decode()
    assert "ann@example.com" in page
    assert "anna@example.com" in page
