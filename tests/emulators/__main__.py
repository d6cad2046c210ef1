"""``python -m tests.emulators``: the vendors on one port, for trying the studio by hand and for ``bench/``."""

from __future__ import annotations

import argparse
import signal
import threading

from tests.emulators.fal import FalEmulator


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--queue-seconds", type=float, default=1, help="how long a job waits")
    parser.add_argument("--run-seconds", type=float, default=4, help="how long a job is painted")
    parser.add_argument("--small", action="store_true", help="small pictures")
    options = parser.parse_args()
    fal = FalEmulator(
        options.port, queue_seconds=options.queue_seconds, run_seconds=options.run_seconds, small=options.small
    )
    print(f"FAL_KEY=emulated FAL_QUEUE_URL={fal.queue_url}", flush=True)  # noqa: T201 - this is what people read
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    over.wait()
    fal.stop()


if __name__ == "__main__":
    main()
