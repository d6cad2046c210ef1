"""The main path by keys alone, by a finger, and where the stream of events does not get through."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import studios
from tests.browser.conftest import generate, sign_in
from tests.test_studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
Account = Callable[[int], str]


def focus_by_tab(page: Page, selector: str) -> None:
    """Go on with Tab until that is reached, as somebody without a mouse does."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by Tab")


def test_everything_from_signing_in_to_the_trash_is_done_with_keys(window: Window, account: Account) -> None:
    page = window()
    sign_in_by_keys(page, account(30))
    list_the_keys(page, "Write the prompt")
    order_by_keys(page, "Herons in the reeds?")
    look_by_keys(page)
    focus_by_tab(page, ".places [href='/gallery']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery")
    throw_away_by_keys(page)


def sign_in_by_keys(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").press_sequentially(email)
    focus_by_tab(page, "[name=password]")
    page.keyboard.type(studios.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/create")


def list_the_keys(page: Page, words: str) -> None:
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def order_by_keys(page: Page, prompt: str) -> None:
    focus_by_tab(page, "[name=model]")
    while not page.evaluate("document.activeElement.value === 'sketch'"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("/")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    page.keyboard.type(prompt)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".generation")).to_have_attribute("data-status", "completed")


def look_by_keys(page: Page) -> None:
    focus_by_tab(page, ".tiles a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/i/*")
    picture = page.url
    page.keyboard.press("ArrowLeft")  # newer: the second of its generation
    page.wait_for_url(lambda url: url != picture)
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Starred")).to_be_visible()
    list_the_keys(page, "Actual size")
    page.keyboard.press("Escape")
    page.wait_for_url("**/create")


def throw_away_by_keys(page: Page) -> None:
    focus_by_tab(page, "[data-frame] a")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    focus_by_tab(page, "[name=action][value=trash]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 images moved to trash")).to_be_visible()
    focus_by_tab(page, ".toast button:not([data-close])")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 images restored")).to_be_visible()


def test_a_finger_goes_the_main_path_on_a_phone(window: Window, account: Account) -> None:
    page = window(360, 740, has_touch=True, is_mobile=True)
    sign_in(page, account(30))
    page.locator("[data-dock-prompt]").tap()
    page.get_by_label("Prompt", exact=True).fill("Dunes at noon")
    page.locator(".model:has([data-name='Sketch'])").tap()
    page.locator(".segment:has([name=count][value='1'])").tap()
    page.locator("[data-composer] .generate").tap()
    expect(page.locator(".generation")).to_have_attribute("data-status", "completed")
    page.locator(".tabs [href='/gallery']").tap()
    page.wait_for_url("**/gallery")
    page.locator(".wall .picture").first.tap()
    page.wait_for_url("**/i/*")
    page.get_by_role("button", name="Star").tap()
    expect(page.get_by_role("button", name="Starred")).to_be_visible()
    page.locator("[data-lightbox-close]").tap()
    page.wait_for_url("**/gallery")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_a_stream_the_feed_asks_and_says_the_same(window: Window, account: Account, studio: Studio) -> None:
    page = window()
    page.route("**/events", lambda route: route.fulfill(status=404))
    sign_in(page, account(30))
    with studios.paused(studio, "worker"):
        generate(page, "A paper boat", count=2)
    expect(page.locator(".generation")).to_have_attribute("data-status", "completed")
    expect(page.locator("[data-announcer]")).to_have_text("2 of 2 images ready")
    with page.expect_event("request", lambda request: request.url.endswith("/events")):
        page.unroute("**/events")
    generate(page, "A quarry", count=1)
    expect(page.locator("[data-announcer]")).to_have_text("1 of 1 images ready")


def test_a_tab_that_nobody_looks_at_says_in_its_title_what_ended(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    generate(page, "Dunes at dusk")
    page.wait_for_function("() => document.title.startsWith('(1)')")
    assert page.locator("link[rel=icon]").get_attribute("href") == page.locator("link[rel=icon]").get_attribute(
        "data-done"
    )
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("() => !document.title.startsWith('(')")
