"""The page of credits: what each generation cost."""

from __future__ import annotations

import csv
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import ledger, statement
from accounts.models import Entry, User
from generations import submission
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.pages.looking import HTMX, made, page
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
MINUS = "\N{MINUS SIGN}"


def test_credits_tell_what_each_generation_cost(browser: Client, alice: User) -> None:
    made(alice, count=2, prompt="two herons")
    partial = make_generation(alice, count=3, prompt="three herons")
    take_steps(partial.pk, FakeProvider([finished(2)]))
    held = make_generation(alice, count=4, prompt="four herons")
    text = page(browser.get(reverse("credits")))
    assert f'id="e-{held.pk}"' in text
    assert "92" in text
    assert "2 of 3 images" in text
    assert re.findall(r"<strong[^>]*>([^<]+)</strong>", text) == [f"{MINUS}4", f"{MINUS}2", f"{MINUS}2", "+100"]
    assert re.findall(r'class="amount muted aside">(\d+)<', text) == ["92", "96", "98", "100"]


def test_entries_go_on_with_the_right_rest(browser: Client, alice: User) -> None:
    for _ in range(30):
        submission.cancel(make_generation(alice))
    made(alice)
    first = page(browser.get(reverse("credits")))
    older = re.search(r'href="(/account/credits\?before=\d+)"', first)
    assert older
    rest = page(browser.get(older[1], headers=HTMX))
    assert "<html" not in rest
    assert re.findall(r'class="amount muted aside">(\d+)<', rest)[-1] == "100"
    rows = first.count('class="when number"') + rest.count('class="when number"')
    assert rows == Entry.objects.filter(kind__in=["hold", "grant"], wallet__user=alice).count()


def nets_and_rests(text: str) -> list[tuple[str, str]]:
    return list(
        zip(
            re.findall(r"<strong[^>]*>([^<]+)</strong>", text),
            re.findall(r'class="amount muted aside">(\d+)<', text),
            strict=True,
        )
    )


def test_kinds_keep_the_capitals_of_their_language(browser: Client) -> None:
    text = page(browser.get(reverse("credits"), headers={"Accept-Language": "de"}))
    assert "Eingelöster Code" in text


def test_entries_are_narrowed_to_a_kind_and_keep_what_was_left(browser: Client, alice: User) -> None:
    made(alice)
    submission.cancel(make_generation(alice))
    ledger.grant(alice, 30, key="grant:more", reason="more")
    held = make_generation(alice, count=4)
    shown = {kind: nets_and_rests(page(browser.get(reverse("credits"), {"kind": kind}))) for kind in statement.KINDS}
    assert {kind: found for kind, found in shown.items() if found} == {
        "held": [(f"{MINUS}4", "125")],
        "spent": [(f"{MINUS}1", "99")],
        "returned": [("0", "99")],
        "grant": [("+30", "129"), ("+100", "100")],
    }
    whole = page(browser.get(reverse("credits")))
    assert f'href="{reverse("credits")}?kind=held">1 generation</a>' in whole
    assert "No entry matches." in page(browser.get(reverse("credits"), {"kind": "refund"}))
    rows = csv.DictReader(browser.get(reverse("credits_csv"), {"kind": "held"}).getvalue().decode().splitlines())
    assert [row["generation"] for row in rows] == [str(held.pk)]


def test_entries_are_narrowed_to_a_month_through_every_page(browser: Client, alice: User) -> None:
    for number in range(27):
        ledger.grant(alice, 1, key=f"grant:{number}", reason=f"gift {number}")
    month = f"{timezone.localdate():%Y-%m}"
    first = page(browser.get(reverse("credits"), {"month": month, "kind": "grant"}))
    older = re.search(r'href="(/account/credits\?kind=grant&amp;month=[\d-]+&amp;before=\d+)"', first)
    assert older
    rest = page(browser.get(older[1].replace("&amp;", "&"), headers=HTMX))
    assert nets_and_rests(rest)[-1] == ("+100", "100")
    assert len(nets_and_rests(first)) + len(nets_and_rests(rest)) == 28
    assert "No entry matches." in page(browser.get(reverse("credits"), {"month": "2020-01"}))


@pytest.mark.parametrize("part", [{"kind": "capture"}, {"kind": "x"}, {"month": "2026-13"}, {"month": "July"}])
def test_a_part_of_the_entries_that_is_none_is_refused(browser: Client, part: dict[str, str]) -> None:
    assert browser.get(reverse("credits"), part).status_code == 400
    assert browser.get(reverse("credits_csv"), part).status_code == 400
