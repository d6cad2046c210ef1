"""What a page in Chromium tells while it is scrolled: frames that came late, tasks that took long, memory."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

LATE = 50  # ms from one frame to the next
WATCH = f"""
Object.assign(window.seen, {{long: 0, longest: 0, frames: 0, late: 0}});
new PerformanceObserver((list) => {{
  for (const {{ duration }} of list.getEntries()) {{
    window.seen.long++;
    window.seen.longest = Math.max(window.seen.longest, duration);
  }}
}}).observe({{type: "longtask"}});
let last = performance.now();
requestAnimationFrame(function count(now) {{
  window.seen.frames++;
  if (now - last > {LATE}) window.seen.late++;
  last = now;
  requestAnimationFrame(count);
}});
"""


def memory(browser: Browser) -> dict[str, float]:
    """Megabytes of the largest of the browser's tabs."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    tabs = [_resident(int(one["id"])) for one in processes if one["type"] == "renderer"]
    return max(tabs, key=lambda tab: sum(tab.values()))


def _resident(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    kilobytes = {name: text.split()[0] for name, _, text in (line.partition(":") for line in lines) if "Rss" in name}
    return {"private_MB": int(kilobytes["RssAnon"]) / 1024, "bitmaps_MB": int(kilobytes["RssShmem"]) / 1024}
