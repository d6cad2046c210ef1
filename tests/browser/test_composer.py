"""What the composer remembers, and what the feed shows before the server has answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import generate, sign_in
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
Account = Callable[[int], str]


def test_a_preset_is_kept_and_chosen(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    prompt = page.get_by_label("Prompt", exact=True)
    page.locator(".shape:has([value='9:16'])").click()
    page.get_by_text("Presets", exact=True).click()
    page.get_by_role("button", name="Keep these settings").click()
    page.get_by_label("Name").fill("Tall")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Preset “Tall” kept")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.locator(".shape:has([value='1:1'])").click()
    prompt.fill("Something else")
    page.get_by_text("Presets", exact=True).click()
    page.get_by_role("link", name="Tall").click()
    expect(page.locator("[name=aspect_ratio][value='9:16']")).to_be_checked()
    expect(prompt).to_have_value("Something else")
    what_stands_there_stays(page)


def what_stands_there_stays(page: Page) -> None:
    """While one looks at the gallery, and when the page is loaded anew."""
    prompt = page.get_by_label("Prompt", exact=True)
    page.locator(".places [href='/gallery']").click()
    page.wait_for_url("**/gallery")
    page.locator(".places [href='/create']").click()
    expect(prompt).to_have_value("Something else")
    page.get_by_role("button", name="Keep this seed").click()
    seed = page.get_by_label("Seed", exact=True).input_value()
    page.reload()
    expect(prompt).to_have_value("Something else")
    expect(page.locator("[name=aspect_ratio][value='9:16']")).to_be_checked()
    expect(page.get_by_label("Seed", exact=True)).to_have_value(seed)
    expect(page.get_by_role("button", name="Keep this seed")).to_have_attribute("aria-pressed", "true")


def test_what_was_written_is_found_again(window: Window, account: Account, axe: str) -> None:
    page = window()
    sign_in(page, account(30))
    prompt = page.get_by_label("Prompt", exact=True)
    generate(page, "Two herons at dawn")
    prompt.fill("")
    page.get_by_role("link", name="History").click()
    dialog = page.get_by_role("dialog", name="Prompts you wrote")
    star = dialog.get_by_role("button", name="Favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    dialog.get_by_role("searchbox").fill("zebra")
    expect(dialog.get_by_text("No prompt matches")).to_be_visible()
    dialog.get_by_role("searchbox").fill("herons")
    complaints = faults(page, axe, "dialog")
    dialog.get_by_role("link", name="Two herons at dawn").click()
    expect(dialog).to_be_hidden()
    expect(prompt).to_have_value("Two herons at dawn")
    expect(prompt).to_be_focused()
    assert complaints == []


def test_the_feed_shows_an_order_while_it_is_on_its_way(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    held: list[Route] = []
    page.route("**/create", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.locator(".model:has([data-name='Sketch'])").click()
    page.get_by_label("Prompt", exact=True).fill("A quarry")
    page.keyboard.press("Control+Enter")
    sent = page.locator("[data-sent]")
    expect(sent.locator(".tile")).to_have_count(4)
    expect(sent).to_contain_text("A quarry")
    held.pop().continue_()
    expect(page.locator("[data-generation]")).to_have_count(1)
    expect(sent).to_have_count(0)

    page.get_by_label("Seed", exact=True).fill("lucky")
    page.keyboard.press("Control+Enter")
    expect(sent).to_have_count(1)
    held.pop().continue_()
    expect(page.locator("#seed-error")).to_be_visible()
    expect(sent).to_have_count(0)
    expect(page.locator("[data-generation]")).to_have_count(1)


def test_two_models_are_compared_and_one_is_picked(window: Window, account: Account, axe: str) -> None:
    page = window(360, 760)
    sign_in(page, account(30))
    page.locator("[data-dock-prompt]").click()
    page.get_by_label("Prompt", exact=True).fill("Striped fields at harvest")
    page.get_by_role("link", name="Compare", exact=True).click()
    page.wait_for_url("**/compare?**")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Striped fields at harvest")
    for model in page.get_by_role("checkbox").all():
        model.set_checked(model.get_attribute("value") in {"sketch", "imagen-4-fast"}, force=True)
    page.locator(".segment:has([name=count][value='1'])").click()
    expect(page.locator("#price")).to_contain_text("5 credits")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/compare/*")
    picks = page.get_by_role("button", name="Pick this one")
    expect(picks).to_have_count(2)
    assert faults(page, axe, "main") == []
    picks.first.click()
    expect(page.get_by_text("Picked")).to_be_visible()
    page.get_by_role("button", name="Trash the other").click()
    expect(page.get_by_text("1 image moved to trash")).to_be_visible()
    expect(page.get_by_text("In the trash", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_installed_studio_without_a_server_says_so_in_the_language_that_was_chosen_last(window: Window) -> None:
    page = window(service_workers="allow")
    page.goto("/offline")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    page.context.add_cookies([{"name": "language", "value": "de", "url": page.url}])
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto("/gallery")
    expect(page.get_by_role("heading", name="Sie sind offline")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Noch einmal versuchen").click()
    expect(page.get_by_role("button", name="Anmelden", exact=True)).to_be_visible()
