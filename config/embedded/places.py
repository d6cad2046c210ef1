"""Where the embedded services keep their data and their sockets."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from config.embedded.account import owner_of

NAME = "atelier"
SYSTEM_FOLDER = Path("/var/lib/atelier")
POSTGRES_SOCKET = ".s.PGSQL.5432"

# A Unix socket's address holds 107 bytes on Linux, 103 on macOS.
SOCKET_LIMIT = 103


@dataclass(frozen=True)
class Places:
    """The folders of one `var`; `home` is `var` itself or, for root, one below /var/lib/atelier (see `places_of`)."""

    var: Path
    home: Path
    sockets: Path

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def places_of(var: Path) -> Places:
    """The same answer for everyone who asks about this `var`, whether its studio runs or not.

    PostgreSQL refuses to run as root, and the account it runs under instead cannot enter a checkout below root's
    closed home unless that home is opened to everybody. So root's database lives below /var/lib/atelier, and the link
    `var/postgres`, drawn when it is first asked for, says where: it moves with the checkout and goes with it.
    """
    var = var.absolute().resolve()
    link = var / "postgres"
    if os.geteuid() == 0 and (link.is_symlink() or owner_of(var) is None):
        home = _linked_home(link)
        return Places(var=var, home=home, sockets=home / "sockets")
    return Places(var=var, home=var, sockets=_socket_folder(var))


def _linked_home(link: Path) -> Path:
    link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        link.symlink_to(SYSTEM_FOLDER / secrets.token_hex(6) / "postgres")
    except FileExistsError:
        if not link.is_symlink():
            return link.parent
    return link.readlink().parent


def _socket_folder(var: Path) -> Path:
    beside = var / "sockets"
    fits = len(os.fsencode(beside / POSTGRES_SOCKET)) <= SOCKET_LIMIT
    # libpq reads a comma as "or this host". Not TMPDIR: it differs between the shells that must agree on this.
    return beside if fits and "," not in str(beside) else Path(f"/tmp/atelier-{_digest(var)}")  # noqa: S108


def _digest(var: Path) -> str:
    return hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
