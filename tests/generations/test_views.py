"""The studio's pages: who sees them, what they show, and what they refuse."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Entry, Hold, User
from generations import fulfilment, submission
from generations.models import Event, Generation, Image, Model, Prompt
from generations.providers.base import ProviderUnavailable, RequestRejected
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished

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
HTMX = {"HX-Request": "true"}
WINDOW = {"Sec-Fetch-Dest": "document"}


@pytest.fixture(autouse=True)
def catalogue(files: Path) -> None:
    make_catalogue()


@pytest.fixture
def alice() -> User:
    return make_user(balance=100, name="Alice Moreau")


@pytest.fixture
def bob() -> User:
    return make_user(balance=100)


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    text: str = response.content.decode()
    return text


def made(user: User, **fields: Any) -> Generation:
    """A generation that is done."""
    generation = make_generation(user, **fields)
    fulfilment.advance(generation.pk, FakeProvider([finished(generation.count)]))
    generation.refresh_from_db()
    return generation


def first_image(user: User) -> Image:
    generation = made(user)
    return generation.images.get()


def nothing_left(user: User) -> None:
    for rows in (
        Generation.objects.filter(user=user),
        Hold.objects.filter(wallet__user=user),
        Prompt.objects.filter(user=user),
        Event.objects.filter(user=user),
    ):
        assert not rows.exists()


# Who sees what


def test_the_landing_page_is_for_those_who_are_not_signed_in(client: Client, alice: User) -> None:
    assert "Describe a picture." in page(client.get(reverse("home")))
    client.force_login(alice)
    assert client.get(reverse("home"))["Location"] == reverse("create")


@pytest.mark.parametrize("name", ["create", "gallery", "credits"])
def test_anonymous_visitors_are_sent_to_sign_in(client: Client, name: str) -> None:
    response = client.get(reverse(name), query_params={"prompt": "a fern"})
    assert response.status_code == 302
    assert "next=" in response["Location"]
    assert "fern" in response["Location"]


def test_a_part_of_a_page_sends_the_whole_window_to_sign_in(client: Client) -> None:
    response = client.post(reverse("create"), ORDER, headers=HTMX | {"HX-Current-URL": "http://testserver/create"})
    assert response["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fcreate"


@pytest.mark.parametrize("name", ["generation", "generation_cancel", "generation_retry", "generation_vary"])
def test_a_generation_is_its_owners_alone(client: Client, alice: User, bob: User, name: str) -> None:
    path = reverse(name, args=[make_generation(alice).pk])
    call = client.get if name == "generation" else client.post
    assert call(path).status_code == 302
    client.force_login(bob)
    assert call(path).status_code == 404
    assert Generation.objects.get().status == Generation.Status.QUEUED
    client.force_login(alice)
    assert call(path).status_code in {200, 302}


@pytest.mark.parametrize("name", ["generation_cancel", "generation_retry", "generation_vary"])
def test_what_changes_something_takes_a_post(browser: Client, alice: User, name: str) -> None:
    assert browser.get(reverse(name, args=[make_generation(alice).pk])).status_code == 405


def test_a_picture_is_its_owners_alone(client: Client, alice: User, bob: User) -> None:
    path = reverse("image", args=[first_image(alice).pk])
    assert client.get(path).status_code == 302
    client.force_login(bob)
    assert client.get(path).status_code == 404
    client.force_login(alice)
    assert "a lighthouse at dusk" in page(client.get(path))


def test_days_are_the_visitors(browser: Client, alice: User) -> None:
    image = first_image(alice)
    Image.objects.filter(pk=image.pk).update(created=dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC))
    path = reverse("image", args=[image.pk])
    assert "4 March" in page(browser.get(path))
    browser.cookies["zone"] = "Asia%2FTokyo"
    assert "5 March" in page(browser.get(path))
    for nonsense in ("Nowhere/At_All", "../../etc/passwd", "", "%00"):
        browser.cookies["zone"] = nonsense
        assert "4 March" in page(browser.get(path))


# Submitting


def test_a_submit_without_scripts_leads_back_to_the_feed(browser: Client, alice: User) -> None:
    assert browser.post(reverse("create"), ORDER)["Location"] == reverse("create")
    generation = Generation.objects.get(user=alice)
    assert (generation.source, generation.count, generation.total) == ("web", 2, 2)
    assert "a lighthouse at dusk" in page(browser.get(reverse("create")))


def test_a_submit_by_htmx_answers_the_new_card_and_the_balance(browser: Client, alice: User) -> None:
    response = browser.post(reverse("create"), ORDER, headers=HTMX)
    text = page(response)
    assert text.count("tile-queued") == 2
    assert "<html" not in text
    told = json.loads(response["HX-Trigger"])
    assert told["balance"] == {"spendable": 98, "held": 2, "inProgress": 1}
    assert told["composed"]["token"]


def test_a_double_click_is_one_submit(browser: Client, alice: User) -> None:
    for _ in range(2):
        page(browser.post(reverse("create"), ORDER | {"token": "one"}, headers=HTMX))
    assert Generation.objects.filter(user=alice).count() == 1


def test_a_token_that_was_used_for_another_order_is_refused(browser: Client, alice: User) -> None:
    browser.post(reverse("create"), ORDER | {"token": "one"})
    page(browser.post(reverse("create"), ORDER | {"token": "one", "count": "3"}), 422)
    assert Generation.objects.filter(user=alice).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": "   "},
        {"prompt": "x" * 4001},
        {"prompt": "a\x00b"},
        {"prompt": "a\x07b"},
        {"negative_prompt": "x" * 4001},
        {"model": "no-such-model"},
        {"model": ""},
        {"aspect_ratio": "2:1"},
        {"resolution": "8K"},
        {"output_format": "gif"},
        {"count": "0"},
        {"count": "5"},
        {"count": "two"},
        {"count": ""},
        {"seed": "-1"},
        {"seed": "4294967296"},
        {"seed": "lucky"},
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_wrong_field_is_refused_and_leaves_nothing(
    browser: Client, alice: User, wrong: dict[str, str], headers: dict[str, str]
) -> None:
    response = browser.post(reverse("create"), ORDER | wrong, headers=headers)
    text = page(response, 422)
    assert re.search(r'class="field-error"[^>]*>[^<]+<|note-error', text)
    assert ("<html" in text) == (not headers)
    assert response.get("HX-Retarget", "#composer") == "#composer"
    nothing_left(alice)


@pytest.mark.parametrize("prompt", ["🏮 a lantern", "ספינה בים", "line one\r\nline two", "x" * 4000])
def test_unusual_prompts_are_taken_as_they_are(browser: Client, alice: User, prompt: str) -> None:
    page(browser.post(reverse("create"), ORDER | {"prompt": prompt}, headers=HTMX))
    assert Prompt.objects.get(user=alice).text == prompt.replace("\r\n", "\n")


def test_everything_wrong_is_said_at_once_and_what_was_typed_stays(browser: Client) -> None:
    text = page(browser.post(reverse("create"), ORDER | {"seed": "lucky", "prompt": "", "negative_prompt": "fog"}), 422)
    assert "A whole number" in text
    assert "Describe the picture first." in text
    assert 'value="lucky"' in text
    assert ">fog</textarea>" in text


def test_too_few_credits_are_said_with_both_numbers(client: Client) -> None:
    poor = make_user(balance=1)
    client.force_login(poor)
    text = page(client.post(reverse("create"), ORDER, headers=HTMX), 422)
    assert "2 credits, you have 1." in text
    assert "too-dear" in text
    nothing_left(poor)


def test_too_many_submits_are_put_off(browser: Client, alice: User, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 1
    page(browser.post(reverse("create"), ORDER, headers=HTMX))
    assert "Too many at once" in page(browser.post(reverse("create"), ORDER, headers=HTMX), 422)
    assert Generation.objects.filter(user=alice).count() == 1


# The composer


def test_the_composer_shows_price_balance_and_size(browser: Client) -> None:
    text = page(browser.get(reverse("create")))
    assert "4 × 7 = 28 credits" in text
    assert "you have 100" in text
    assert "1024 × 1024" in text


def test_without_credits_the_button_is_off_and_says_why(client: Client) -> None:
    client.force_login(make_user())
    text = page(client.get(reverse("create")))
    assert re.search(r'class="button[^"]*generate"[^>]* disabled', text)
    assert "more than you have" in text


def test_only_models_that_some_configured_provider_serves_are_offered(browser: Client, settings: Settings) -> None:
    assert "Gemini 3 Pro Image" not in page(browser.get(reverse("create")))
    google = {"enabled": True, "key": "key", "base_url": "http://127.0.0.1:9"}
    settings.PROVIDERS = settings.PROVIDERS | {"google": google}
    assert "Gemini 3 Pro Image" in page(browser.get(reverse("create")))


def test_a_model_says_that_its_maker_has_ended_it(browser: Client, settings: Settings) -> None:
    assert "Ended by its maker" not in page(browser.get(reverse("create"))), "what stands in is said first"
    fal = settings.PROVIDERS["fal"] | {"enabled": True}
    settings.PROVIDERS = settings.PROVIDERS | {"fal": fal}
    assert "Ended by its maker 17 August" in page(browser.get(reverse("create")))
    Model.objects.update(retires=timezone.localdate() + dt.timedelta(days=1))
    assert "Ended by its maker" not in page(browser.get(reverse("create")))


def test_a_stand_in_is_said_to_be_no_ai(browser: Client) -> None:
    text = page(browser.post(reverse("create_preview"), ORDER | {"model": "imagen-4"}))
    assert "No provider is configured for Imagen 4 yet: Sketch stands in. It is arithmetic, not AI." in text


def test_the_preview_survives_whatever_stands_in_the_form(browser: Client) -> None:
    for wrong in ({}, {"count": "x", "seed": "y"}, {"model": "none", "resolution": "9K"}):
        page(browser.post(reverse("create_preview"), wrong))


def test_remix_brings_everything_into_the_composer(browser: Client, alice: User) -> None:
    order = {"prompt": "two herons", "negative_prompt": "text", "aspect_ratio": "9:16", "count": 3, "seed": 77}
    text = page(browser.get(reverse("create"), {"remix": str(make_generation(alice, **order).pk)}))
    for shown in (
        ">two herons</textarea>",
        ">text</textarea>",
        'name="seed" inputmode="numeric" autocomplete="off" placeholder="random" value="77"',
    ):
        assert shown in text
    assert re.search(r'value="9:16"[^>]* checked', text)
    assert re.search(r'value="3" checked', text)


def test_nobody_remixes_what_is_not_theirs(browser: Client, bob: User) -> None:
    assert browser.get(reverse("create"), {"remix": str(make_generation(bob).pk)}).status_code == 404
    assert browser.get(reverse("create"), {"remix": "nonsense"}).status_code == 400


# A generation's card


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
    fulfilment.advance(generation.pk, FakeProvider([RequestRejected("Not this.")]))
    text = card(browser, generation)
    assert "Nothing was made" in text
    assert "Not this. Your 1 credit is back." in text
    assert "Try again" in text


def test_an_unavailable_route_is_said_in_our_words(browser: Client, alice: User) -> None:
    generation = make_generation(alice)
    fulfilment.advance(generation.pk, FakeProvider([ProviderUnavailable("HTTP 502 <html>")]))
    Generation.objects.filter(pk=generation.pk).update(status="failed", error_code="unavailable")
    text = card(browser, generation)
    assert "Every route for Sketch was busy." in text
    assert "502" not in text


def test_a_partial_card_keeps_the_place_of_what_is_missing(browser: Client, alice: User) -> None:
    generation = make_generation(alice, count=3)
    fulfilment.advance(generation.pk, FakeProvider([finished(2)]))
    text = card(browser, generation)
    assert "2 of 3 made, 2 credits" in text
    assert "Not made" in text
    assert "1 credit returned" in text


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


# Lists


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


def test_the_gallery_goes_on_within_a_day(browser: Client, alice: User) -> None:
    for _ in range(9):
        made(alice, count=4)
    first = page(browser.get(reverse("gallery")))
    assert "36 images" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    path = following[1].replace("&amp;", "&")
    rest = page(browser.get(path, headers=HTMX))
    assert "hx-swap-oob" in rest
    assert "wall-day" not in rest
    shown = re.findall(r'data-image="([^"]+)"', first + rest)
    assert len(shown) == len(set(shown)) == 36
    assert "wall-day" in page(browser.get(path))


def test_the_gallery_finds_words_of_prompts(browser: Client, alice: User, bob: User) -> None:
    made(alice, prompt="two herons in the reeds")
    made(alice, prompt="a quarry at noon")
    made(bob, prompt="herons that are not hers")
    text = page(browser.get(reverse("gallery"), {"q": "herons"}))
    assert text.count("data-image=") == 1
    assert "two herons" in text
    part = page(browser.get(reverse("gallery"), {"q": "herons"}, headers=HTMX))
    assert "<html" not in part
    assert "No picture matches" in page(browser.get(reverse("gallery"), {"q": "<b>zebra\x00"}))


def test_cursors_that_no_page_gave_are_refused(browser: Client) -> None:
    for name in ("gallery", "create", "credits"):
        assert browser.get(reverse(name), {"before": "nonsense"}).status_code == 400


def test_a_new_person_sees_what_will_appear(browser: Client) -> None:
    assert "Nothing here yet" in page(browser.get(reverse("create")))
    assert "Make a picture" in page(browser.get(reverse("gallery")))


@pytest.mark.parametrize(("name", "most"), [("create", 7), ("gallery", 7), ("credits", 6)])
def test_lists_take_few_queries(
    browser: Client, alice: User, name: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        made(alice, count=2)
        make_generation(alice)
    browser.get(reverse(name))  # typical times are cached by now, as they are for everybody
    with django_assert_max_num_queries(most + 2):  # session and user
        browser.get(reverse(name))


# A picture


def test_a_picture_shows_what_was_asked_and_what_was_sent(browser: Client, alice: User) -> None:
    generation = made(alice, seed=481204, negative_prompt="text, people", output_format="webp")
    text = page(browser.get(reverse("image", args=[generation.images.get().pk])))
    for shown in ("481204", "“text, people”", "WEBP", "arithmetic, not AI", "Download original", "record.json"):
        assert shown in text


def test_neighbours_are_ones_own_newer_and_older(browser: Client, alice: User, bob: User) -> None:
    oldest, middle, newest = (first_image(alice) for _ in range(3))
    first_image(bob)
    text = page(browser.get(reverse("image", args=[middle.pk])))
    assert re.search(rf'rel="prev"\s+href="/i/{newest.pk}"', text)
    assert re.search(rf'rel="next"\s+href="/i/{oldest.pk}"', text)
    assert 'rel="prev"' not in page(browser.get(reverse("image", args=[newest.pk])))


def test_an_unknown_picture_is_not_found(browser: Client) -> None:
    assert browser.get(reverse("image", args=[uuid.uuid4()])).status_code == 404


# Credits


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
