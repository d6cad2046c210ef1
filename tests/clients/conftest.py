"""Where clients are installed, apart from the studio and from each other, and who uses them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests import studios
from tests.test_studio import Studio

INSTALL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a key."""

    email: str
    key: str


def missing(what: str) -> None:
    """Skip for want of a tool; in CI, fail."""
    (pytest.fail if os.environ.get("ATELIER_REQUIRE_ALL") == "1" else pytest.skip)(f"{what} cannot be installed")


def install(*command: str | Path) -> None:
    """Run it; skip where it cannot be done."""
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=INSTALL_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        missing(str(command[-1]))


@pytest.fixture(scope="session")
def python_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A Python that has these packages (``"openai==3.52.0"``, …): the path of its interpreter."""
    uv = Path(sys.executable).with_name("uv")

    @cache
    def made(*packages: str) -> str:
        folder = tmp_path_factory.mktemp("python")
        python = str(folder / "bin/python")
        install(uv, "venv", "--quiet", "--python", sys.executable, folder)
        install(uv, "pip", "install", "--quiet", "--python", python, *packages)
        return python

    return made


@pytest.fixture(scope="session")
def node_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A folder in which Node finds these packages (``"openai@7.55.0"``, …)."""
    npm, node = shutil.which("npm"), shutil.which("node")

    @cache
    def made(*packages: str) -> Path:
        if npm is None or node is None:
            missing("Node")
        folder: Path = tmp_path_factory.mktemp("node")
        (folder / "package.json").write_text('{"type": "module"}')
        if packages:
            install(str(npm), "install", "--no-save", "--ignore-scripts", "--prefix", folder, *packages)
        return folder

    return made


@pytest.fixture(scope="session")
def account(studio: Studio) -> Callable[[int], Account]:
    """Makes somebody with that many credits and a key."""

    def made(balance: int) -> Account:
        email = studios.person(studio, balance)
        created = studios.manage(studio, "createapikey", email, "--name", "a client")
        assert created.returncode == 0, created.stderr
        return Account(email, created.stdout.strip())

    return made
