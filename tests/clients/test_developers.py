"""What ``/developers`` tells people to copy works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from generations.views.developers import FORMATS, LANGUAGES
from tests.clients.conftest import Account
from tests.test_studio import Studio

pytestmark = pytest.mark.studio

PYTHON = {"openai": "openai==3.52.0", "fal": "fal-client==1.0.3"}
NODE = {"openai": "openai@7.55.0", "fal": "@fal-ai/client@1.10.1"}
REQUESTS = "requests==2.34.2"


class Copied(HTMLParser):
    """The texts that the page's buttons copy, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if text := dict(attrs).get("data-copy"):
            self.texts.append(text)


@pytest.fixture(scope="module")
def snippets(studio: Studio) -> dict[tuple[str, str], str]:
    """The text of each snippet, by format and language."""
    found: dict[tuple[str, str], str] = {}
    for shown in FORMATS:
        page = httpx.get(f"http://127.0.0.1:{studio.port}/developers/{shown.slug}").raise_for_status().text
        found |= {(shown.slug, language): text for language, text in zip(LANGUAGES, Copied(page).texts, strict=True)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [shown.slug for shown in FORMATS])
def test_a_snippet_makes_a_picture(
    snippets: dict[tuple[str, str], str],
    account: Callable[[int], Account],
    python_with: Callable[..., str],
    node_with: Callable[..., Path],
    name: str,
    language: str,
) -> None:
    text = snippets[name, language]
    if language == "python":
        python = sys.executable if name == "rest" else python_with(PYTHON.get(name, REQUESTS))
        command = [python, "-c", text]
    elif language == "javascript":
        folder = node_with(*([NODE[name]] if name in NODE else []))
        (folder / "snippet.mjs").write_text(text)
        command = ["node", str(folder / "snippet.mjs")]
    else:
        command = [
            "bash",
            "-c",
            text.replace("curl ", "curl --silent --show-error --fail-with-body ", 1).partition("\n\n")[0],
        ]
    ran = run(command, account(20).key)
    if language == "curl" and name in {"rest", "apiframe"}:
        assert re.search(r'"(id|jobId)": ?"', ran)
        return
    [address] = re.findall(r"http://127\.0\.0\.1:\d+/media/[^\s\"]+", ran)
    picture = httpx.get(address).raise_for_status()
    assert picture.headers["content-type"].startswith("image/")


def run(command: list[str], key: str) -> str:
    """What the program says; it has to end well."""
    environment = {"PATH": os.environ["PATH"], "ATELIER_KEY": key}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)  # noqa: S603
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return ran.stdout
