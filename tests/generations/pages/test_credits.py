"""The page of credits: what each generation cost."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Entry, User
from generations import fulfilment, submission
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished
from tests.generations.pages.looking import HTMX, made, page

pytestmark = pytest.mark.django_db
ORDER = {
    "model": "sketch",
    "prompt": "a lighthouse at dusk",
    "aspect_ratio": "1:1",
    "resolution": "1K",
    "count": "2",
    "output_format": "png",
}
MINUS = "\N{MINUS SIGN}"
WINDOW = {"Sec-Fetch-Dest": "document"}


def test_credits_tell_what_each_generation_cost(browser: Client, alice: User) -> None:
    made(alice, count=2, prompt="two herons")
    partial = make_generation(alice, count=3, prompt="three herons")
    fulfilment.advance(partial.pk, FakeProvider([finished(2)]))
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
