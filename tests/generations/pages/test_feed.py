"""The feed: a card for every generation, whatever becomes of it."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generations.models import Generation
from generations.providers.base import ProviderUnavailable, RequestRejected
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.pages.looking import HTMX, made, page
from tests.generations.steps import take_steps

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


def card(client: Client, generation: Generation) -> str:
    return page(client.get(reverse("generation", args=[generation.pk])))


def test_a_queued_card_shows_the_place_in_line(browser: Client, alice: User, bob: User) -> None:
    make_generation(bob)
    text = card(browser, make_generation(alice))
    assert "Place 2 in line" in text
    assert "Cancel" in text


def test_a_running_card_counts_seconds(browser: Client, alice: User) -> None:
    generation = make_generation(alice)
    Generation.objects.filter(pk=generation.pk).update(status=Generation.Status.RUNNING)
    text = card(browser, generation)
    assert "data-elapsed=" in text
    assert "of ≈ 1 s" in text


def test_a_finished_card_shows_its_pictures_and_who_drew_them(browser: Client, alice: User) -> None:
    text = card(browser, made(alice, count=2))
    assert text.count("data-arrives") == 2
    assert "drawn by Sketch, not AI" in text
    assert "Vary" in text


def test_a_failed_card_says_why_and_that_the_credits_are_back(browser: Client, alice: User) -> None:
    generation = make_generation(alice)
    take_steps(generation.pk, FakeProvider([RequestRejected("Not this.")]))
    text = card(browser, generation)
    assert "Nothing was made" in text
    assert "Not this. Your 1 credit is back." in text
    assert "Try again" in text


def test_an_unavailable_route_is_said_in_our_words(browser: Client, alice: User) -> None:
    generation = make_generation(alice)
    take_steps(generation.pk, FakeProvider([ProviderUnavailable("HTTP 502 <html>")]))
    Generation.objects.filter(pk=generation.pk).update(status="failed", error_code="unavailable")
    text = card(browser, generation)
    assert "Every route for Sketch was busy." in text
    assert "502" not in text


def test_a_partial_card_keeps_the_place_of_what_is_missing(browser: Client, alice: User) -> None:
    generation = make_generation(alice, count=3)
    take_steps(generation.pk, FakeProvider([finished(2)]))
    text = card(browser, generation)
    assert "2 of 3 made, 2 credits" in text
    assert "Not made" in text
    assert "1 credit returned" in text


def test_a_single_credit_is_no_credits(browser: Client, alice: User) -> None:
    generation = make_generation(alice, count=2)
    take_steps(generation.pk, FakeProvider([finished(1)]))
    assert "1 of 2 made, 1 credit</strong>" in card(browser, generation)


def test_a_prompt_is_text_and_nothing_else(browser: Client, alice: User) -> None:
    text = card(browser, made(alice, prompt='"><script>alert(1)</script>'))
    assert "<script>" not in text


def test_a_window_gets_a_whole_page_around_the_card(browser: Client, alice: User) -> None:
    path = reverse("generation", args=[make_generation(alice).pk])
    assert "<html" in page(browser.get(path, headers=WINDOW))
    assert "<html" not in page(browser.get(path))


def test_cancel_gives_the_credits_back(browser: Client, alice: User) -> None:
    generation = make_generation(alice)
    response = browser.post(reverse("generation_cancel", args=[generation.pk]), headers=HTMX)
    assert "Cancelled" in page(response)
    assert json.loads(response["HX-Trigger"])["balance"]["spendable"] == 100
    assert browser.post(reverse("generation_cancel", args=[generation.pk]))["Location"] == reverse("create")


@pytest.mark.parametrize("name", ["generation_retry", "generation_vary"])
def test_again_is_a_new_generation_of_the_same_order(browser: Client, alice: User, name: str) -> None:
    first = made(alice, seed=5)
    text = page(browser.post(reverse(name, args=[first.pk]), headers=HTMX))
    new = Generation.objects.exclude(pk=first.pk).get()
    assert str(new.pk) in text
    assert (new.seed == first.seed) == (name == "generation_retry")
    assert (new.prompt_id, new.aspect_ratio) == (first.prompt_id, first.aspect_ratio)


def test_again_without_credits_says_so_and_changes_nothing(client: Client) -> None:
    poor = make_user(balance=1)
    client.force_login(poor)
    path = reverse("generation_retry", args=[made(poor).pk])
    response = client.post(path, headers=HTMX)
    assert "1 credits, you have 0" in json.loads(response["HX-Trigger"])["toast"]["text"]
    assert response["HX-Reswap"] == "none"
    assert client.post(path)["Location"] == reverse("create")
    assert "you have 0" in page(client.get(reverse("create")))
    assert Generation.objects.count() == 1


def test_the_feed_goes_on_where_it_stopped(browser: Client, alice: User) -> None:
    for _ in range(14):
        make_generation(alice)
    first = page(browser.get(reverse("create")))
    older = re.search(r'href="(/create\?before=[^"]+)"', first)
    assert older
    rest = page(browser.get(older[1], headers=HTMX))
    shown = re.findall(r'data-generation="([^"]+)"', first + rest)
    assert len(shown) == len(set(shown)) == 14
    assert "<html" not in rest
    assert "<html" in page(browser.get(older[1]))
