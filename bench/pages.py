"""What a page weighs and how steadily it is painted, from the browser's own performance entries."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figures
from bench.studio import Studio

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SIZES = {"phone": (360, 780), "desktop": (1280, 800)}
PICTURES = 400
OBSERVE = """
window.seen = {shift: 0, largest: "", largest_ms: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const element = entry.element;
    window.seen.largest = element ? element.tagName.toLowerCase() : "?";
    window.seen.largest_ms = entry.startTime;
  }
}).observe({type: "largest-contentful-paint", buffered: true});
"""
DRAFT = """
() => {
  const prompt = document.querySelector("[data-prompt]");
  if (prompt) prompt.value = "A lighthouse on a cliff, seen from the sea. ".repeat(60);
}
"""
READ = """
() => {
  const entries = performance.getEntriesByType("resource");
  const ours = entries.filter((entry) => /\\.(css|js)(\\?|$)/.test(entry.name));
  const sum = (list) => list.reduce((total, entry) => total + entry.transferSize, 0);
  const hosts = new Set(entries.map((entry) => new URL(entry.name).host));
  hosts.delete(location.host);
  return {
    code: sum(ours), files: ours.length, html: performance.getEntriesByType("navigation")[0].transferSize,
    others: [...hosts].join(" "), painted_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    ...window.seen,
  };
}
"""


def weights(studio: Studio, figures: Figures) -> None:
    """Each page for the first time and again, in Chromium, on a phone and on a desktop."""
    figures.head("Pages in the browser: bytes of CSS and JS as sent, layout shift, largest paint")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        figures.add("pages", not_measured="there is no Chromium")
        return
    email = "pages@atelier.local"
    studio.seed("person", email)
    studio.manage("fillgallery", email, "--images", str(PICTURES))
    name, _, value = str(studio.seed("session", email)).partition("=")
    cookie = {"name": name, "value": value, "url": f"http://127.0.0.1:{studio.port}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for path in ("/", "/create", "/gallery", "/account/credits", "/account/keys"):
                with _window(browser, size, [] if path == "/" else [cookie]) as page:
                    _measure(page, figures, f"{path} ({size})", f"http://127.0.0.1:{studio.port}{path}")
        browser.close()


@contextmanager
def _window(browser: Browser, size: str, cookies: list[Any]) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    context.add_cookies(cookies)
    context.add_init_script(OBSERVE)
    try:
        yield context.new_page()
    finally:
        context.close()


def _measure(page: Page, figures: Figures, what: str, url: str) -> None:
    page.goto(url, wait_until="load")
    page.wait_for_timeout(1_500)  # for pictures to arrive and whatever moves to move
    first = page.evaluate(READ)
    page.evaluate(DRAFT)  # which is kept, and stands there again
    page.reload(wait_until="load")
    page.wait_for_timeout(1_500)
    again = page.evaluate(READ)
    figures.add(
        what,
        code_kB=first["code"] / 1000,
        files=first["files"],
        html_kB=first["html"] / 1000,
        code_again_kB=again["code"] / 1000,
        shift=first["shift"],
        shift_again=again["shift"],
        painted_ms=first["painted_ms"],
        largest_ms=first["largest_ms"],
        largest=first["largest"],
        other_hosts=first["others"] or "none",
    )
