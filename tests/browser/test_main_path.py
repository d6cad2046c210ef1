"""From signing up to a downloaded picture."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest
from playwright.sync_api import Page, expect

from tests import studios
from tests.browser.conftest import generate, sign_in
from tests.test_studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
Account = Callable[[int], str]


def test_from_signing_up_to_a_downloaded_picture(window: Window, studio: Studio) -> None:
    page = window()
    sign_up(page, studio)
    generate(page, "A lighthouse in a storm at dusk, oil paint", shape="4:3", count=2)
    card = page.locator(".generation").first
    expect(card).to_have_attribute("data-status", "completed")
    expect(card.locator("img")).to_have_count(2)
    expect(card).to_contain_text("drawn by Sketch, not AI")

    page.get_by_role("link", name="Gallery").first.click()
    expect(page.locator(".wall .picture")).to_have_count(2)
    page.locator(".wall .picture").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A lighthouse in a storm at dusk, oil paint")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download original").last.click()
    picture = PIL.Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert (picture.format, picture.size) == ("PNG", (1280, 896))

    page.get_by_role("link", name="Record as JSON").click()
    page.wait_for_url("**/record.json")
    record = json.loads(page.locator("body").inner_text())
    assert record["provider"]["name"] == "sketch"


def sign_up(page: Page, studio: Studio) -> None:
    """Make an account, open the link that was mailed, and be given a few credits."""
    email = f"{secrets.token_hex(4)}@example.com"
    page.goto("/")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(studios.PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    page.get_by_role("link", name="Open the mailbox").click()
    page.locator(".mail", has_text=email).get_by_role("link").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/create")
    assert studios.manage(studio, "grantcredits", email, "20", "--reason", "welcome").returncode == 0
    page.reload()


def test_states_change_without_a_reload(window: Window, account: Account, studio: Studio) -> None:
    page = window()
    sign_in(page, account(100))
    page.evaluate("window.stayed = true")
    card = page.locator(".generation")
    with studios.paused(studio, "worker"):
        generate(page, "A paper boat with one lantern on still black water", count=4)
        expect(card).to_have_attribute("data-status", "queued")
        expect(page.locator(".bar [data-spendable]")).to_have_text("96")
    expect(card).to_have_attribute("data-status", "completed")
    assert page.evaluate("window.stayed")
    expect(page.locator("[data-announcer]")).to_have_text("4 of 4 images ready")
    expect(page.locator(".bar [data-spendable]")).to_have_text("96")
    expect(page.locator("[data-progress-line]")).to_be_hidden()


def test_another_window_sees_it_too(window: Window, account: Account) -> None:
    email = account(100)
    here, there = window(), window()
    sign_in(here, email)
    sign_in(there, email)
    generate(here, "Dunes at noon")
    expect(there.locator(".generation")).to_have_attribute("data-status", "completed")


def test_pictures_arrive_without_moving_anything(window: Window, account: Account, studio: Studio) -> None:
    page = window()
    sign_in(page, account(100))
    with studios.paused(studio, "worker"):
        generate(page, "Marbled paper, teal and cream", shape="3:4", count=3)
        page.evaluate(
            """() => { window.moved = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.moved += entry.value;
            }).observe({type: 'layout-shift'}); }"""
        )
    expect(page.locator(".generation")).to_have_attribute("data-status", "completed")
    expect(page.locator(".generation img")).to_have_count(3)
    assert page.evaluate("window.moved") < 0.01


def test_the_price_follows_every_choice(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    price = page.locator("#price")
    expect(price).to_contain_text("4 × 7 = 28 credits · you have 30")
    page.locator(".segment:has([value='2K'])").click()
    expect(price).to_contain_text("4 × 10 = 40 credits")
    expect(page.get_by_role("button", name="Generate").first).to_be_disabled()
    expect(page.locator("[data-too-dear]")).to_be_visible()
    page.locator(".segment:has([name=count][value='1'])").click()
    expect(price).to_contain_text("10 credits")
    expect(page.get_by_role("button", name="Generate").first).to_be_enabled()
    page.locator(".model:has([data-name='Imagen 4 Fast'])").click()
    expect(page.locator("[name=resolution][value='2K']")).to_be_disabled()
    expect(page.locator("#notes")).to_contain_text("Imagen 4 Fast yet: Sketch stands in")


def test_a_locked_seed_stays_and_a_free_one_goes(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    seed = page.get_by_label("Seed", exact=True)
    page.get_by_role("button", name="Draw a seed").click()
    assert re.fullmatch(r"\d+", seed.input_value())
    generate(page, "A quarry")
    expect(seed).to_have_value("")
    page.get_by_role("button", name="Keep this seed").click()
    kept = seed.input_value()
    generate(page, "A quarry")
    expect(page.locator(".generation").first).to_contain_text(f"seed {kept}")
    expect(seed).to_have_value(kept)


def test_an_order_that_is_refused_says_why_where_it_was_written(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    page.get_by_label("Seed", exact=True).fill("lucky")
    page.get_by_label("Prompt", exact=True).fill("A quarry")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#seed-error")).to_contain_text("A whole number")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A quarry")
    expect(page.get_by_label("Seed", exact=True)).to_be_focused()
    page.get_by_label("Seed", exact=True).fill("7")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".generation")).to_have_count(1)


def test_vary_and_remix_do_what_they_say(window: Window, account: Account) -> None:
    page = window()
    sign_in(page, account(30))
    generate(page, "Two herons", shape="9:16", count=1)
    expect(page.locator(".generation")).to_have_attribute("data-status", "completed")
    page.get_by_role("button", name="Vary").click()
    expect(page.locator(".generation")).to_have_count(2)
    page.get_by_role("link", name="Remix").last.click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Two herons")
    expect(page.locator("[name=aspect_ratio][value='9:16']")).to_be_checked()


def test_what_is_cancelled_costs_nothing(window: Window, account: Account, studio: Studio) -> None:
    page = window()
    sign_in(page, account(30))
    with studios.paused(studio, "worker"):
        generate(page, "Two herons", count=4)
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".generation")).to_have_attribute("data-status", "cancelled")
    expect(page.locator(".bar [data-spendable]")).to_have_text("30")


def test_the_lightbox_listens_to_keys_and_goes_back_where_one_was(window: Window, signed_in_state: Path) -> None:
    page = window(storage_state=str(signed_in_state))
    page.goto("/gallery")
    page.locator(".wall .picture").first.click()
    page.wait_for_url("**/i/*")
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != first)
    page.keyboard.press("i")
    expect(page.locator(".facts")).to_be_hidden()
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery")


def test_a_slash_finds_the_search_and_the_search_finds_prompts(window: Window, signed_in_state: Path) -> None:
    page = window(storage_state=str(signed_in_state))
    page.goto("/gallery")
    expect(page.locator(".wall .picture")).to_have_count(7)
    page.keyboard.press("/")
    page.keyboard.type("16:9")
    expect(page.locator(".wall .picture")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"q=16"))
    page.keyboard.press("Control+a")
    page.keyboard.type("zebra")
    expect(page.get_by_text("No picture matches")).to_be_visible()


def test_the_main_path_works_without_scripts(window: Window, account: Account) -> None:
    page = window(java_script_enabled=False)
    sign_in(page, account(30))
    page.get_by_label("Prompt", exact=True).fill("A quarry at noon")
    page.locator("[name=model][value=sketch]").check(force=True)
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/create")
    card = page.locator(".generation")
    expect(card).to_have_count(1)
    for _ in range(240):
        if card.get_attribute("data-status") == "completed":
            break
        page.wait_for_timeout(500)
        page.goto("/create")
    expect(card.locator("img")).to_have_count(4)
    page.get_by_role("link", name="Gallery").first.click()
    page.locator(".wall .picture").first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download original").last.click()
    assert download.value.suggested_filename.endswith(".png")
