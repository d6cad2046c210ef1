"""A child process: how it is started, how one knows that it is up, and how it is ended without leaving anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LAUNCH = Path(__file__).with_name("launch.py")
POLL_SECONDS = 0.02
LONGEST_POLL_SECONDS = 0.25


class StartFailed(Exception):
    """A program did not come up; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    before: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    ready_seconds: float = 30
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    orphan_signal: signal.Signals = signal.SIGKILL
    alarms: str = r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback "

    def start(self, output: int | IO[bytes] = subprocess.DEVNULL, words: int = subprocess.DEVNULL) -> Process:
        """Start it in a session of its own, so that Ctrl-C reaches it only through `Process.stop`."""
        self.before()
        launch = (sys.executable, "-IS", str(LAUNCH), str(int(self.orphan_signal)), str(os.getpid()), self.account)
        popen = subprocess.Popen(  # noqa: S603
            (*launch, *self.command),
            cwd=self.folder,
            env={**os.environ, **self.environment},  # noqa: TID251 - handed on, not read
            stdin=words,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return Process(self, popen)

    def run(self, words: str = "", meanwhile: Callable[[], object] = lambda: None) -> None:
        """Run it to its end, which has to be a good one; it reads `words`. `meanwhile` is done again and again."""
        process = self.start(subprocess.PIPE, subprocess.PIPE)
        output, unsent = None, words.encode()
        try:
            while output is None:
                with suppress(subprocess.TimeoutExpired):
                    output, _ = process.popen.communicate(unsent, LONGEST_POLL_SECONDS)
                unsent = b""  # what is not through is remembered there
                meanwhile()
        finally:
            process.stop()
        if process.popen.returncode:
            last = output.decode(errors="replace").strip()[-2000:]
            raise StartFailed(f"{self.name} failed ({describe(process.popen.returncode)}):\n{last}")


@dataclass
class Process:
    program: Program
    popen: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.popen.pid

    def ended(self) -> bool:
        """Whether it has ended by itself; then whatever it left in its session is ended too."""
        if self.popen.returncode is None and self.popen.poll() is not None:
            self._kill_group()
        return self.popen.returncode is not None

    def wait_ready(self) -> None:
        deadline = time.monotonic() + self.program.ready_seconds
        pause = POLL_SECONDS
        while not self.program.ready():
            if self.ended():
                raise StartFailed(f"{self.program.name} ended at once ({describe(self.popen.returncode)})")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.program.name} was not ready after {self.program.ready_seconds:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.25, LONGEST_POLL_SECONDS)

    def stop(self, patience: Callable[[Program], float] = lambda program: program.stop_seconds) -> None:
        """Ask it to stop, have `patience` (asked again and again), then end whatever is left of it."""
        if not self.ended():
            self.popen.send_signal(self.program.stop_signal)
        began = time.monotonic()
        while not self.ended():
            if time.monotonic() - began > patience(self.program):
                self._kill_group()
            time.sleep(POLL_SECONDS)

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody is left; macOS says the latter of a zombie
            return


def describe(code: int | None) -> str:
    """A return code in words."""
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
