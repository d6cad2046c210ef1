"""The style guide: for staff alone, with every component, and colours that are told apart."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.env import BASE_DIR
from generations.models import Generation, Image
from generations.views.styleguide import tokens
from tests.factories import make_user
from tests.generations.pages.looking import one, page

pytestmark = pytest.mark.django_db
COMPONENTS = BASE_DIR / "templates/components"


@pytest.fixture
def staff(client: Client) -> User:
    user = make_user(balance=10, is_staff=True)
    client.force_login(user)
    return user


def test_every_component_is_shown(client: Client, staff: User) -> None:
    one(staff)
    response: Any = client.get(reverse("styleguide"))
    page(response)
    shown = {template.name for template in response.templates}
    assert {f"components/{file.name}" for file in COMPONENTS.glob("*.html")} - shown == set()


def test_every_state_of_a_generation_and_of_a_button_is_there_and_nothing_is_saved(client: Client, staff: User) -> None:
    text = page(client.get(reverse("styleguide")))
    for state in ("queued", "running", "failed", "cancelled"):
        assert f'class="tile tile-{state}"' in text
    for state in ("hover", "focus-visible", "active"):
        assert f'data-shown="{state}"' in text
    for said in ("Place 3 in line", "Nothing was made", "Retires", "Unavailable", "Add the part after the @."):
        assert said in text
    assert "Make a picture of your own" in text
    assert not Generation.objects.exists()
    assert not Image.objects.exists()


def test_every_token_is_shown(client: Client, staff: User) -> None:
    text = page(client.get(reverse("styleguide")))
    names = re.findall(r"^  --([\w-]+):", (BASE_DIR / "static/css/tokens.css").read_text(), re.MULTILINE)
    assert names
    assert [name for name in names if not re.search(rf">{name}\b", text)] == []


def test_strangers_and_people_who_are_no_staff_find_nothing(client: Client, browser: Client) -> None:
    assert browser.get(reverse("styleguide")).status_code == 404
    assert Client().get(reverse("styleguide")).status_code == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_read_is_told_from_what_it_stands_on(theme: str) -> None:
    pairs = tokens.read().pairs
    assert len(pairs) > 20
    too_close = [pair for pair in pairs if getattr(pair, theme) < pair.least]
    assert [(pair.upon.name, pair.ground.name) for pair in too_close] == []


@pytest.mark.parametrize(
    ("one_colour", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0b6a55", "#0b6a55", 1)],
)
def test_contrast_is_what_wcag_says(one_colour: str, other: str, ratio: float) -> None:
    assert tokens.contrast(one_colour, other) == pytest.approx(ratio, abs=0.01)
    assert tokens.contrast(other, one_colour) == tokens.contrast(one_colour, other)
