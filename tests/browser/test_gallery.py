"""The gallery in a real browser: found, selected, thrown away and brought back, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import studios
from tests.browser.conftest import sign_in
from tests.browser.looking import SETTLED, faults, overflow
from tests.test_studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
MADE = 7  # by ``signed_in_state``
OBSERVE = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
})
.observe({type: "layout-shift", buffered: true});
"""
TO_THE_END = """() => {
  scrollBy(0, innerHeight);
  const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  return end && !document.querySelector("[data-more]");
}"""
PLACE = """() => {
  for (const picture of document.querySelectorAll("a[data-image]")) {
    const { top, bottom } = picture.getBoundingClientRect();
    if (top > 80 && bottom < innerHeight) return [picture.dataset.image, Math.round(top)];
  }
}"""
TWICE = """() => {
  const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
  press();
  press();
}"""
STANDS = """([id, top]) => {
  const picture = document.querySelector(`a[data-image="${id}"]`);
  return picture && Math.abs(picture.getBoundingClientRect().top - top) < 2 && picture.querySelector("img").complete;
}"""


def test_pictures_are_selected_by_mouse_and_keys_and_thrown_away_for_a_moment(
    window: Window, axe: str, signed_in_state: Path
) -> None:
    page = window(storage_state=str(signed_in_state), color_scheme="dark")
    page.goto("/gallery")
    frames = page.locator("[data-frame]")
    expect(frames).to_have_count(MADE)
    page.get_by_role("link", name="Select", exact=True).click()
    frames.nth(0).click()
    frames.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.keyboard.press("x")
    assert faults(page, axe) == []
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("3 images moved to trash")).to_be_visible()
    expect(frames).to_have_count(MADE - 3)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 images restored")).to_be_visible()
    expect(frames).to_have_count(MADE)


def test_a_day_is_selected_and_downloaded(window: Window, signed_in_state: Path) -> None:
    page = window(storage_state=str(signed_in_state))
    page.goto("/gallery")
    expect(page.get_by_role("button", name="Publish")).to_be_hidden()
    page.get_by_role("button", name="Select the day").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{MADE} selected")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Download").click()
    assert fetched.value.suggested_filename.endswith(".zip")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Publish")).to_be_hidden()


def test_going_back_finds_the_wall_as_it_was_left(window: Window, signed_in_state: Path) -> None:
    page = window(1280, 300, storage_state=str(signed_in_state))
    page.goto("/gallery")
    page.wait_for_function(SETTLED)
    last = page.locator("[data-frame]").last
    last.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    last.locator("a").click()
    page.wait_for_url("**/i/*")
    page.go_back()
    page.wait_for_url("**/gallery")
    page.wait_for_function("(place) => scrollY === place", arg=place)
    expect(last.locator("img")).to_be_in_viewport()


def test_a_phone_filters_and_selects_without_scripts(window: Window, axe: str, signed_in_state: Path) -> None:
    page = window(360, 740, storage_state=str(signed_in_state), java_script_enabled=False)
    page.goto("/gallery")
    page.locator("summary", has_text="Shape").click()
    page.get_by_role("link", name="16:9", exact=True).click()
    frames = page.locator("[data-frame]")
    expect(frames).to_have_count(2)
    page.get_by_role("link", name="Select", exact=True).click()
    frames.first.click()
    page.get_by_role("button", name="Trash").click()
    expect(frames).to_have_count(1)
    page.goto("/trash?select=1")
    frames.first.click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    scripted = window(360, 740, storage_state=str(signed_in_state))
    for path in ("/gallery?select=1&aspect_ratio=16:9", "/trash", "/trash/empty"):
        scripted.goto(path)
        assert overflow(scripted) == 0, path
        assert faults(scripted, axe) == [], path


def test_a_long_wall_stays_still_and_light_and_is_found_again(
    window: Window, studio: Studio, account: Callable[[int], str]
) -> None:
    email = account(0)
    studios.manage(studio, "fillgallery", email, "--images", "240")
    page = window()
    page.add_init_script(OBSERVE)
    sign_in(page, email)
    page.goto("/gallery")
    page.wait_for_function(SETTLED)
    shifted = page.evaluate("window.shift")
    words = page.locator(".wall-day span").first.inner_text()
    page.get_by_role("button", name="Select the day").first.press("Enter")
    expect(page.get_by_text(f"{words.split()[0]} selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text(f"{words.split()[0]} selected")).to_be_hidden()
    page.wait_for_function(SETTLED)
    page.evaluate("window.shift = 0")  # what is selected gets a mat, which moves nothing else
    page.wait_for_function(TO_THE_END)
    page.wait_for_function(SETTLED)
    assert shifted + page.evaluate("window.shift") < 0.02
    assert 0 < page.locator("[data-frame]").count() < 120

    is_found_again(page)
    selects_afresh(page)
    page.goto(f"/albums/{album_of(studio, email, 60)}")
    page.wait_for_function(TO_THE_END)
    is_found_again(page)


def selects_afresh(page: Page) -> None:
    """Of too many that are selected nothing is done; and what was thrown away is not where a range begins."""
    count = page.locator("[data-count]")
    count.evaluate("place => (place.dataset.most = 1)")
    page.get_by_role("button", name="Select the day").first.press("Enter")
    page.get_by_role("button", name="Trash").click()
    expect(page.get_by_text("Select fewer, or all")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Select", exact=True).click()
    frames = page.locator("[data-frame]")
    frames.nth(4).click()
    page.get_by_role("button", name="Trash").click()
    expect(count).to_have_text("None selected")
    frames.nth(2).click(modifiers=["Shift"])
    expect(count).to_have_text("1 selected")


def album_of(studio: Studio, email: str, images: int) -> str:
    """An album of somebody's newest."""
    key = studios.manage(studio, "createapikey", email, "--name", "albums").stdout.strip()
    with studios.client(studio, key) as api:
        newest = api.get("/api/v1/images", params={"limit": images}).json()["results"]
        album: str = api.post("/api/v1/albums", json={"name": "Far"}).json()["id"]
        order = {"action": "add_to_album", "album": album, "ids": [image["id"] for image in newest]}
        assert api.post("/api/v1/images/bulk", json=order).is_success
    return album


def is_found_again(page: Page) -> None:
    """From half-way to a picture and back, and by loading the page again."""
    wall = page.url
    page.evaluate("scrollTo(0, scrollY / 2)")
    place = page.wait_for_function(PLACE).json_value()
    page.locator(f"a[data-image='{place[0]}']").click()
    page.wait_for_url(f"**/i/{place[0]}*")
    turned_and_back(page)
    page.go_back()
    page.wait_for_url(wall)
    page.wait_for_function(STANDS, arg=place)
    expect(page.locator(f"a[data-image='{place[0]}']")).to_be_focused()
    page.reload()
    page.wait_for_function(STANDS, arg=place)


def turned_and_back(page: Page) -> None:
    """To a neighbour, by a key that was pressed twice, and back, on the same page, which says what is shown."""
    here, title = page.url, page.title()
    page.evaluate("window.same = true")
    page.evaluate(TWICE)
    page.wait_for_url(lambda url: url != here)
    expect(page.locator("[data-looked-at]")).not_to_be_empty()
    page.get_by_role("link", name="Previous picture").press("Enter")
    page.wait_for_url(here)
    expect(page.get_by_role("link", name="Previous picture")).to_be_focused()
    assert (page.title(), page.evaluate("window.same")) == (title, True)
