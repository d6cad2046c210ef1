"""A throw-away studio, started as ``make run`` starts one, in front of emulated vendors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self

import psycopg

from bench import machine
from bench.machine import Processes
from config import embedded

ROOT = Path(__file__).parent.parent
ROLES = {"uvicorn": "web", "worker": "worker", "beat": "beat", "postgres": "database", "redis-server": "redis"}
READY_SECONDS = 120


class Vendor:
    """An emulated vendor in a process of its own: fal, or one that answers when it has painted."""

    def __init__(self, name: str = "fal", variable: str = "FAL_QUEUE_URL") -> None:
        command = [
            sys.executable,
            "-m",
            "tests.emulators",
            "--only",
            name,
            "--queue-seconds",
            "0",
            "--run-seconds",
            "0",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().split(f"{variable}=")[1].split()[0]
        self.port = int(self.url.split(":")[2].split("/")[0])
        self.processes = Processes(self.process.pid)

    def control(self, **wanted: object) -> Any:
        """Set its times, plan its faults; answers its counts."""
        return call(self.port, "POST", "/control", json.dumps(wanted))

    def jobs(self) -> dict[str, float]:
        """When each job was over at the vendor, by prompt."""
        found: dict[str, float] = call(self.port, "GET", "/control/jobs")
        return found

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Studio:
    """A studio with real PostgreSQL and Redis, one web process, one worker and beat."""

    def __init__(self, vendor: Vendor, painter: Vendor) -> None:
        self.var = Path(tempfile.mkdtemp(prefix="atelier-bench-"))
        self.port = free_port()
        self.environment = {
            **os.environ,
            "ATELIER_VAR": str(self.var),
            "PORT": str(self.port),
            "FAL_KEY": "emulated",
            "FAL_QUEUE_URL": vendor.url,
            "OPENAI_BASE_URL": painter.url,
            "SUBMITS_PER_MINUTE": "100000000",
            "REQUESTS_PER_MINUTE": "200000000",
            "WAIT_SECONDS": "3600",
            "LOG_LEVEL": "WARNING",
            "STATIC_ROOT": str(self.var / "static"),  # as an image serves them
        }
        for name in ("DATABASE_URL", "REDIS_URL", "S3_BUCKET"):
            self.environment.pop(name, None)

    def __enter__(self) -> Self:
        self.output = (self.var / "output").open("wb")
        self.manage("collectstatic", "--no-input")
        self.process = self._start("manage.py", "studio")
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and remove everything it wrote."""
        self.thaw()
        if "_database" in vars(self):
            self._database.close()
        self.process.terminate()
        self.process.wait()
        self.output.close()
        embedded.Services(self.var).erase()
        shutil.rmtree(self.var, ignore_errors=True)

    def parts(self) -> dict[str, Processes]:
        """Its processes by what they do."""
        found = {}
        for pid in Processes(self.process.pid).pids()[1:]:
            words = machine.text(f"/proc/{pid}/cmdline").replace("\0", " ").split()
            role = next((ROLES[name] for word in words for name in ROLES if Path(word).name == name), "")
            if role and role not in found:
                found[role] = Processes(pid)
        return found

    def seed(self, act: str, *words: str) -> Any:
        """Have ``bench.seed`` do something inside."""
        command = [sys.executable, "-m", "bench.seed", act, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout.rstrip().rpartition("\n")[2])

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def unfinished(self) -> int:
        """How many generations have not ended; asked so as to cost next to nothing."""
        return self._count("generations_generation WHERE status IN ('queued', 'running')")

    def connections(self) -> int:
        """How many its database has from all of its processes."""
        return self._count("pg_stat_activity WHERE backend_type = 'client backend'") - 1

    def _count(self, what: LiteralString) -> int:
        [[count]] = self._database.execute(f"SELECT count(*) FROM {what}").fetchall()
        return int(count)

    @cached_property
    def _database(self) -> psycopg.Connection:
        """Kept, so that the studio need not take on another every second."""
        return psycopg.connect(embedded.database_url(self.var), autocommit=True)

    def freeze(self) -> None:
        """Hold the worker and beat still, so that only accepting is measured."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        with suppress(ProcessLookupError, FileNotFoundError):
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for role, processes in self.parts().items():
            if role in {"worker", "beat"}:
                for pid in processes.pids():
                    os.kill(pid, number)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=self.environment, stdout=self.output, stderr=subprocess.STDOUT
        )

    def _wait_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not ready(self.port):
            if self.process.poll() is not None or time.monotonic() > until:
                text = (self.var / "output").read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"The studio did not come up:\n{text[-2000:]}")
            time.sleep(0.2)


def ready(port: int, path: str = "/readyz") -> bool:
    """Whether this address answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def call(port: int, method: str, path: str, body: str | None = None, **headers: str) -> Any:
    """JSON from a local server."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers | ({"Content-Type": "application/json"} if body else {}))
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer)


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
