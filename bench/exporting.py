"""What it takes to make an archive of so many pictures, and that the worker does not grow with them."""

from __future__ import annotations

import json
import time

from bench.figures import Figures
from bench.studio import Studio, call

LONGEST_SECONDS = 600
GLANCE_SECONDS = 0.2


def archives(studio: Studio, figures: Figures, sizes: list[int]) -> None:
    """Archives of whole accounts, the smallest first."""
    figures.head("Archives of whole accounts")
    for size in sizes:
        email = f"export-{size}@atelier.local"
        key = studio.seed("person", email)
        filled = studio.manage("fillgallery", email, "--images", str(size))
        if filled.returncode:
            figures.add(f"{size:,} pictures", not_measured=(filled.stderr.strip() or "?").splitlines()[-1])
            return
        _one(studio, figures, key, size)


def _one(studio: Studio, figures: Figures, key: str, size: int) -> None:
    worker, who = studio.parts()["worker"], {"Authorization": f"Bearer {key}"}
    before, spent, begun = worker.memory(), worker.cpu(), time.monotonic()
    told: float | None = None
    most, found = before, call(studio.port, "POST", "/api/v1/exports", json.dumps({}), **who)
    while found["status"] in {"queued", "running"} and time.monotonic() < begun + LONGEST_SECONDS:
        time.sleep(GLANCE_SECONDS)
        most = max(most, worker.memory())
        found = call(studio.port, "GET", f"/api/v1/exports/{found['id']}", **who)
        told = told or (time.monotonic() - begun if found["done"] else None)
    figures.add(
        f"{size:,} pictures, {found['status']}",
        seconds=time.monotonic() - begun,
        first_progress_s=told,
        worker_CPU_ms_each=(worker.cpu() - spent) / size,
        archive_MB=(found["size"] or 0) / 1e6,
        worker_MB_before=before,
        most=most,
    )
