"""What is measured of a page as it stands in a window."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Pictures fade in, and what is half faded has less contrast.
SETTLED = """() => [...document.images].every((image) => !image.checkVisibility()
|| image.getBoundingClientRect().top > innerHeight || image.complete && !image.classList.contains('arriving'))
&& !document.getAnimations().some((one) => one.playState === 'running'
&& one.effect.getComputedTiming().endTime < Infinity)"""


def faults(page: Page, axe: str) -> list[Any]:
    """What axe finds, evaluated past the page's own content policy, once the page is there.

    It reads no style sheets by itself: for those that import others it would write into the page.
    """
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    found: list[Any] = page.evaluate(
        """() => axe.run(document, {resultTypes: ['violations'], preload: false}).then((result) =>
        result.violations.map((fault) => [fault.id, ...fault.nodes.map((node) => node.target.join(' '))]))"""
    )
    return found


def overflow(page: Page) -> int:
    pixels: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return pixels
