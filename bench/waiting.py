"""What a request costs that waits for its pictures, alone and among a thousand."""

from __future__ import annotations

import threading
import time

from bench import imagework, load
from bench.figures import Figures
from bench.load import Load
from bench.machine import Processes
from bench.studio import Studio, Vendor

ADDRESS = "/v1/images/generations"
ALONE_SECONDS = 1.0  # what the vendor takes for a picture
CROWD_SECONDS = 20.0


def alone(studio: Studio, vendor: Vendor, figures: Figures, key: str, seconds: float) -> None:
    """Beyond a vendor that answers at once when it has painted: submitted, fetched, stored, made small, answered."""
    figures.head(f"Overhead of a request that waits, beyond a vendor that takes {ALONE_SECONDS:.0f} s (1 client)")
    vendor.control(seconds=ALONE_SECONDS)
    asked = {"model": "own-server", "prompt": "A lighthouse at dusk"}
    bare = load.run(Load(vendor.port, [load.post(ADDRESS, "any", asked)], 1, 10))
    figures.add("the vendor itself", answered=bare.of_status(200), p50_ms=bare.p50, p99_ms=bare.p99)
    request = load.post(ADDRESS, key, asked)
    load.run(Load(studio.port, [request], 1, 2))
    result = load.run(Load(studio.port, [request], 1, max(20, seconds)))
    figures.add(
        "the studio, beyond that",
        answered=result.of_status(200),
        p50_ms=result.p50 - bare.p50,
        p99_ms=result.p99 - bare.p50,
        p50_by_vendor=result.p50 / bare.p50,
    )


def crowd(studio: Studio, vendor: Vendor, figures: Figures, keys: list[str], clients: int) -> None:
    """So many clients at once, each with one request, on one web process."""
    figures.head(f"{clients} clients that wait at once, vendor of {CROWD_SECONDS:.0f} s, one web process")
    vendor.control(queue_seconds=0, run_seconds=CROWD_SECONDS)
    bare, _ = imagework.rate(3)
    bound = (CROWD_SECONDS + clients / bare) * 1000
    requests = [
        load.post(ADDRESS, keys[number % len(keys)], {"model": "imagen-4", "prompt": f"{time.time()} {number}"})
        for number in range(clients)
    ]
    web = studio.parts()["web"]
    before = web.cpu()
    with _Memory(web) as memory:
        result = load.run(Load(studio.port, requests, clients, 1))
    wrong = {} if result.of_status(200) == clients else {"answers": str(result.statuses)}
    figures.add(
        "answered",
        of=result.of_status(200) / clients,
        all_by_vendor_and_image_work=result.p99 / bound,
        web_MB=memory.most,
        web_CPU_ms_each=(web.cpu() - before) / clients,
        **wrong,
    )


class _Memory:
    """The most that a process had, looked at twice a second."""

    def __init__(self, processes: Processes) -> None:
        self.most = processes.memory()
        self._processes = processes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            self.most = max(self.most, self._processes.memory())
