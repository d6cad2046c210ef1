"""A whole studio for a test module, and what tests do to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from config import embedded
from config.env import BASE_DIR
from tests.test_studio import Studio, eventually, free_port


@contextmanager
def running() -> Iterator[Studio]:
    """A studio that is ready, in a folder and on a port of its own; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    studio = Studio(folder / "var", free_port())
    try:
        studio.wait_ready()
        yield studio
    finally:
        studio.popen.terminate()
        studio.popen.wait(60)
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
    environment = os.environ | {"ATELIER_VAR": str(studio.var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def kill(studio: Studio, name: str) -> None:
    """End a program without warning, and wait until the supervisor has started another."""
    before = studio.children()[name]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: studio.children().get(name, before) != before, 60)
