"""What a gallery costs the browser that scrolls far down in it, and whether it finds its way back."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figures
from bench.pages import BROWSERS, OBSERVE
from bench.studio import Studio

DEEP = 5_000
SPAN = 600.0  # seconds until it is given up
PAGE_BYTES = 4_096
FRAMES = "document.querySelectorAll('[data-frame]').length"
FILLED = "document.querySelectorAll('[data-frame] img').length"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TOPMOST = """
() => [...document.querySelectorAll("[data-frame]")]
.find((frame) => frame.getBoundingClientRect().top > 80).dataset.frame
"""
TOP = "(id) => document.querySelector(`[data-frame='${id}']`)?.getBoundingClientRect().top ?? -1"


def far(studio: Studio, figures: Figures) -> None:
    """Scroll through ``DEEP`` pictures in Chromium, look at one half-way, and go back."""
    figures.head(f"A gallery in the browser: {DEEP} pictures deep")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        figures.add("scrolling", not_measured="there is no Chromium")
        return
    email = "scrolling@atelier.local"
    studio.seed("person", email)
    studio.manage("fillgallery", email, "--images", str(DEEP))
    name, _, value = str(studio.seed("session", email)).partition("=")
    address = f"http://127.0.0.1:{studio.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": address}])
        context.add_init_script(OBSERVE)
        page = context.new_page()
        page.goto(f"{address}/gallery", wait_until="load")
        figures.add("first page", painted_ms=page.evaluate(PAINTED))
        _scroll(page)
        figures.add(
            "at the end",
            pictures=page.evaluate(FRAMES),
            filled=page.evaluate(FILLED),
            tab_MB=_resident(browser),
            shift=page.evaluate("window.seen.shift"),
        )
        figures.add("back from half-way", moved_px=_return(page))
        browser.close()


def _scroll(page: Page) -> None:
    until = time.monotonic() + SPAN
    while page.evaluate(FRAMES) < DEEP and time.monotonic() < until:
        page.evaluate("scrollBy(0, innerHeight)")
        page.wait_for_timeout(40)
    page.wait_for_timeout(2_000)  # for what is far to be released


def _return(page: Page) -> float:
    """How far a picture is from where it was."""
    page.evaluate("scrollTo(0, scrollY / 2)")
    page.wait_for_timeout(2_000)
    picture = page.evaluate(TOPMOST)
    before = page.evaluate(TOP, picture)
    page.locator(f"[data-frame='{picture}'] a").click()
    page.wait_for_url("**/i/*")
    page.go_back()
    page.wait_for_timeout(3_000)
    return abs(float(page.evaluate(TOP, picture)) - float(before))


def _resident(browser: Browser) -> float:
    """Megabytes of the largest of the browser's tabs."""
    processes: list[Any] = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    tabs = [int(one["id"]) for one in processes if one["type"] == "renderer"]
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in tabs]
    return max(pages) * PAGE_BYTES / 1_000_000
