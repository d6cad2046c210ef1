"""The supervisor as a process of its own, over small shell programs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from config.env import BASE_DIR
from tests.patience import limited

SCRIPT = """
import sys
from pathlib import Path
from config import log, supervisor
from config.program import Program, StartFailed

supervisor.LONGEST_PAUSE = 0.05
supervisor.HURRIED_SECONDS = 0.1
log.FILE_BYTES = 20_000
folder = Path(sys.argv[1])
say = lambda text: print(f"{text}\\n", end="", flush=True)  # whole lines, whichever thread says them

def program(name, script, trap=":", **options):
    order = folder / "order"
    options.setdefault("ready", lambda: order.exists() and name in order.read_text().split())
    return Program(name, ["/bin/sh", "-c", f"{trap}; echo {name} >> order; {script}"], folder, **options)

try:
    with supervisor.Supervisor(folder, say) as supervised:
        supervised.start(*[eval(text) for text in sys.argv[2:]])
        for watched in supervised.watched:
            say(f"pid {watched.process.program.name} {watched.process.pid}")
        say("up")
        if (folder / "prepare").exists():
            program("prepare", (folder / "prepare").read_text()).run(meanwhile=supervised.look)
            say("prepared")
        supervised.watch()
except supervisor.Interrupted as reason:
    say(f"interrupted by {reason}")
except (supervisor.GaveUp, StartFailed) as reason:
    say(f"failed: {reason}")
    sys.exit(1)
