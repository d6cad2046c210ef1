"""What fal's page of a model shows, word for word, gives pictures here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import studios
from tests.clients.conftest import Account, missing
from tests.clients.test_fal import NEWEST, PACKAGE, PROGRAMS
from tests.clients.tls import HOST, secured
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
PAGES = Path(__file__).parent / "seeds"
PROMPT = "This four-panel comic strip uses a charming, deliberately pixelated art style"


@pytest.fixture
def alice(account: Callable[[int], Account]) -> Account:
    return account(100)


def run(command: list[str], someone: Account, **environment: str) -> str:
    """What it prints."""
    known = os.environ | {"FAL_KEY": someone.key, **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=known)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(studio: Studio, someone: Account) -> None:
    """It is the picture that was asked for, and the only one."""
    with studios.client(studio, someone.key) as client:
        eventually(lambda: client.get("/api/v1/images").json()["results"])
        [image] = client.get("/api/v1/images").json()["results"]
    assert image["prompt"].startswith(PROMPT)
    assert image["model"] == "imagen-4-ultra"


def test_the_python_example_over_tls(
    studio: Studio, alice: Account, python_with: Callable[..., str], tmp_path: Path
) -> None:
    with secured(studio, tmp_path) as (port, authority):
        printed = run(
            [python_with(NEWEST), "-c", (PAGES / "003.py.txt").read_text()],
            alice,
            FAL_RUN_HOST=f"{HOST}:{port}/fal/run",
            FAL_QUEUE_RUN_HOST=f"{HOST}:{port}/fal/queue",
            SSL_CERT_FILE=str(authority),
        )
    assert f"'url': 'https://{HOST}:{port}/media/" in printed
    made(studio, alice)


def test_the_javascript_example(studio: Studio, alice: Account, node_with: Callable[..., Path]) -> None:
    folder = node_with(PACKAGE)
    program, preload = folder / "example.mjs", PROGRAMS / "fal_here.mjs"
    program.write_text((PAGES / "003.js.txt").read_text())
    base = f"http://{HOST}:{studio.port}"
    printed = run(["node", "--import", str(preload), str(program)], alice, ATELIER_URL=base)
    assert f"url: '{base}/media/" in printed
    made(studio, alice)


@pytest.fixture
def shell() -> list[str]:
    """What runs a line that is for a terminal."""
    if shutil.which("curl") is None:
        missing("curl")
    return ["sh", "-c"]


@pytest.mark.parametrize("place", ["", "/fal/run"])
def test_the_curl_line(studio: Studio, alice: Account, shell: list[str], place: str) -> None:
    code = (PAGES / "003.sh.txt").read_text().replace("https://fal.run", f"http://{HOST}:{studio.port}{place}")
    code = code.replace("dinosaur's", "dinosaur'\\''s")  # which no shell would take as it stands there
    printed = run([*shell, code], alice)
    assert '"images": [{"url": "http://' in printed
    made(studio, alice)


def test_a_curl_line_that_forgets_what_it_sends(studio: Studio, alice: Account, shell: list[str]) -> None:
    code = f"""curl -s -X POST http://{HOST}:{studio.port}/fal/queue/fal-ai/imagen4/preview/ultra \\
        -H "Authorization: Key $FAL_KEY" -d '{{"prompt": "{PROMPT}"}}'"""
    assert '"status": "IN_QUEUE"' in run([*shell, code], alice)
    made(studio, alice)
