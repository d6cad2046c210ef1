"""``python -m tests.emulators``: the vendors, each on a port of its own, to try the studio by hand and for ``bench/``.

Prints, a line for each, what points a studio at them. Below ``/control`` a vendor tells what it was paid for and is
told how to fail: see its ``_control``.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from typing import Protocol

from tests.emulators.aimlapi import AimlapiEmulator
from tests.emulators.apiframe import ApiframeEmulator
from tests.emulators.fal import FalEmulator
from tests.emulators.google import GoogleEmulator
from tests.emulators.openai import OpenAIEmulator

ENDS = (signal.SIGINT, signal.SIGTERM)


class Running(Protocol):
    """A vendor that serves."""

    def environment(self) -> str: ...

    def stop(self) -> None: ...


QUEUES: dict[str, Callable[..., Running]] = {"fal": FalEmulator, "apiframe": ApiframeEmulator}
AT_ONCE: dict[str, Callable[..., Running]] = {
    "aimlapi": AimlapiEmulator,
    "openai": OpenAIEmulator,
    "google": GoogleEmulator,
}


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the first vendor; the others follow (default: any)")
    parser.add_argument("--only", action="append", choices=[*QUEUES, *AT_ONCE], help="this vendor; may be repeated")
    parser.add_argument("--queue-seconds", type=float, default=1, help="how long a job waits")
    parser.add_argument("--run-seconds", type=float, default=4, help="how long a job is painted")
    parser.add_argument("--small", action="store_true", help="small pictures")
    options = parser.parse_args()
    # Blocked before there are threads, which inherit it: a handler could interrupt whatever it would have to wake.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    started = [start(name, number, options) for number, name in enumerate(options.only or [*QUEUES, *AT_ONCE])]
    print(*(emulator.environment() for emulator in started), sep="\n", flush=True)  # noqa: T201 - what people read
    signal.sigwait(ENDS)
    for emulator in started:
        emulator.stop()


def start(name: str, number: int, options: argparse.Namespace) -> Running:
    """The emulator of this name, which is the ``number``-th of those that run."""
    port = options.port + number if options.port else 0
    if name in AT_ONCE:
        return AT_ONCE[name](port, seconds=options.run_seconds, small=options.small)
    return QUEUES[name](port, queue_seconds=options.queue_seconds, run_seconds=options.run_seconds, small=options.small)


if __name__ == "__main__":
    main()
