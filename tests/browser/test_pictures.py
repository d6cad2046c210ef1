"""What is done with a picture in the lightbox, in albums and among strangers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import generate, sign_in
from tests.browser.looking import faults, overflow

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
Account = Callable[[int], str]


def make_pictures(page: Page, email: str, count: int = 3) -> None:
    sign_in(page, email)
    generate(page, "A lighthouse at dusk", shape="4:3", count=count)
    expect(page.locator('[data-status="completed"]')).to_have_count(1)


def look(page: Page, number: int = 0) -> None:
    """Open a picture of the gallery."""
    page.goto("/gallery")
    page.locator(".wall .picture").nth(number).click()
    page.wait_for_url("**/i/*")
    page.wait_for_load_state("load")


def zoomed(page: Page) -> float:
    factor: float = page.evaluate(
        "Number(document.querySelector('[data-zoomable]').style.getPropertyValue('--zoom') || 1)"
    )
    return factor


def swipe(page: Page, by_x: int, by_y: int, on: str = "[data-stage]") -> None:
    """Draw a finger over an element, from its middle."""
    box = page.locator(on).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    touch = "Input.dispatchTouchEvent"
    session.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in (0.3, 0.6, 1):
        session.send(touch, {"type": "touchMove", "touchPoints": [{"x": x + by_x * part, "y": y + by_y * part}]})
    session.send(touch, {"type": "touchEnd", "touchPoints": []})


def pinch(page: Page, apart: int, wide: int) -> None:
    """Move two fingers on the stage from so far off its middle to so far."""
    box = page.locator("[data-stage]").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    touch = "Input.dispatchTouchEvent"
    steps = [apart + (wide - apart) * part / 4 for part in range(5)]
    for number, far in enumerate(steps):
        points = [{"x": x + side * far, "y": y, "id": finger} for finger, side in enumerate((-1, 1))]
        session.send(touch, {"type": "touchMove" if number else "touchStart", "touchPoints": points})
    session.send(touch, {"type": "touchEnd", "touchPoints": []})


def order(page: Page) -> list[str | None]:
    return [item.get_attribute("data-image") for item in page.locator(".arrange-item").all()]


def test_a_picture_is_magnified_and_moved(window: Window, signed_in_state: Path) -> None:
    page = window(storage_state=str(signed_in_state))
    look(page, 1)
    here = page.url
    button = page.get_by_role("button", name="Actual size")
    page.keyboard.press("z")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")  # moves the picture, not on
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.url == here
    page.mouse.move(400, 400)
    page.mouse.wheel(0, -400)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert zoomed(page) > 1.5
    page.keyboard.press("0")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.mouse.dblclick(400, 400)
    expect(button).to_have_attribute("aria-pressed", "true")


def test_a_picture_is_kept_shared_and_thrown_away_from_the_keyboard(window: Window, account: Account) -> None:
    page = window()
    make_pictures(page, account(100))
    look(page, 1)
    here = page.url
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Starred")).to_have_attribute("aria-pressed", "true")
    link = share_with_prompt(page)
    guest = window()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="A lighthouse at dusk")).to_be_visible()

    page.keyboard.press("Delete")
    page.wait_for_url(lambda url: url != here)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(here)
    expect(page.get_by_role("button", name="Starred")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="A lighthouse at dusk")).to_be_visible()


def share_with_prompt(page: Page) -> str:
    """Through the dialog, which gives the focus back; answers the link."""
    share = page.get_by_role("link", name="Share")
    share.press("Enter")
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    page.get_by_label("Show the prompt too").check()
    page.get_by_role("button", name="Make a link").click()
    link = page.locator(".share-row code").inner_text()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(share).to_be_focused()
    return link


def test_a_finger_turns_the_pages_and_lifts_the_details(window: Window, signed_in_state: Path) -> None:
    page = window(360, 740, has_touch=True, storage_state=str(signed_in_state))
    look(page)
    first = page.url
    swipe(page, -180, 0)
    page.wait_for_url(lambda url: url != first)
    page.wait_for_load_state("load")
    body = page.locator("body")
    swipe(page, 0, -120)
    expect(body).to_have_attribute("data-sheet", "full")
    grabber = page.get_by_role("button", name="More or less of the details")
    grabber.press("ArrowDown")
    grabber.press("ArrowDown")
    expect(body).to_have_attribute("data-sheet", "title")
    expect(grabber).to_have_attribute("aria-expanded", "false")
    swipe(page, 0, -300, on="[data-grabber]")
    expect(body).to_have_attribute("data-sheet", "half")
    assert overflow(page) == 0
    pinch(page, 20, 120)
    expect(page.locator("body")).to_have_class(re.compile("zoomed"))
    assert zoomed(page) > 2
    pinch(page, 120, 5)
    expect(page.locator("body")).not_to_have_class(re.compile("zoomed"))
    swipe(page, 0, 150)
    page.wait_for_url("**/gallery")


def test_an_album_is_made_and_put_in_order(window: Window, account: Account, axe: str) -> None:
    page = window()
    first, second, third = collect_three(page, account(100))
    page.locator("[data-handle]").first.focus()
    with page.expect_response("**/order"):
        page.keyboard.press("ArrowRight")
    assert order(page) == [second, first, third]
    expect(page.locator(f"[data-image='{first}'] [data-handle]")).to_be_focused()
    expect(page.locator("[data-arranged]")).to_have_text("Picture 2 of 3")
    with page.expect_response("**/order"):
        page.locator("[data-handle]").last.drag_to(
            page.locator("[data-handle]").first, target_position={"x": 5, "y": 50}
        )
    page.reload()
    assert order(page) == [third, second, first]
    assert faults(page, axe) == []
    carry_on_a_phone(window, page)
    assert order(page) == [second, third, first]
    page.get_by_role("link", name="Done").click()
    page.locator(".wall .picture").first.click()
    page.wait_for_url(f"**/i/{second}?album=*")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/i/{third}?album=*")


def collect_three(page: Page, email: str) -> list[str | None]:
    """Put new pictures into a new album and open the page where it is put in order."""
    make_pictures(page, email)
    for number in range(3):
        look(page, number)
        put_into(page, "Lighthouses")
    page.goto("/albums")
    page.get_by_role("link", name="Lighthouses 3 images").click()
    page.get_by_role("link", name="Arrange").click()
    expect(page.locator(".arrange-item")).to_have_count(3)
    return order(page)


def carry_on_a_phone(window: Window, page: Page) -> None:
    """The first picture behind the second, by a finger."""
    phone = window(360, 740, has_touch=True, storage_state=page.context.storage_state())
    phone.goto(page.url)
    with phone.expect_response("**/order"):
        carry(phone, 0, 1)
    assert overflow(phone) == 0
    page.reload()


def carry(page: Page, item: int, beyond: int) -> None:
    """Hold a finger on a picture of an album until it is lifted, and draw it beyond another."""
    boxes = [page.locator("[data-handle]").nth(number).bounding_box() for number in (item, beyond)]
    assert boxes[0]
    assert boxes[1]
    session, touch = page.context.new_cdp_session(page), "Input.dispatchTouchEvent"
    x, y = boxes[0]["x"] + 30, boxes[0]["y"] + 40
    session.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(page.locator(".dragged")).to_have_count(1)
    to_x, to_y = boxes[1]["x"] + boxes[1]["width"] - 5, boxes[1]["y"] + 40
    for part in (0.3, 0.6, 1):
        point = {"x": x + (to_x - x) * part, "y": y + (to_y - y) * part}
        session.send(touch, {"type": "touchMove", "touchPoints": [point]})
    session.send(touch, {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".dragged")).to_have_count(0)


def put_into(page: Page, album: str) -> None:
    """Tick an album, or name it if it is the first."""
    page.get_by_role("link", name="Album").click()
    dialog = page.get_by_role("dialog", name="Add to albums")
    expect(dialog).to_be_visible()
    if dialog.get_by_label(album).count():
        dialog.get_by_label(album).check()
    else:
        dialog.get_by_label("New album").fill(album)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_pictures_are_for_everyone(window: Window, signed_in_state: Path, axe: str, theme: str) -> None:
    page = window(360, 740, color_scheme=theme, storage_state=str(signed_in_state))
    look(page)
    picture = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Share").click()
    expect(page.get_by_role("dialog", name="Share")).to_be_visible()
    assert faults(page, axe) == []
    for path in ("/albums", "/shares", "/explore", f"/images/{picture}/share", f"/images/{picture}/albums"):
        page.goto(path)
        assert (path, faults(page, axe), overflow(page)) == (path, [], 0)


def test_publishing_albums_and_sharing_work_without_scripts(window: Window, account: Account) -> None:
    maker = window()
    make_pictures(maker, account(100), 2)
    state = maker.context.storage_state()
    page = window(java_script_enabled=False, storage_state=state)
    page.goto("/albums")
    page.get_by_label("Name").fill("Plain")
    page.get_by_role("button", name="Make it").click()
    page.goto("/gallery")
    page.locator(".wall .picture").first.click()
    picture = page.url.rpartition("/")[2]
    page.get_by_role("link", name="Album").click()
    page.get_by_label("Plain").check()
    page.get_by_role("button", name="Save").click()
    publish_both(page)
    page.get_by_role("button", name="Trash").click()
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(picture))
    guest = window(java_script_enabled=False)
    guest.goto("/explore")
    guest.locator(f".wall .picture[href='/explore/{picture}']").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("A lighthouse at dusk")
    guest.get_by_role("link", name="Remix").click()
    expect(guest).to_have_url(re.compile("login"))
    is_turned(window(), picture)


def publish_both(page: Page) -> None:
    """The picture that is looked at, then the next, and back; without scripts."""
    for way in ("Next picture", "Previous picture"):
        page.get_by_role("link", name="Share").click()
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_role("link", name=way).click()


def is_turned(page: Page, picture: str) -> None:
    """On Explore, from a picture to its neighbour on the same page, which says so."""
    page.goto(f"/explore/{picture}")
    page.wait_for_load_state("load")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(lambda url: not url.endswith(picture))
    expect(page.locator("[data-looked-at]")).to_have_text("A lighthouse at dusk")
