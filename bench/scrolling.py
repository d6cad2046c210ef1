"""What a gallery costs the browser that scrolls far down in it, and whether it finds its way back."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page, Request, sync_playwright

from bench import walking
from bench.figures import Figures
from bench.pages import BROWSERS, OBSERVE
from bench.studio import Studio
from bench.watching import WATCH, memory

DEEP, EVERY, PART = 5_000, 1_000, 30
SPAN = 900.0  # seconds until it is given up
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
SHOWN = "document.querySelectorAll('[data-frame]').length"
TOPMOST = """
() => [...document.querySelectorAll("[data-frame]")]
.find((frame) => frame.getBoundingClientRect().top > 80).dataset.frame
"""
TOP = "(id) => document.querySelector(`[data-frame='${id}']`)?.getBoundingClientRect().top ?? -1"
FOCUSED = "document.activeElement.closest('[data-frame]')?.dataset.frame ?? ''"


@dataclass  # Playwright writes something of its own on what it calls
class Tab:
    """A tab of the gallery, and how many pictures it was sent."""

    page: Page
    browser: Browser
    session: CDPSession
    pictures: int = 0

    def count(self, request: Request) -> None:
        """A part of the wall is asked for."""
        self.pictures += PART * ("before=" in request.url)

    def row(self) -> dict[str, float]:
        """What it holds and how it went until now.

        ``private`` is what the tab's process has for itself; ``bitmaps`` is what the browser keeps of decoded
        pictures in memory that it takes back when it needs some.
        """
        self.session.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        seen = self.page.evaluate("window.seen")
        return {
            **memory(self.browser),
            "heap_MB": metrics["JSHeapUsedSize"] / 1e6,
            "nodes": self.session.send("Memory.getDOMCounters")["nodes"],
            "filled": self.page.evaluate(SHOWN),
            "CPU_s": metrics["ThreadTime"],
            "frames": seen["frames"],
            "late": seen["late"],
            "long_tasks": seen["long"],
            "longest_ms": seen["longest"],
            "shift": seen["shift"],
        }


def far(studio: Studio, figures: Figures, images: int) -> None:
    """Scroll through ``DEEP`` pictures of so many in Chromium, or all, look at one half-way, and go back."""
    deep = min(DEEP, images)
    figures.head(f"A gallery of {images:,} in the browser: {deep:,} pictures deep")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        figures.add("scrolling", not_measured="there is no Chromium")
        return
    email = "scrolling@atelier.local"
    key = studio.seed("person", email)
    studio.manage("fillgallery", email, "--images", str(images))
    name, _, value = str(studio.seed("session", email)).partition("=")
    address = f"http://127.0.0.1:{studio.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        cookie = {"name": name, "value": value, "url": address}
        context.add_cookies([cookie])  # type: ignore[list-item]
        context.add_init_script(OBSERVE + WATCH)
        _measure(context.new_page(), browser, figures, deep)
        context.close()
        walking.compare(browser, figures, cookie, key, deep)
        browser.close()


def _measure(page: Page, browser: Browser, figures: Figures, deep: int) -> None:
    page.goto("/offline", wait_until="load")
    figures.add("a page without pictures", **memory(browser))
    tab = Tab(page, browser, page.context.new_cdp_session(page), PART)
    tab.session.send("Performance.enable")
    page.on("request", tab.count)
    page.goto("/gallery", wait_until="load")
    figures.add("first page", painted_ms=page.evaluate(PAINTED), **tab.row())
    _scroll(tab, figures, deep)
    figures.add("and at rest", **tab.row())
    moved, kept = _return(page)
    figures.add("back from half-way", moved_px=moved, focus="kept" if kept else "lost")
    tab.session.send("Memory.simulatePressureNotification", {"level": "critical"})
    page.wait_for_timeout(2_000)
    figures.add("when the machine wants memory back", **memory(browser))


def _scroll(tab: Tab, figures: Figures, deep: int) -> None:
    """A window at a time, faster than the parts of the wall arrive."""
    until = time.monotonic() + SPAN
    for mark in [*range(EVERY, deep, EVERY), deep]:
        while tab.pictures < mark and time.monotonic() < until:
            tab.page.evaluate("scrollBy(0, innerHeight)")
            tab.page.wait_for_timeout(40)
        figures.add(f"{min(mark, tab.pictures):,} pictures", **tab.row())
    tab.page.wait_for_timeout(2_000)  # for what is far to be released


def _return(page: Page) -> tuple[float, bool]:
    """How far a picture is from where it was, and whether it has the focus."""
    page.evaluate("scrollTo(0, scrollY / 2)")
    page.wait_for_timeout(2_000)
    picture = page.evaluate(TOPMOST)
    before = page.evaluate(TOP, picture)
    page.locator(f"[data-frame='{picture}'] a").click()
    page.wait_for_url("**/i/*")
    page.go_back()
    page.wait_for_timeout(3_000)
    return abs(float(page.evaluate(TOP, picture)) - float(before)), page.evaluate(FOCUSED) == picture
