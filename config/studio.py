"""The whole studio on one machine: what `make run` starts, in what order, and what it tells whoever started it.

It stays as long as the studio runs, so it loads none of Django: what needs that is done by a child, `preparestudio`.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

from config import embedded, env
from config.preparation import Preparation
from config.program import Program, StartFailed
from config.supervisor import GaveUp, Interrupted, Supervisor

HOST = "127.0.0.1"
# Open event streams never end by themselves: without a limit each tab would hold up the stop.
WEB = (
    "uvicorn",
    "config.asgi:application",
    "--host",
    HOST,
    "--no-access-log",
    "--timeout-graceful-shutdown",
    "5",
)
WORKER = (
    "celery",
    "--quiet",
    "-A",
    "config.celery",
    "worker",
    "--loglevel",
    "INFO",
    "--without-mingle",
    "--without-gossip",
)
# Pictures need the same few megabytes again and again. Left to itself glibc gives them back to the kernel after each,
# which then has to clear them anew: 3 ms of the CPU of a picture.
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024), "MALLOC_TRIM_THRESHOLD_": str(64 * 1024 * 1024)}
BEAT = ("celery", "--quiet", "-A", "config.celery", "beat", "--loglevel", "INFO", "--pidfile", "")


def run(var: Path, port: int, say: Callable[[str], object]) -> NoReturn:
    """Start everything and keep it running. Ends by `StartFailed`, `GaveUp` or `Interrupted`, with nothing left.

    What this database was prepared for before is seen to again only once people are let in.
    """
    with alone(var), Supervisor(var / "log", say) as supervisor:
        _refuse_taken(port)
        supervisor.start(*_services(var))
        preparation = Preparation(var)
        if known := preparation.known():
            _open(supervisor, var, port)
            preparation.remember()
        prepare = Program("preparestudio", [sys.executable, "manage.py", "preparestudio"], env.BASE_DIR)
        prepare.run(meanwhile=supervisor.look)
        preparation.remember()
        if not known:
            _open(supervisor, var, port)
        supervisor.watch()


def _open(supervisor: Supervisor, var: Path, port: int) -> None:
    supervisor.start(worker(), web(port))
    supervisor.start(beat(var))
    supervisor.say(_welcome(var, port))


def web(port: int) -> Program:
    return _python("web", *WEB, "--port", str(port), environment={"PORT": str(port)}, ready=lambda: _ready(port))


def worker() -> Program:
    return _python("worker", *WORKER, environment=KEPT_MEMORY)


def beat(var: Path) -> Program:
    return _python("beat", *BEAT, "--schedule", str(var / "beat"))


def _python(
    name: str,
    *words: str,
    environment: Mapping[str, str] = MappingProxyType({}),
    ready: Callable[[], bool] = lambda: True,
) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-m", *words],
        folder=env.BASE_DIR,
        environment={"PYTHONUNBUFFERED": "1", **environment},
        ready=ready,
        ready_seconds=180,  # a busy machine takes its time to import
        stop_seconds=15,
    )


def _services(var: Path) -> list[Program]:
    """PostgreSQL and Redis, as far as the environment names no others."""
    services = embedded.Services(var)
    programs = [] if env.text("DATABASE_URL") else [services.database()]
    return programs if env.text("REDIS_URL") else [*programs, services.redis()]


def _ready(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Two studios on one data folder would end each other's database."""
    (var / "log").mkdir(mode=0o700, parents=True, exist_ok=True)
    with (var / "studio.lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartFailed(f"A studio already runs on {var} (process {lock.read().strip() or 'unknown'})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartFailed(
                f"Port {port} is not free ({error.strerror}): choose another, for example make run PORT={port + 1}"
            ) from error


def _welcome(var: Path, port: int) -> str:
    known = json.loads((var / "credentials.json").read_text(encoding="utf-8"))
    url = env.text("PUBLIC_BASE_URL", f"http://{HOST}:{port}").rstrip("/")
    back = env.text("ADMIN_PATH", "admin").strip("/")
    return f"""
Atelier is ready:  {url}

  sign in    {known["demo"]["email"]}   {known["demo"]["password"]}
  admin      {known["admin"]["email"]}  {known["admin"]["password"]}   {url}/{back}/
  API key    {known["api_key"]}

  curl {url}/api/v1/generations -H 'Authorization: Bearer {known["api_key"]}' \\
    -H 'Content-Type: application/json' -d '{{"model": "sketch", "prompt": "a lighthouse at dusk"}}'

Data and logs are in {var}. Ctrl-C stops everything.
"""


def main() -> None:
    parser = ArgumentParser(prog="manage.py studio")
    parser.add_argument("--port", type=int, default=env.integer("PORT", 8000, minimum=1))
    var = Path(env.text("ATELIER_VAR", str(env.BASE_DIR / "var")))
    try:
        run(var, parser.parse_args().port, _say)
    except Interrupted:
        _say("Stopped.")
    except (StartFailed, GaveUp) as error:
        sys.exit(str(error))
    except PermissionError as error:
        sys.exit(f"{error}. If another account started this studio, give the folder to one of them.")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()  # also when it goes to a file that somebody follows


if __name__ == "__main__":
    main()
