"""What is measured of a page as it stands in a window."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Pictures fade in, and what is half faded has less contrast.
SETTLED = """() => [...document.images].every((image) => !image.checkVisibility()
|| image.getBoundingClientRect().top > innerHeight || image.complete && !image.classList.contains('arriving'))
&& !document.getAnimations().some((one) => one.playState === 'running'
&& one.effect.getComputedTiming().endTime < Infinity)"""


def faults(page: Page, axe: str, within: str = "html") -> list[Any]:
    """What axe finds in a part of the page, evaluated past its own content policy, once it is there and stands still.

    It reads no style sheets by itself: for those that import others it would write into the page.
    """
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe)
    page.wait_for_function(SETTLED)
    found: list[Any] = page.evaluate(
        """within => axe.run(within, {resultTypes: ['violations'], preload: false}).then((result) =>
        result.violations.map((fault) => [fault.id, ...fault.nodes.map((node) => node.target.join(' '))]))""",
        within,
    )
    return found


def overflow(page: Page, part: str = "html") -> int:
    """How many pixels of a part of the page are past its edge; none of a part that is not there."""
    pixels: int = page.evaluate(
        "part => { const one = document.querySelector(part); return one ? one.scrollWidth - one.clientWidth : 0 }", part
    )
    return pixels
