"""The same prompt on two or three models: ordered at once or not at all, and what is picked."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Hold, User
from generations import submission
from generations.models import Comparison, Generation, Image, Prompt
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.pages.looking import page
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
ORDER = {
    "prompt": "a lighthouse at dusk",
    "aspect_ratio": "1:1",
    "resolution": "1K",
    "count": "1",
    "output_format": "png",
    "models": ["sketch", "imagen-4-fast"],
}


def compared(browser: Client, **fields: Any) -> Comparison:
    response = browser.post(reverse("compare"), ORDER | fields)
    assert response.status_code == 302, response.content[:800]
    return Comparison.objects.get(pk=response["Location"].rpartition("/")[2])


def made(comparison: Comparison) -> list[Image]:
    """Its pictures, once all of it is done."""
    for generation in comparison.generations.all():
        take_steps(generation.pk, FakeProvider([finished(generation.count)]))
    return list(Image.objects.filter(generation__comparisons=comparison).order_by("pk"))


def test_every_model_gets_the_same_order_at_one_price(browser: Client, alice: User) -> None:
    text = page(browser.get(reverse("compare"), {"models": ["sketch", "imagen-4-fast"], "count": "2"}))
    assert "10 credits" in text
    comparison = compared(browser, count="2", seed="7")
    generations = comparison.generations.order_by("pk")
    assert [generation.model.slug for generation in generations] == ["sketch", "imagen-4-fast"]
    assert {(generation.prompt.text, generation.count, generation.seed) for generation in generations} == {
        ("a lighthouse at dusk", 2, 7)
    }
    alice.wallet.refresh_from_db()
    assert alice.wallet.held == 10
    shown = page(browser.get(reverse("comparison", args=[comparison.pk])))
    assert shown.index("<h2>Sketch</h2>") < shown.index("<h2>Imagen 4 Fast</h2>")
    assert "a lighthouse at dusk" in page(browser.get(reverse("compare")))


def test_all_of_it_is_ordered_or_nothing(browser: Client) -> None:
    poor = make_user(balance=5)
    browser.force_login(poor)
    text = page(browser.post(reverse("compare"), ORDER | {"count": "2"}), 422)
    assert "10 credits, you have 5." in text
    assert not Generation.objects.filter(user=poor).exists()
    assert not Hold.objects.filter(wallet__user=poor).exists()
    assert not Prompt.objects.filter(user=poor).exists()
    assert not Comparison.objects.filter(user=poor).exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"models": []}, "Choose two or three models."),
        ({"models": ["sketch"]}, "Choose two or three models."),
        ({"models": ["sketch", "sketch"]}, "Choose two or three models."),
        ({"models": ["sketch", "imagen-4", "imagen-4-fast", "imagen-4-ultra"]}, "Choose two or three models."),
        ({"models": ["sketch", "no-such-model"]}, "There is no model"),
        ({"models": ["sketch", "x" * 200]}, "field-error"),
        ({"prompt": " "}, "Describe the picture first."),
        ({"seed": "lucky"}, "A whole number"),
        ({"count": "9"}, "images."),
        ({"resolution": "2K"}, "Imagen 4 Fast makes 1K."),
        ({"aspect_ratio": "2:1"}, "makes"),
    ],
)
def test_a_wrong_field_is_refused_and_leaves_nothing(
    browser: Client, alice: User, wrong: dict[str, Any], why: str
) -> None:
    assert why in page(browser.post(reverse("compare"), ORDER | wrong), 422)
    assert not Generation.objects.filter(user=alice).exists()
    assert not Comparison.objects.exists()


def test_a_double_click_is_one_comparison(browser: Client, alice: User) -> None:
    first, second = (compared(browser, token="one") for _ in range(2))
    assert first == second
    assert Generation.objects.filter(user=alice).count() == 2
    assert "sent before with other words" in page(
        browser.post(reverse("compare"), ORDER | {"token": "one", "seed": "3"}), 422
    )


def test_what_is_picked_gets_a_star_and_the_others_may_go(browser: Client, alice: User) -> None:
    comparison = compared(browser)
    winner, other = made(comparison)
    path = reverse("comparison", args=[comparison.pk])
    assert "Trash the other" not in page(browser.get(path))
    assert browser.post(f"{path}/trash").status_code == 302
    assert not Image.objects.trashed().exists()
    assert browser.post(f"{path}/pick", {"image": winner.pk})["Location"] == path
    shown = page(browser.get(path))
    assert "Picked" in shown
    assert "Trash the other" in shown
    browser.post(f"{path}/trash")
    for image in (winner, other):
        image.refresh_from_db()
    assert (winner.starred, winner.is_kept, other.is_kept) == (True, True, False)
    assert "Trash the other" not in page(browser.get(path))
    browser.post(f"{path}/pick", {"image": other.pk})
    assert "It is in the trash." in page(browser.get(path))
    comparison.refresh_from_db()
    assert comparison.winner == winner


def test_only_its_own_pictures_are_picked(browser: Client, alice: User) -> None:
    comparison = compared(browser)
    take_steps((another := make_generation(alice)).pk, FakeProvider([finished(1)]))
    path = reverse("comparison_pick", args=[comparison.pk])
    assert browser.post(path, {"image": another.images.get().pk}).status_code == 404
    assert browser.post(path, {"image": str(uuid.uuid4())}).status_code == 404
    assert browser.post(path, {"image": "x"}).status_code == 400
    assert browser.post(path).status_code == 400
    comparison.refresh_from_db()
    assert comparison.winner is None


def test_a_side_is_shown_alone(browser: Client, alice: User) -> None:
    comparison = compared(browser)
    [first, _] = comparison.generations.order_by("pk")
    side = page(browser.get(reverse("comparison_side", args=[comparison.pk, first.pk])))
    assert side.count("<article") == 1
    assert "<html" not in side
    alone = make_generation(alice)
    assert browser.get(reverse("comparison_side", args=[comparison.pk, alone.pk])).status_code == 404


def test_a_comparison_is_its_owners_alone(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    comparison = compared(client)
    [image, _] = made(comparison)
    path = reverse("comparison", args=[comparison.pk])
    side = reverse("comparison_side", args=[comparison.pk, image.generation_id])
    for person, expected in ((None, 302), (bob, 404)):
        client.logout()
        if person:
            client.force_login(person)
        assert [client.get(each).status_code for each in (path, side)] == [expected] * 2
        assert client.post(f"{path}/pick", {"image": image.pk}).status_code == expected
        assert client.post(f"{path}/trash").status_code == expected
    assert "a lighthouse" not in page(client.get(reverse("compare")))
    assert client.get(f"{path}/pick").status_code == 405
    assert client.get(f"{path}/trash").status_code == 405


def test_an_order_goes_from_the_feed_into_a_comparison(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    generation = make_generation(alice, prompt="two herons", aspect_ratio="9:16")
    text = page(client.get(reverse("compare"), {"remix": str(generation.pk)}))
    assert "two herons</textarea>" in text
    assert 'name="aspect_ratio" value="9:16" aria-label="9:16" checked' in text
    assert client.get(reverse("compare"), {"remix": "x"}).status_code == 400
    client.force_login(bob)
    assert client.get(reverse("compare"), {"remix": str(generation.pk)}).status_code == 404


def test_a_cancelled_side_leaves_the_other(browser: Client, alice: User) -> None:
    comparison = compared(browser)
    [first, second] = comparison.generations.order_by("pk")
    submission.cancel(first)
    take_steps(second.pk, FakeProvider([finished(1)]))
    text = page(browser.get(reverse("comparison", args=[comparison.pk])))
    assert "Cancelled" in text
    assert "Pick this one" in text


def test_the_page_takes_as_many_queries_for_three_as_for_two(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    comparison = compared(browser, models=["sketch", "imagen-4", "imagen-4-fast"])
    made(comparison)
    with django_assert_max_num_queries(12):
        page(browser.get(reverse("comparison", args=[comparison.pk])))
