"""The product's commands, in a process that stays: to start Django for each of them would cost seconds.

with Desk(environment) as desk:
    desk.manage("adduser", "alice@example.com", "--password", "…").returncode
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from types import TracebackType
from typing import Self

from django.core.management import execute_from_command_line

from config.env import BASE_DIR
from tests.patience import limited


@dataclass
class Desk:
    """Runs `manage.py` commands one after the other, in the environment that it was given."""

    environment: Mapping[str, str]
    popen: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.popen = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", __name__],
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with limited(self.popen), self.popen:  # closes what it reads, which ends it
            pass

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What the command printed, and how it ended."""
        assert self.popen.stdin
        assert self.popen.stdout
        with limited(self.popen):
            self.popen.stdin.write(json.dumps(words) + "\n")
            self.popen.stdin.flush()
            code, output, errors = json.loads(self.popen.stdout.readline())
        return subprocess.CompletedProcess(words, code, output, errors)


def answer(words: list[str]) -> tuple[int, str, str]:
    """As a shell would see it."""
    output, errors, code = StringIO(), StringIO(), 0
    with redirect_stdout(output), redirect_stderr(errors):
        try:
            execute_from_command_line(["manage.py", *words])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return code, output.getvalue(), errors.getvalue()


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
