"""The whole studio on one machine: what `make run` starts, in what order, and what it tells whoever started it."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from accounts import demo
from config import embedded
from config.celery import app
from config.program import Program, StartFailed
from config.supervisor import Supervisor

HOST = "127.0.0.1"
WEB = ("uvicorn", "config.asgi:application", "--host", HOST, "--no-access-log")
WORKER = ("celery", "-A", "config.celery", "worker", "--loglevel", "INFO", "--without-mingle", "--without-gossip")
BEAT = ("celery", "-A", "config.celery", "beat", "--loglevel", "INFO", "--pidfile", "")


def run(port: int, say: Callable[[str], object]) -> NoReturn:
    """Start everything and keep it running. Ends by `StartFailed`, `GaveUp` or `Interrupted`, with nothing left."""
    var: Path = settings.VAR
    with _alone(var), Supervisor(var / "log", say) as supervisor:
        _refuse_taken(port)
        supervisor.start(*_services(var))
        credentials = _prepare(var)
        supervisor.start(worker(), web(port))
        supervisor.start(beat(var))
        say(_welcome(port, credentials))
        supervisor.watch()


def web(port: int) -> Program:
    return _python("web", *WEB, "--port", str(port), port=port, ready=lambda: _ready(port))


def worker() -> Program:
    return _python("worker", *WORKER)


def beat(var: Path) -> Program:
    return _python("beat", *BEAT, "--schedule", str(var / "beat"))


def _python(
    name: str,
    *words: str,
    port: int | None = None,
    ready: Callable[[], bool] = lambda: True,
) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-m", *words],
        folder=settings.BASE_DIR,
        environment={"PYTHONUNBUFFERED": "1"} | ({"PORT": str(port)} if port else {}),
        ready=ready,
        ready_seconds=60,
        stop_seconds=15,
    )


def _services(var: Path) -> list[Program]:
    """PostgreSQL and Redis, as far as the environment names no others."""
    services = embedded.Services(var)
    programs = [services.database()] if settings.EMBEDDED else []
    return [*programs, services.redis()] if embedded.redis_url(var) == settings.REDIS_URL else programs


def _prepare(var: Path) -> demo.Credentials:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("synccatalogue", verbosity=0)
    credentials = demo.ensure(var / "credentials.json")
    connections.close_all()
    app.send_task("generations.tasks.sweep")  # what the worker shows its life by, before there is a beat
    return credentials


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
def _alone(var: Path) -> Iterator[None]:
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


def _welcome(port: int, credentials: demo.Credentials) -> str:
    url = settings.PUBLIC_BASE_URL if port == settings.PORT else f"http://{HOST}:{port}"
    return f"""
Atelier is ready:  {url}

  sign in    {credentials.demo.email}   {credentials.demo.password}
  admin      {credentials.admin.email}  {credentials.admin.password}   {url}/admin/
  API key    {credentials.api_key}

  curl {url}/api/v1/generations -H 'Authorization: Bearer {credentials.api_key}' \\
    -H 'Content-Type: application/json' -d '{{"model": "sketch", "prompt": "a lighthouse at dusk"}}'

Data and logs are in {settings.VAR}. Ctrl-C stops everything.
"""
