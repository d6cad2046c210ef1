"""The account PostgreSQL runs under when we are root, as which it refuses to run."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
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
    """Whoever is not root and owns the data, `var` or the folder `var` is in; None when nobody does who gets there."""
    beside = next(folder for folder in var.parents if folder.exists())
    owners = (folder.stat().st_uid for folder in (var / "postgres", var, beside) if folder.exists())
    try:
        owner = pwd.getpwuid(next(owner for owner in owners if owner))
    except (StopIteration, KeyError):
        return None
    return owner if all(_may_enter(owner, folder) for folder in (beside, *beside.parents)) else None


def _may_enter(account: Account, folder: Path) -> bool:
    found = folder.stat()
    return bool(found.st_mode & (stat.S_IXUSR if found.st_uid == account.pw_uid else stat.S_IXOTH))


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
        options = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
        subprocess.run((useradd, *options, NAME), check=False, capture_output=True)  # noqa: S603
