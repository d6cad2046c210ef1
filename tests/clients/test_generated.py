"""Whether the API's schema is true: a linter reads it, and clients that are generated from it go once round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.conftest import Account
from tests.test_studio import Studio

pytestmark = pytest.mark.studio
PROGRAMS = Path(__file__).parent / "programs"
LINTER = "@redocly/cli@2.77.0"
PYTHON = ("openapi-python-client==0.29.1", "mypy==2.4.1")
TYPESCRIPT = ("@hey-api/openapi-ts@0.95.0", "typescript@5.9.3", "@types/node@20.19.43")
SECONDS = 300
CAME_ROUND = {
    "refused": ["invalid", "#/model"],
    "status": "completed",
    "paid": [2, 2],
    "whole": [True, True],
    "newest": True,
    "more": True,
}


@pytest.fixture(scope="module")
def described(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schema, in a file, as the studio serves it."""
    path: Path = tmp_path_factory.mktemp("schema") / "openapi.json"
    answer = httpx.get(f"http://127.0.0.1:{studio.port}/api/schema?format=json", timeout=60)
    path.write_text(answer.raise_for_status().text)
    return path


def run(*command: str | Path, **options: Any) -> str:
    """What a command says, which has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS, **options)  # noqa: S603
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    said: str = done.stdout
    return said


def test_a_linter_finds_nothing_to_complain_of(described: Path, node_with: Callable[..., Path]) -> None:
    folder = node_with(LINTER)
    (folder / "redocly.yaml").write_text("extends: [recommended-strict]\n")
    quiet = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    run("node", folder / "node_modules/@redocly/cli/bin/cli.js", "lint", described, cwd=folder, env=quiet)


def test_a_generated_python_client_goes_once_round(
    described: Path,
    python_with: Callable[..., str],
    tmp_path: Path,
    studio: Studio,
    account: Callable[[int], Account],
) -> None:
    python = Path(python_with(*PYTHON))
    generate = ("generate", "--path", described, "--config", PROGRAMS / "python_client.yml", "--fail-on-warning")
    written = ("--meta", "none", "--output-path", "atelier_client")
    run(python.with_name("openapi-python-client"), *generate, *written, cwd=tmp_path)
    program = shutil.copy(PROGRAMS / "generated_calls.py", tmp_path)
    run(python, "-m", "mypy", "atelier_client", program, cwd=tmp_path)
    said = run(python, program, f"http://127.0.0.1:{studio.port}", account(20).key, cwd=tmp_path)
    assert json.loads(said) == CAME_ROUND


def test_a_generated_typescript_client_goes_once_round(
    described: Path,
    node_with: Callable[..., Path],
    studio: Studio,
    account: Callable[[int], Account],
) -> None:
    folder = node_with(*TYPESCRIPT)
    for name in ("generated_calls.ts", "tsconfig.json"):
        shutil.copy(PROGRAMS / name, folder)
    generator = folder / "node_modules/@hey-api/openapi-ts/bin/run.js"
    run("node", generator, "--input", described, "--output", "client", cwd=folder)
    run("node", folder / "node_modules/typescript/bin/tsc", cwd=folder)
    said = run("node", "built/generated_calls.js", f"http://127.0.0.1:{studio.port}", account(20).key, cwd=folder)
    assert json.loads(said) == CAME_ROUND
