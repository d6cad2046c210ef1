"""Keep a handful of programs running, and end them together.

    with Supervisor(log_folder, say) as supervisor:
        supervisor.start(database, redis)
        …
        supervisor.start(worker, beat, web)
        supervisor.watch()

Whatever ends the block (Ctrl-C, SIGTERM, SIGHUP, a mistake) stops the programs, the last started first. Should this
process be killed outright, the kernel ends them (see `config.launch`).
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from config.log import Log
from config.program import Process, Program, StartFailed, describe

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RESTARTS = 5
WITHIN_SECONDS = 60.0
LONGEST_PAUSE = 5.0
LOOK_SECONDS = 0.2
HURRIED_SECONDS = 3.0


class Interrupted(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may take it for a failure."""


class GaveUp(Exception):
    """A program ends again and again; the message is for the person at the terminal."""


@dataclass
class Watched:
    process: Process
    log: Log
    restarts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))


class Supervisor:
    def __init__(self, logs: Path, say: Callable[[str], object]) -> None:
        self.logs = logs
        self.say = _willing(say)
        self.watched: list[Watched] = []
        self.hurried = False

    def __enter__(self) -> Self:
        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup asked to be left alone
                signal.signal(number, _interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in SIGNALS:
            signal.signal(number, self._hurry)
        self.stop()

    def start(self, *programs: Program) -> None:
        """Start all of them, then wait until each is ready."""
        started = [self._add(program) for program in programs]
        for watched in started:
            self._wait_ready(watched)

    def watch(self) -> NoReturn:
        """Restart whatever ends; returns only by an exception, `GaveUp` or `Interrupted`."""
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Restart what has ended."""
        for watched in self.watched:
            if watched.process.ended():
                self._restart(watched)

    def stop(self) -> None:
        """The last started first, each within its time, or within a moment once we are asked a second time."""
        for watched in self.watched:
            watched.log.quiet = True
        while self.watched:
            watched = self.watched.pop()
            watched.process.stop(self._patience)
            watched.log.close()

    def _patience(self, program: Program) -> float:
        return min(program.stop_seconds, HURRIED_SECONDS) if self.hurried else program.stop_seconds

    def _hurry(self, _number: int, _frame: FrameType | None) -> None:
        self.hurried = True

    def _add(self, program: Program) -> Watched:
        log = Log(self.logs / f"{program.name}.log", program, self.say)
        watched = Watched(program.start(log.entrance), log)
        self.watched.append(watched)
        return watched

    def _wait_ready(self, watched: Watched) -> None:
        while True:
            try:
                return watched.process.wait_ready()
            except StartFailed:
                if not watched.process.ended():
                    raise
                self._restart(watched)

    def _restart(self, watched: Watched) -> None:
        """Start it again after a pause that grows, unless it has ended too often lately."""
        program, now = watched.process.program, time.monotonic()
        reason = describe(watched.process.popen.returncode)
        recent = [moment for moment in watched.restarts if now - moment < WITHIN_SECONDS]
        if len(recent) == RESTARTS:
            raise GaveUp(
                f"{program.name} ended {RESTARTS + 1} times within {WITHIN_SECONDS:.0f} s (last: {reason}); "
                f"stopping everything. See {watched.log.path}{watched.log.tail()}"
            )
        pause = min(0.1 * 4 ** len(recent), LONGEST_PAUSE) if recent else 0.0
        self.say(f"{program.name} ended ({reason}); starting it again" + (f" in {pause:.1f} s" if pause else ""))
        time.sleep(pause)
        watched.restarts.append(now)
        watched.process = program.start(watched.log.entrance)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def _willing(say: Callable[[str], object]) -> Callable[[str], None]:
    """`say`, for a terminal that may have been closed: what it ran must still be stopped in order."""

    def saying(text: str) -> None:
        with suppress(OSError, ValueError):
            say(text)

    return saying
