"""A wall at a person's pace, beside a page that shows the same pictures with the least that a browser needs for it."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from bench.figures import Figures
from bench.pages import OBSERVE
from bench.studio import call
from bench.watching import WATCH, memory

SECONDS = 30
PACE = 1.5  # px in a ms: a wheel that is turned without a rest
ROW, GAP, WIDTH, WIDE = 205, 6, 1232, 1280  # px: the gallery's own at 1280
SMALL = 320  # px of the smaller thumbnail
WALK = """
([pace, span]) => new Promise((done) => {
  let last = performance.now();
  const until = last + span;
  requestAnimationFrame(function step(now) {
    scrollBy(0, Math.round((now - last) * pace));
    last = now;
    if (now < until) requestAnimationFrame(step);
    else done();
  });
})
"""
BARE = """<!doctype html><body style="margin: 0; height: %(height)spx"><script>
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.replaceChildren(...(isIntersecting ? target.row.map(shown) : []));
  }
}, { rootMargin: "50%% 0px 100%%" });
function shown([src, left, width]) {
  const image = Object.assign(new Image(), { decoding: "async", src });
  image.style = `position: absolute; left: ${left}px; width: ${width}px; height: 100%%`;
  return image;
}
for (const [top, height, row] of %(rows)s) {
  const place = Object.assign(document.createElement("div"), { row });
  place.style = "position: absolute; contain: strict; left: 24px; width: %(width)spx";
  Object.assign(place.style, { top: `${top}px`, height: `${height}px` });
  document.body.append(place);
  watcher.observe(place);
}
</script>"""


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk took of the page's main thread, for each picture that came, and all that is told of it."""

    cpu_ms: float
    row: dict[str, float]


def compare(browser: Browser, figures: Figures, cookie: Any, key: str, pictures: int) -> None:
    """The gallery and the bare page, each twice in turn, each in a browser that has seen nothing before."""
    address = cookie["url"]
    bare = _bare(_images(int(address.rpartition(":")[2]), key, pictures))
    taken: dict[str, list[float]] = {"/gallery": [], "/bare": []}
    for turn in (1, 2):
        for path, ours in taken.items():
            context = browser.new_context(base_url=address, viewport={"width": WIDE, "height": 900})
            context.add_cookies([cookie])
            context.add_init_script(OBSERVE + WATCH)
            with closing(context):
                walked = _walk(context, browser, path, bare)
            ours.append(walked.cpu_ms)
            figures.add(f"{path}, {PACE * 1000:.0f} px a second, turn {turn}", **walked.row)
    figures.add("of what the bare page takes", times=min(taken["/gallery"]) / min(taken["/bare"]))


def _walk(context: BrowserContext, browser: Browser, path: str, bare: str) -> Walked:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    came: set[str] = set()
    page.on("request", lambda request: came.add(request.url.rpartition("/")[0]) if "webp" in request.url else None)
    _open(page, path, bare)
    page.wait_for_timeout(2_000)  # for the first window to be there
    page.evaluate("Object.assign(window.seen, {long: 0, longest: 0, frames: 0, late: 0, shift: 0})")
    first, before = len(came), _cpu(session)
    page.evaluate(WALK, [PACE, SECONDS * 1000])
    pictures, cpu = len(came) - first, _cpu(session) - before
    seen = page.evaluate("window.seen")
    each = cpu * 1000 / max(1, pictures)
    row = {
        "pictures": pictures,
        "CPU_ms_each": each,
        "frames": seen["frames"],
        "late_%": 100 * seen["late"] / max(1, seen["frames"]),
        "long_tasks": seen["long"],
        "longest_ms": seen["longest"],
        "shift": seen["shift"],
        **memory(browser),
    }
    return Walked(each, row)


def _open(page: Page, path: str, bare: str) -> None:
    page.route("**/bare", lambda route: route.fulfill(body=bare, content_type="text/html"))
    page.goto(path, wait_until="load")
    page.unroute("**/bare")  # which would hold up every picture


def _cpu(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    seconds: float = next(one["value"] for one in metrics if one["name"] == "ThreadTime")
    return seconds


def _images(port: int, key: str, most: int) -> list[dict[str, Any]]:
    """A person's newest pictures."""
    found: list[dict[str, Any]] = []
    path: str | None = "/api/v1/images?limit=100"
    while path and len(found) < most:
        answer = call(port, "GET", path, Authorization=f"Bearer {key}")
        found += answer["results"]
        path = answer["next"] and "?".join(urlsplit(answer["next"])[2:4])
    return found


def _bare(images: list[dict[str, Any]]) -> str:
    rows: list[tuple[float, float, list[tuple[str, float, float]]]] = []
    held: list[dict[str, Any]] = []
    top, total = 0.0, 0.0
    for image in images:
        ratio = image["width"] / image["height"]
        if held and (total + ratio) * ROW + GAP * len(held) > WIDTH:
            height = (WIDTH - GAP * (len(held) - 1)) / total
            rows.append((top, height, _row(held, height)))
            top += height + GAP
            held, total = [], 0.0
        held.append(image)
        total += ratio
    return BARE % {"height": round(top), "width": WIDTH, "rows": json.dumps(rows)}


def _row(images: list[dict[str, Any]], height: float) -> list[tuple[str, float, float]]:
    placed, left = [], 0.0
    for image in images:
        width = image["width"] / image["height"] * height
        placed.append((f"/i/{image['id']}/{320 if width <= SMALL else 640}.webp", left, width))
        left += width + GAP
    return placed
