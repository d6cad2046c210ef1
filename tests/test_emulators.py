"""The vendors run alone, as people start them to try the studio."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from config.env import BASE_DIR
from tests.patience import limited

HOMES = {
    "fal": "FAL_QUEUE_URL",
    "apiframe": "APIFRAME_BASE_URL",
    "aimlapi": "AIMLAPI_BASE_URL",
    "openai": "OPENAI_BASE_URL",
    "google": "GOOGLE_BASE_URL",
}


@pytest.mark.parametrize("only", [[], ["google"], ["fal", "openai"]])
def test_they_print_what_points_a_studio_at_them(only: list[str]) -> None:
    wanted = only or list(HOMES)
    options = [word for name in only for word in ("--only", name)]
    command = [sys.executable, "-m", "tests.emulators", "--small", *options]
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    process = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603
    with limited(process), process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in wanted]
        values = dict(word.split("=", 1) for line in lines for word in line.split())
        try:
            assert {name for name, home in HOMES.items() if home in values} == set(wanted)
            for name in wanted:
                origin = "/".join(values[HOMES[name]].split("/")[:3])
                assert httpx.get(f"{origin}/control", trust_env=False, timeout=30).json()["paid"] == 0
        finally:
            process.terminate()
    assert process.returncode == 0
