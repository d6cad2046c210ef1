"""That pages fit every window, in both themes, for everyone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import overflow

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]

OPEN = [
    "/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/mailbox",
    "/developers/fal",
    "/nothing",
]
OWN = [
    "/create",
    "/prompts",
    "/presets",
    "/compare",
    "/gallery",
    "/gallery?q=zebra",
    "/account/",
    "/account/credits",
    "/account/keys",
    "image",
]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 48


def visit(page: Page, path: str) -> None:
    if path == "image":
        page.goto("/gallery")
        path = str(page.locator(".wall .picture").first.get_attribute("href"))
    page.goto(path)


@pytest.mark.parametrize("width", [768, 1920])
def test_nothing_scrolls_sideways(window: Window, signed_in_state: Path, width: int) -> None:
    guest, page = window(width, 740), window(width, 740, storage_state=str(signed_in_state))
    for path in OPEN:
        visit(guest, path)
        assert overflow(guest) == 0, path
    for path in OWN:
        visit(page, path)
        assert overflow(page) == 0, path


def test_twice_the_zoom_keeps_everything_in_the_window(window: Window, signed_in_state: Path) -> None:
    page = window(640, 450, device_scale_factor=2, storage_state=str(signed_in_state))
    for path in OWN:
        visit(page, path)
        assert overflow(page) == 0, path


def test_long_words_and_long_prompts_stay_inside(window: Window, signed_in_state: Path) -> None:
    page = window(360, 740, storage_state=str(signed_in_state))
    page.goto("/create")
    page.get_by_role("button", name="Describe a picture").click()
    page.get_by_label("Prompt", exact=True).fill(LONG[:4000])
    expect(page.locator("[data-counter]")).to_have_class("near")
    assert overflow(page) == 0
    assert page.get_by_role("button", name="Generate").last.bounding_box()


def test_the_theme_is_switched_and_remembered(window: Window, signed_in_state: Path) -> None:
    page = window(color_scheme="light", storage_state=str(signed_in_state))
    page.goto("/gallery")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(245, 246, 245)"
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(background) == "rgb(15, 17, 16)"
    page.goto("/create")
    assert page.evaluate(background) == "rgb(15, 17, 16)"
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate("localStorage.getItem('theme')") is None


def test_the_sheet_on_a_phone_opens_closes_and_keeps_the_keyboard_inside(window: Window, signed_in_state: Path) -> None:
    page = window(390, 844, has_touch=True, storage_state=str(signed_in_state))
    page.goto("/create")
    expect(page.locator("#composer")).to_be_hidden()
    page.locator("[data-dock-prompt]").click()
    expect(page.get_by_role("dialog").locator("#composer")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    assert page.locator(".feed").evaluate("(feed) => feed.inert")
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator("[data-dock-prompt]")).to_be_focused()


@pytest.mark.parametrize("width", [390, 1280])
def test_pictures_keep_their_ratio(window: Window, signed_in_state: Path, width: int) -> None:
    page = window(width, 900, storage_state=str(signed_in_state))
    for path in ("/gallery", "/create"):
        page.goto(path)
        off = page.evaluate(
            """() => [...document.querySelectorAll('.picture img')].map((image) => {
            const box = image.getBoundingClientRect();
            return Math.abs(box.width / box.height / (image.getAttribute('width') / image.getAttribute('height')) - 1);
            })"""
        )
        assert len(off) == 7
        assert max(off) < 0.02


def test_what_every_page_loads_is_small(window: Window, signed_in_state: Path) -> None:
    page = window(storage_state=str(signed_in_state))
    page.goto("/create")
    page.wait_for_load_state("load")
    bytes_loaded = page.evaluate(
        """() => performance.getEntriesByType('resource').filter((entry) => /\\.(css|js)$/.test(entry.name))
        .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
    )
    assert 0 < bytes_loaded < 240_000  # before compression


@pytest.mark.parametrize(("theme", "background"), [("light", "rgb(245, 246, 245)"), ("dark", "rgb(15, 17, 16)")])
def test_the_api_is_described_on_a_page(window: Window, theme: str, background: str) -> None:
    page = window(360, 740, color_scheme=theme)
    page.goto("/api/docs")
    page.locator("#operations-generations-createGeneration button.opblock-summary-control").click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()
    expect(page.get_by_text('"a lighthouse at dusk"').first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    assert overflow(page) == 0


def test_what_is_chosen_is_seen_where_people_choose_the_colours(window: Window, signed_in_state: Path) -> None:
    page = window(forced_colors="active", storage_state=str(signed_in_state))
    page.goto("/create")
    for kind in ("model", "shape", "segment"):
        outlines = page.locator(f".{kind}").evaluate_all(
            "(all) => all.map((one) => [one.matches(':has(:checked)'), getComputedStyle(one).outlineStyle === 'solid'])"
        )
        assert {chosen for chosen, _ in outlines} == {True, False}
        assert all(chosen == outlined for chosen, outlined in outlines), kind


def test_paper_gets_pictures_and_words_and_is_never_dark(window: Window, signed_in_state: Path) -> None:
    page = window(color_scheme="dark", storage_state=str(signed_in_state))
    for path in ("/gallery", "/account/credits"):
        page.goto(path)
        page.emulate_media(media="print", color_scheme="dark")
        expect(page.locator(".bar, .tabs, .filters, .account-nav, .button").locator("visible=true")).to_have_count(0)
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 246, 245)"
