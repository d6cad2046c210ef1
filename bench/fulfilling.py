"""How fast generations are completed, how late they are, and how many can be in flight."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any

from bench import imagework
from bench.contenders import ORDER
from bench.figures import Figures
from bench.load import quantile
from bench.machine import Processes
from bench.studio import Studio, Vendor, call

LONGEST_SECONDS = 300
PAINTING_SECONDS = 20
GLANCE_SECONDS = 0.03
SUBMITTERS = 16
IMAGE_WORK_SECONDS = 5  # before and after: a machine that others share is not as fast all the time


def overhead(studio: Studio, vendor: Vendor, figures: Figures, keys: list[str], times: int) -> None:
    """From submit to visible beyond the vendor's own time, a few at a time, then again once there is history."""
    figures.head("Overhead beyond a vendor that takes 2 s (4 at a time)")
    vendor.control(queue_seconds=0.5, run_seconds=1.5)
    for what in ("with the catalogue's guess of how long it takes", "with history"):
        with ThreadPoolExecutor(4) as threads:
            prompts = [f"{what} {number}" for number in range(times)]
            made = list(threads.map(partial(_one, studio), keys, prompts))
        jobs = vendor.jobs()
        late = sorted(visible - begun - 2 for begun, visible, _ in made)
        shown = sorted(visible - jobs[prompt] for _, visible, prompt in made)
        figures.add(
            what,
            overhead_p50_ms=quantile(late, 0.5) * 1000,
            p99_ms=quantile(late, 0.99) * 1000,
            vendor_done_to_visible_p50_ms=quantile(shown, 0.5) * 1000,
            p95_ms=quantile(shown, 0.95) * 1000,
        )
        studio.seed("forget")  # the cached guess among it


def _one(studio: Studio, key: str, prompt: str) -> tuple[float, float, str]:
    begun = time.time()
    who = {"Authorization": f"Bearer {key}"}
    made = call(studio.port, "POST", "/api/v1/generations", json.dumps({**ORDER, "prompt": prompt}), **who)
    until = begun + LONGEST_SECONDS
    while (found := call(studio.port, "GET", f"/api/v1/generations/{made['id']}", **who))["status"] != "completed":
        if time.time() > until or found["status"] in {"failed", "cancelled"}:
            raise SystemExit(f"a generation ended as {found['status']}: {found['error']}")
        time.sleep(GLANCE_SECONDS)
    return begun, time.time(), prompt


def throughput(studio: Studio, vendor: Vendor, figures: Figures, keys: list[str], count: int) -> None:
    """Completed generations per second when the vendor takes no time, by what decoding alone would allow."""
    figures.head(f"Completed generations, vendor without latency ({count} waiting at the start)")
    bare, each = imagework.rate(IMAGE_WORK_SECONDS)
    vendor.control(queue_seconds=0, run_seconds=0)
    studio.freeze()
    _submit(studio, keys, count)
    parts = {**studio.parts(), "vendor": vendor.processes}
    before = {role: processes.cpu() for role, processes in parts.items()}
    begun = time.monotonic()
    studio.thaw()
    seconds = _wait_finished(studio, begun)
    spent = {role: (parts[role].cpu() - before[role]) / count for role in parts}
    bare, each = _mean((bare, each), imagework.rate(IMAGE_WORK_SECONDS))
    ours = sum(spent.values()) - spent["vendor"]
    figures.add("decode, hash and thumbnails alone, all cores", per_s=bare, CPU_ms=each)
    figures.add("completed", per_s=count / seconds, of_bare=count / seconds / bare)
    figures.add("CPU ms each", **spent)
    figures.add("CPU ms each beyond image work", all_processes=ours - each)


