"""A whole studio, and what tests do to it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from config import embedded
from tests.desk import Desk
from tests.test_studio import Studio, eventually, free_port

PASSWORD = "a lantern on still water"


@contextmanager
def running() -> Iterator[Studio]:
    """A studio that is ready, in a folder and on a port of its own; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    studio = Studio(folder / "var", free_port())
    try:
        studio.wait_ready()
        with Desk(studio.environment) as studio.desk:
            yield studio
    finally:
        studio.stop()
        embedded.Services(folder / "var").erase()
        shutil.rmtree(folder, ignore_errors=True)


def known(studio: Studio) -> dict[str, Any]:
    """The demo's and the admin's sign-in, and the demo's API key."""
    credentials: dict[str, Any] = json.loads((studio.var / "credentials.json").read_text())
    return credentials


def client(studio: Studio, key: str = "") -> httpx.Client:
    """A program that calls the REST API, as the demo account unless ``key`` says otherwise."""
    headers = {"Authorization": f"Bearer {key or known(studio)['api_key']}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{studio.port}", headers=headers, timeout=60)


def manage(studio: Studio, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the product on this studio."""
    return studio.desk.manage(*words)


def person(studio: Studio, balance: int = 0, password: str = PASSWORD) -> str:
    """Makes somebody with a verified address and that many credits; answers the address."""
    email = f"{secrets.token_hex(4)}@example.com"
    added = manage(studio, "adduser", email, "--password", password)
    assert added.returncode == 0, added.stderr
    if balance:
        given = manage(studio, "grantcredits", email, str(balance), "--reason", "to try it out")
        assert given.returncode == 0, given.stderr
    return email


def kill(studio: Studio, name: str) -> None:
    """End a program without warning, and wait until the supervisor has started another."""
    before = studio.children()[name]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: studio.children().get(name, before) != before)


def end(studio: Studio, name: str) -> None:
    """Ask a program to stop, as those who deploy do."""
    os.kill(studio.children()[name], signal.SIGTERM)


@contextmanager
def paused(studio: Studio, name: str) -> Iterator[None]:
    """A program that neither ends nor does anything until the block is left."""
    process = studio.children()[name]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
