"""What processes cost, and on what machine."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")
SPENT = slice(11, 15)  # where /proc says it: the process itself, and then what ended below it
SPENT_ALONE = slice(11, 13)


@dataclass(frozen=True)
class Processes:
    """A process and all below it, or ``alone``."""

    root: int
    alone: bool = False

    def pids(self) -> list[int]:
        """Those that are alive."""
        return [self.root] if self.alone else _tree(self.root)

    def cpu(self) -> float:
        """Milliseconds of CPU so far, those of descendants that have ended included if they count at all."""
        return sum(_cpu(pid, SPENT_ALONE if self.alone else SPENT) for pid in self.pids())

    def memory(self) -> float:
        """Megabytes resident; what several share is divided among them."""
        return sum(map(_memory, self.pids())) / 1024


def facts() -> dict[str, str]:
    """The machine, in so far as it explains the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = [
        line.partition(":")[2].strip() for line in text("/proc/cpuinfo").splitlines() if line.startswith("model name")
    ]
    return {
        "cores": f"{os.cpu_count()} × {names[0] if names else platform.machine()}",
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "a million additions": f"{_additions():.0f} ms",
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def _additions() -> float:
    """How fast this machine is today: a yardstick for comparing runs."""
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - begun) * 1000


def _tree(root: int) -> list[int]:
    try:
        tasks = [*Path(f"/proc/{root}/task").iterdir()]
    except FileNotFoundError:  # it has ended since
        return []
    below = [int(child) for task in tasks for child in text(task / "children").split()]
    return [root, *(pid for child in below for pid in _tree(child))]


def _cpu(pid: int, spent: slice) -> float:
    fields = text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(int(field) for field in fields[spent]) * TICK


def _memory(pid: int) -> float:
    lines = [line for line in text(f"/proc/{pid}/smaps_rollup").splitlines() if line.startswith("Pss:")]
    return float(lines[0].split()[1]) if lines else 0


def text(path: str | Path) -> str:
    """The file's text; nothing once the process it tells of has ended."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