"""
IDLE = "exec sleep 60"
LOOP = "while :; do sleep 0.02; done"


class Supervised:
    """What it prints, and the numbers of the programs it runs."""

    def __init__(self, folder: Path, *programs: str, through: Sequence[str] = ()) -> None:
        self.folder = folder
        command = [*through, sys.executable, "-c", SCRIPT, str(folder), *programs]
        self.popen = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)  # noqa: S603
        self.said: list[str] = []
        self.pids: dict[str, int] = {}

    def read_until(self, pattern: str) -> str:
        """The first line that matches, said already or still to come."""
        said = [line for line in self.said if re.search(pattern, line)]
        with limited(self.popen):
            return said[0] if said else self._wait_for(pattern)

    def _wait_for(self, pattern: str) -> str:
        line: str
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.said.append(line)
            if match := re.fullmatch(r"pid (\w+) (\d+)\n", line):
                self.pids[match[1]] = int(match[2])
            if re.search(pattern, line):
                return line
        raise AssertionError(f"{pattern!r} was never said: {self.said}")

    def order(self) -> list[str]:
        return (self.folder / "order").read_text().splitlines()


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    started: list[Supervised] = []

    def start(*programs: str, through: Sequence[str] = ()) -> Supervised:
        started.append(Supervised(tmp_path, *programs, through=through))
        return started[-1]

    yield start
    for supervised in started:
        supervised.popen.kill()
        supervised.popen.wait(20)
        if supervised.popen.stdout is not None:
            supervised.popen.stdout.close()
    eventually(lambda: not any(runs(pid) for supervised in started for pid in supervised.pids.values()))


def named(name: str, script: str = IDLE, options: str = "") -> str:
    return f"program({name!r}, {script!r}, {options})"


def tidy(name: str, options: str = "") -> str:
    return named(name, LOOP, f"""trap="trap 'echo {name} ended >> order; exit' TERM", {options}""")


def test_what_dies_is_started_again_alone(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("one"), named("two"))
    supervised.read_until("up")
    os.kill(supervised.pids["one"], signal.SIGKILL)
    assert "killed by SIGKILL" in supervised.read_until("one ended")
    eventually(lambda: supervised.order().count("one") == 2)
    assert supervised.order().count("two") == 1
    assert runs(supervised.pids["two"])


def test_what_dies_again_and_again_ends_everything_with_its_last_words(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("steady"), named("broken", "echo no such file; sleep 0.1; exit 3"))
    supervised.read_until("up")
    assert "broken ended 6 times within 60 s (last: exit code 3)" in supervised.read_until("failed:")
    supervised.read_until("no such file")
    assert supervised.popen.wait(20) == 1
    assert not runs(supervised.pids["steady"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_last_started_first(supervise: Callable[..., Supervised], number: signal.Signals) -> None:
    supervised = supervise(*(tidy(name) for name in ("one", "two", "three")))
    supervised.read_until("up")
    supervised.popen.send_signal(number)
    supervised.read_until(f"interrupted by {number.name}")
    assert supervised.popen.wait(20) == 0
    assert supervised.order()[-3:] == ["three ended", "two ended", "one ended"]
    assert not any(map(runs, supervised.pids.values()))


def test_nohup_keeps_it_running_when_the_terminal_goes(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("one"), through=["nohup"])
    supervised.read_until("up")
    supervised.popen.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert supervised.popen.poll() is None


def test_a_signal_while_it_still_starts_leaves_nothing(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("one", "echo WARNING $$; " + IDLE, "ready=lambda: False"))
    pid = int(supervised.read_until("WARNING").split()[-1])
    supervised.popen.send_signal(signal.SIGTERM)
    assert supervised.popen.wait(20) == 0
    assert not runs(pid)


def test_killed_outright_it_takes_its_programs_along(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("one"), tidy("two", "orphan_signal=15"))
    supervised.read_until("up")
    supervised.popen.kill()
    eventually(lambda: not any(map(runs, supervised.pids.values())))


def test_what_does_not_stop_is_killed_when_its_time_is_over(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("stubborn", LOOP, """trap="trap '' TERM", stop_seconds=0.2"""))
    supervised.read_until("up")
    supervised.popen.terminate()
    assert supervised.popen.wait(20) == 0
    assert not runs(supervised.pids["stubborn"])


def test_a_second_signal_shortens_the_wait(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("stubborn", LOOP, """trap="trap '' TERM", stop_seconds=60"""))
    supervised.read_until("up")
    supervised.popen.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert supervised.popen.poll() is None
    supervised.popen.send_signal(signal.SIGINT)
    assert supervised.popen.wait(20) == 0


def test_what_a_dead_program_left_behind_is_ended_too(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("parent", "sleep 60 & echo WARNING child $!; wait"))
    supervised.read_until("up")
    child = int(supervised.read_until("WARNING").split()[-1])
    os.kill(supervised.pids["parent"], signal.SIGKILL)
    eventually(lambda: not runs(child))


def test_what_is_never_ready_says_so(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(named("slow", IDLE, "ready=lambda: False, ready_seconds=0.1"))
    supervised.read_until("failed: slow was not ready after 0 s")
    assert supervised.popen.wait(20) == 1


def test_everything_is_logged_within_bounds_and_alarms_are_shown(supervise: Callable[..., Supervised]) -> None:
    chatty = "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); done; echo ERROR disk full; " + IDLE
    supervised = supervise(named("chatty", chatty))
    assert supervised.read_until("ERROR") == "chatty: ERROR disk full\n"
    assert not any("line" in text for text in supervised.said)
    newest, older = (supervised.folder / name for name in ("chatty.log", "chatty.log.1"))
    assert newest.read_text().splitlines()[-1] == "ERROR disk full"
    assert newest.stat().st_size + older.stat().st_size < 45_000
    assert not (supervised.folder / "chatty.log.2").exists()


def test_a_closed_terminal_does_not_keep_it_from_stopping(supervise: Callable[..., Supervised]) -> None:
    supervised = supervise(tidy("one"))
    supervised.read_until("up")
    assert supervised.popen.stdout is not None
    supervised.popen.stdout.close()
    os.kill(supervised.pids["one"], signal.SIGKILL)
    eventually(lambda: supervised.order().count("one") == 2)
    supervised.popen.terminate()
    supervised.popen.wait(20)
    assert supervised.order()[-1] == "one ended"


def test_what_ends_while_something_is_prepared_is_restarted_meanwhile(
    tmp_path: Path, supervise: Callable[..., Supervised]
) -> None:
    (tmp_path / "prepare").write_text("until [ $(grep -c web order) = 2 ]; do sleep 0.02; done")
    supervised = supervise(f"program('web', '[ $(grep -c web order) = 2 ] || exit 3; {IDLE}')")
    supervised.read_until("^web ended")
    supervised.read_until("^prepared")
