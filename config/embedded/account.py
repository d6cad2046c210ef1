"""The account PostgreSQL runs under when we are root, as which it refuses to run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from config.program import StartFailed

Account = pwd.struct_passwd
NAME = "atelier-db"


def account_for(var: Path) -> Account | None:
    """None when we may run it ourselves; else whoever owns the checkout, or for root's own an account made for this."""
    if os.geteuid():
        return None
    return owner_of(var) or _own_account()


def owner_of(var: Path) -> Account | None:
    """The account that owns `var` (or the folder it will be made in); None when that is root or has no name."""
    existing = next(folder for folder in (var, *var.parents) if folder.exists())
    owner = existing.stat().st_uid
    try:
        return pwd.getpwuid(owner) if owner else None
    except KeyError:
        return None


def give(folder: Path, account: Account | None, mode: int = 0o700) -> Path:
    """Make `folder`, if need be, and let only `account` enter it."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(mode)
    return folder


def _own_account() -> Account:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        _add_account()
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise StartFailed(
            f"PostgreSQL does not run as root and the account {NAME} cannot be made here: run this as another user"
        ) from None


def _add_account() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        options = (
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
        )
        subprocess.run((useradd, *options, NAME), check=False, capture_output=True)  # noqa: S603
