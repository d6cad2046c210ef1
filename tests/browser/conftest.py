"""A whole studio, a Chromium, and people who are signed in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import studios
from tests.patience import SECONDS
from tests.test_studio import Studio

AXE = "axe-core@4.14.1"
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 120_000  # ms: two cores may be busy with other tests

expect.set_options(timeout=PATIENCE)


def missing(what: str) -> None:
    """Skip for want of a tool; in CI, fail."""
    (pytest.fail if os.environ.get("ATELIER_REQUIRE_ALL") == "1" else pytest.skip)(f"{what} is not installed")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium: without its windows, where that is installed, it takes a quarter of the time.

    Playwright leaves an event loop running in this thread, in which Django touches no database: not for the session.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker, from npm."""
    folder = tmp_path_factory.mktemp("axe")
    npm = shutil.which("npm")
    if npm is None:
        missing("npm")
    command = [str(npm), "install", "--no-save", "--ignore-scripts", "--prefix", str(folder), AXE]
    if subprocess.run(command, capture_output=True, check=False, timeout=SECONDS).returncode:  # noqa: S603
        missing("axe-core")
    return (folder / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="session")
def account(studio: Studio) -> Callable[[int], str]:
    """Makes a verified person with that many credits; answers the address."""
    return partial(studios.person, studio)


@pytest.fixture
def window(chromium: Browser, studio: Studio) -> Iterator[Callable[..., Page]]:
    """Opens a page of the studio in a new window; whatever its console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(width: int = 1280, height: int = 900, **options: Any) -> Page:
        viewport = {"width": width, "height": height}
        options.setdefault("service_workers", "block")  # requests that one answers cannot be held or changed
        options.setdefault("base_url", f"http://127.0.0.1:{studio.port}")
        context = chromium.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 4" not in text] == []


@pytest.fixture(scope="package")
def signed_in_state(chromium: Browser, studio: Studio, account: Callable[[int], str], tmp_path_factory: Any) -> Path:
    """The cookies of someone with credits and a few pictures."""
    path: Path = tmp_path_factory.mktemp("state") / "state.json"
    context = chromium.new_context(base_url=f"http://127.0.0.1:{studio.port}")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, account(500))
    for shape, count in (("3:4", 4), ("16:9", 2), ("1:1", 1)):
        generate(page, f"Striped fields at harvest, {shape}", shape=shape, count=count)
    expect(page.locator('[data-status="completed"]')).to_have_count(3)
    context.storage_state(path=path)
    context.close()
    return path


def sign_in(page: Page, email: str, password: str = studios.PASSWORD, *, onto: str = "**/create") -> None:
    """Through the form, as far as a page."""
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(onto)


def generate(page: Page, prompt: str, *, shape: str = "1:1", count: int = 1, model: str = "Sketch") -> None:
    """Fill the composer and submit it from the keyboard."""
    page.locator(f".model:has([data-name='{model}'])").click()
    page.locator(f".shape:has([value='{shape}'])").click()
    page.locator(f".segment:has([name=count][value='{count}'])").click()
    before = page.locator(".generation").count()
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".generation")).to_have_count(before + 1)
    expect(page.locator(".htmx-request")).to_have_count(0)  # the card may come by the events before the answer does