def in_flight(studio: Studio, vendor: Vendor, figures: Figures, keys: list[str], count: int) -> None:
    """So many at a vendor that takes 20 s, on one worker process."""
    figures.head(f"{count} in flight at a vendor that takes {PAINTING_SECONDS} s, one worker process")
    bare, each = imagework.rate(IMAGE_WORK_SECONDS)
    asked = _asked(vendor.control(queue_seconds=0, run_seconds=PAINTING_SECONDS))
    parts = {**studio.parts(), "vendor": vendor.processes, "bench": Processes(os.getpid(), alone=True)}
    worker, before = parts["worker"], {role: processes.cpu() for role, processes in parts.items()}
    began, begun = time.time(), time.monotonic()
    _submit(studio, keys, count)
    submitted, memory, connections = time.monotonic() - begun, 0.0, 0
    while studio.unfinished() and time.monotonic() < begun + LONGEST_SECONDS * 2:
        memory = max(memory, worker.memory())
        connections = max(connections, studio.connections())
        time.sleep(1)
    seconds = time.monotonic() - begun
    spent = {role: (parts[role].cpu() - before[role]) / count for role in parts}
    bare, each = _mean((bare, each), imagework.rate(IMAGE_WORK_SECONDS))
    bound = PAINTING_SECONDS + count / bare
    figures.add("done", submitted_in_s=submitted, all_done_in_s=seconds, by_vendor_and_image_work=seconds / bound)
    figures.add("CPU ms each, the submit included", image_work_alone=each, **spent)
    figures.add("at the vendor", **_at_the_vendor(vendor, began, asked))
    figures.add("at most", worker_MB=memory, database_connections=connections)


def _at_the_vendor(vendor: Vendor, began: float, asked: int) -> dict[str, float]:
    """What the vendor saw since then. Each job lasts as long as any other: its end says when it was accepted."""
    counts, ends = vendor.control(), vendor.jobs().values()
    accepted = sorted(end - PAINTING_SECONDS for end in ends if end - PAINTING_SECONDS > began)
    return {
        "most_at_once": _most_at_once(accepted),
        "all_accepted_in_s": accepted[-1] - began,
        "jobs": len(accepted),
        "asked_each": (_asked(counts) - asked) / len(accepted),
        "paid_twice": counts["paid_twice"],
    }


def _asked(counts: dict[str, Any]) -> int:
    """How often the vendor was asked what became of a job: for its state, or for its result."""
    return sum(counts["requests"].get(kind, 0) for kind in ("status", "result"))


def _most_at_once(accepted: list[float]) -> int:
    """How many jobs there were at the vendor at one moment, of those that it accepted then, in order."""
    most = first = 0
    for last, moment in enumerate(accepted):
        while accepted[first] <= moment - PAINTING_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most


def idle(studio: Studio, figures: Figures, seconds: float) -> None:
    """What a studio costs that nobody uses."""
    figures.head("At rest")
    parts = studio.parts()
    before = {role: processes.cpu() for role, processes in parts.items()}
    time.sleep(seconds)
    spent = {role: (processes.cpu() - before[role]) / seconds / 10 for role, processes in parts.items()}
    figures.add("percent of a core", all=sum(spent.values()), **spent)
    memory(studio, figures)


def memory(studio: Studio, figures: Figures) -> None:
    """Megabytes by process."""
    sizes = {role: processes.memory() for role, processes in studio.parts().items()}
    figures.add("memory in MB", all=sum(sizes.values()), **sizes)


def _submit(studio: Studio, keys: list[str], count: int) -> None:
    """Exactly so many orders, sixteen at a time, each with a prompt of its own."""

    def share(first: int) -> None:
        with closing(HTTPConnection("127.0.0.1", studio.port, timeout=60)) as connection:
            for number in range(first, count, SUBMITTERS):
                who = {"Authorization": f"Bearer {keys[number % len(keys)]}", "Content-Type": "application/json"}
                body = json.dumps({**ORDER, "prompt": f"{time.time()} {number}"})
                connection.request("POST", "/api/v1/generations", body, who)
                answer = connection.getresponse()
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    raise SystemExit(f"an order was answered {answer.status}: {answer.read()[:300]!r}")
                answer.read()

    with ThreadPoolExecutor(SUBMITTERS) as threads:
        list(threads.map(share, range(SUBMITTERS)))


def _mean(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _wait_finished(studio: Studio, begun: float) -> float:
    """Seconds until nothing is unfinished, asked seldom so as not to be in the way."""
    while studio.unfinished():
        if time.monotonic() > begun + LONGEST_SECONDS:
            raise SystemExit("the studio did not finish in time")
        time.sleep(0.5)
    return time.monotonic() - begun
