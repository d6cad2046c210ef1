"""That pages fit every window, in both themes, for everyone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

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

# Pictures fade in, and what is half faded has less contrast.
SETTLED = """() => [...document.images].every((image) => !image.checkVisibility()
|| image.getBoundingClientRect().top > innerHeight || image.complete && !image.classList.contains('arriving'))
&& !document.getAnimations().some((one) => one.playState === 'running'
&& one.effect.getComputedTiming().endTime < Infinity)"""


def visit(page: Page, path: str) -> None:
    if path == "image":
        page.goto("/gallery")
        path = str(page.locator(".wall .picture").first.get_attribute("href"))
    page.goto(path)


def faults(page: Page, axe: str) -> list[Any]:
    """What axe finds, evaluated past the page's own content policy, once the page is there."""
    page.wait_for_load_state()
    page.evaluate(axe)
    found: list[Any] = page.evaluate(
        """() => axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations.map((fault) =>
        [fault.id, ...fault.nodes.map((node) => node.target.join(' '))]))"""
    )
    return found


def overflow(page: Page) -> int:
    pixels: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", OPEN)
def test_axe_finds_nothing_before_signing_in(window: Window, axe: str, path: str, theme: str) -> None:
    page = window(color_scheme=theme)
    page.goto(path)
    assert faults(page, axe) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", OWN)
def test_axe_finds_nothing_in_the_studio(
    window: Window, axe: str, signed_in_state: Path, path: str, theme: str
) -> None:
    page = window(color_scheme=theme, storage_state=str(signed_in_state))
    visit(page, path)
    page.wait_for_function(SETTLED)
    assert faults(page, axe) == []


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
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
