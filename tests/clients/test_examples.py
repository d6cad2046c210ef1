"""The examples of docs/examples, run as their README says, by somebody who reads the mail."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.env import BASE_DIR
from tests.clients.test_generated import run
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
EXAMPLES = BASE_DIR / "docs" / "examples"
SECONDS = 300


def go(studio: Studio, folder: Path, *command: str | Path) -> list[str]:
    """What the example says; it asks for the link in the mail, and is given it."""
    email = f"{secrets.token_hex(4)}@example.com"
    process = subprocess.Popen(  # noqa: S603
        [*command, f"http://127.0.0.1:{studio.port}", email],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: link_for(studio, email) or process.poll() is not None, 120)
    said, complaints = process.communicate(f"{link_for(studio, email)}\n", timeout=SECONDS)
    assert process.returncode == 0, f"{said}\n{complaints}"
    return said.removeprefix("The address in the mail: ").splitlines()


def link_for(studio: Studio, email: str) -> str:
    """The address in the mail to this person; empty while none has come."""
    mails = "\n".join(path.read_text() for path in (studio.var / "mail").glob("*.log"))
    found = re.search(rf"^To: {email}$.+?(http\S+/account/\S+)", mails, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def check(said: list[str], folder: Path) -> None:
    """That it went the whole way, and has two whole pictures."""
    assert [line for line in said if not line.startswith("  ")] == [
        "refused: #/sed There is no such field.",
        "costs 2 of 50 credits",
        "completed, paid 2",
        "saved lighthouse-0.png, 1024 × 1024",
        "saved lighthouse-1.png, 1024 × 1024",
        "2 pictures in the gallery",
        "starred: True",
        "the same again: True",
        "told of webhook.test",
    ]
    pictures = [(folder / f"lighthouse-{position}.png").read_bytes() for position in (0, 1)]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len({hashlib.sha256(picture).digest() for picture in pictures}) == 2


def test_python_goes_the_whole_way(studio: Studio, tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "python", tmp_path / "python")
    check(go(studio, folder, sys.executable, "whole_way.py"), folder)


def test_typescript_goes_the_whole_way(studio: Studio, node_with: Callable[..., Path]) -> None:
    folder = node_with("typescript@5.9.3", "@types/node@20.19.43")
    shutil.copytree(EXAMPLES / "typescript", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("package.json"))
    run("node", folder / "node_modules/typescript/bin/tsc", cwd=folder)
    said = [line.replace("true", "True") for line in go(studio, folder, "node", "built/whole_way.js")]
    check(said, folder)
