"""The studio in another language than the one it was written in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests import studios
from tests.browser.conftest import generate
from tests.browser.conftest import sign_in as sign_in_in_english
from tests.test_studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
PAGES = ["create", "gallery", "albums", "compare", "trash", "shares", "account/", "account/credits", "account/keys"]


def test_a_story_in_german(window: Window, account: Callable[[int], str], studio: Studio) -> None:
    email = account(1_300)
    page = window(storage_state=chosen(window(width=360, java_script_enabled=False)))
    page.goto("/account/login/")
    sign_in(page, email, "a wrong password")
    expect(page.get_by_role("alert")).to_contain_text("falsch")
    sign_in(page, email, studios.PASSWORD)
    page.wait_for_url("**/create")
    order(page, studio)
    page.goto("/nichts")
    expect(page.get_by_role("heading")).to_have_text("Unter dieser Adresse ist nichts")
    keep(page)

    second = window(width=360, locale="en-GB")
    sign_in_in_english(second, email)
    expect(second.locator("html")).to_have_attribute("lang", "de")
    for path in PAGES:
        second.goto(f"/{path}")
        assert second.evaluate("document.documentElement.scrollWidth") == 360, path


def chosen(page: Page) -> StorageState:
    """What a guest's browser keeps of the choice."""
    page.goto("/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_title("Atelier: ein Bild beschreiben, behalten, was entsteht")
    return page.context.storage_state()


def sign_in(page: Page, email: str, password: str) -> None:
    """Through the form in German."""
    page.get_by_label("E-Mail").fill(email)
    page.get_by_label("Passwort", exact=True).fill(password)
    page.get_by_role("button", name="Anmelden", exact=True).click()


def order(page: Page, studio: Studio) -> None:
    """Have a picture made, and hear of it in German."""
    with studios.paused(studio, "worker"):
        generate(page, "Ein Leuchtturm in der Dämmerung")
        expect(page.locator(".generation")).to_contain_text("in der Reihe")
    expect(page.locator("[data-announcer]")).to_have_text("1 von 1 Bildern fertig")
    expect(page.locator(".generation")).to_contain_text("von Sketch berechnet, nicht von KI")
    expect(page.get_by_role("heading", name="Heute")).to_be_visible()
    expect(page.locator(".bar [data-spendable]")).to_have_text("1.299")


def keep(page: Page) -> None:
    """The language, with the account."""
    page.goto("/account/")
    page.get_by_label("Sprache").select_option(label="Deutsch")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert")).to_be_visible()
