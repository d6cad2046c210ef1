"""The studio's pages: who sees them, and the composer: what it shows, takes and refuses."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Hold, User
from generations.models import Event, Generation, Image, Model, Prompt
from tests.factories import make_generation, make_user
from tests.generations.pages.looking import HTMX, made, one, page

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
    path = reverse("image", args=[one(alice).pk])
    assert client.get(path).status_code == 302
    client.force_login(bob)
    assert client.get(path).status_code == 404
    client.force_login(alice)
    assert "a lighthouse at dusk" in page(client.get(path))


def test_days_are_the_visitors(browser: Client, alice: User) -> None:
    image = one(alice)
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


@pytest.mark.parametrize(("language", "number"), [("en-gb", "12,345"), ("de", "12.345")])
def test_many_credits_are_written_with_their_thousands_apart(client: Client, language: str, number: str) -> None:
    client.force_login(make_user(balance=12_345))
    text = page(client.get(reverse("create"), headers={"Accept-Language": language}))
    assert f"<span data-spendable>{number}</span>" in text
    assert len(re.findall(rf"\b{re.escape(number)}\b", text)) == 2, "the bar and the price"
    assert 'data-spendable-now="12345"' in text, "what scripts reckon with"


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


# Lists


def test_cursors_that_no_page_gave_are_refused(browser: Client) -> None:
    for name in ("gallery", "create", "credits"):
        assert browser.get(reverse(name), {"before": "nonsense"}).status_code == 400


def test_a_new_person_sees_what_will_appear(browser: Client) -> None:
    assert "Nothing here yet" in page(browser.get(reverse("create")))
    assert "Make a picture" in page(browser.get(reverse("gallery")))


@pytest.mark.parametrize(("name", "most"), [("create", 7), ("gallery", 7), ("credits", 9)])
def test_lists_take_few_queries(
    browser: Client, alice: User, name: str, most: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        made(alice, count=2)
        make_generation(alice)
    browser.get(reverse(name))  # typical times are cached by now, as they are for everybody
    with django_assert_max_num_queries(most + 2):  # session and user
        browser.get(reverse(name))


def test_the_keys_are_told_to_everybody_on_a_page_and_in_a_dialog(client: Client) -> None:
    assert "Magnify and back" in page(client.get(reverse("shortcuts")))
    part = page(client.get(reverse("shortcuts"), headers=HTMX))
    assert "<html" not in part
    assert "data-dialog-close" in part
