"""What a child process says: all of it in a file of bounded size, and what matters on the terminal."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread

from config.program import Program

FILE_BYTES = 5_000_000
OLD_FILES = 1
TAIL_LINES = 15


class Log:
    """`entrance` is for the child to write to; a thread carries it on from there."""

    def __init__(self, path: Path, program: Program, say: Callable[[str], object]) -> None:
        self.path = path
        self.name = program.name
        self.alarm = re.compile(program.alarms)
        self.say = say
        self.quiet = False
        self.lines: deque[str] = deque(maxlen=TAIL_LINES)
        outlet, self.entrance = os.pipe()
        self.thread = Thread(target=self._carry, args=(outlet,), name=f"log of {program.name}", daemon=True)
        self.thread.start()

    def tail(self) -> str:
        """The last lines, each on a line of its own, indented."""
        return "".join(f"\n    {line}" for line in self.lines)

    def close(self) -> None:
        """Wait for the last words of a child that has ended."""
        os.close(self.entrance)
        self.thread.join(timeout=2)

    def _carry(self, outlet: int) -> None:
        file = RotatingFileHandler(self.path, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8")
        with os.fdopen(outlet, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                text = line.rstrip("\n")
                file.emit(LogRecord(self.name, 0, "", 0, text, None, None))
                self.lines.append(text)
                if not self.quiet and self.alarm.search(text):
                    self.say(f"{self.name}: {text}")
        file.close()
