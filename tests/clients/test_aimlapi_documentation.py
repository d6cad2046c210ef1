"""What AI/ML API's documentation shows, word for word but for the host and the key, gives pictures here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import studios
from tests.clients.conftest import Account
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
PAGES = Path(__file__).parent / "seeds"
KEYS = ("<YOUR_AIMLAPI_KEY>", "YOUR_SECRET_TOKEN")
SIZES = {"16:9": (1408, 768), "1:1": (1024, 1024)}


def text(name: str, studio: Studio, key: str) -> str:
    """A page's code for this studio."""
    code = (PAGES / name).read_text().replace("https://api.aimlapi.com", f"http://127.0.0.1:{studio.port}")
    for placeholder in KEYS:
        code = code.replace(placeholder, key)
    return code


def run(command: list[str], code: str) -> str:
    """What it prints."""
    done = subprocess.run(command, input=code, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(studio: Studio, key: str) -> list[dict[str, Any]]:
    """The pictures of whoever has the key."""
    with studios.client(studio, key) as client:
        images: list[dict[str, Any]] = client.get("/api/v1/images").json()["results"]
    return images


@pytest.fixture(scope="module")
def interpreters(python_with: Callable[..., str], node_with: Callable[..., Path]) -> dict[str, str]:
    """By the end of a file's name."""
    node_with()
    return {"py": python_with("requests==2.34.2"), "js": "node"}


@pytest.mark.parametrize(("page", "model"), [("000", "imagen-4-ultra"), ("001", "imagen-4"), ("002", "imagen-4")])
@pytest.mark.parametrize("language", ["py", "js"])
def test_the_examples_give_pictures(
    page: str,
    model: str,
    language: str,
    studio: Studio,
    account: Callable[[int], Account],
    interpreters: dict[str, str],
) -> None:
    someone = account(30)
    said = run([interpreters[language], "-"], text(f"{page}.{language}.txt", studio, someone.key))
    [image] = made(studio, someone.key)
    assert f"http://127.0.0.1:{studio.port}/media/" in said
    assert (image["model"], image["prompt"]) == (model, "Racoon eating ice-cream")
    assert (image["width"], image["height"]) == SIZES["16:9"]


def test_the_request_of_the_page_as_it_is_on_the_wire(studio: Studio, account: Callable[[int], Account]) -> None:
    someone = account(30)
    head, _, body = text("001.http.txt", studio, someone.key).partition("\n{")
    body = "{" + body
    _, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    headers |= {"Host": f"127.0.0.1:{studio.port}", "Content-Length": str(len(body))}
    address = f"http://127.0.0.1:{studio.port}/v1/images/generations"
    answer = httpx.post(address, content=body, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    [item] = answer.json()["data"]
    picture = httpx.get(item["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert (item["width"], item["height"]) == SIZES["1:1"]


def test_curl_gets_pictures_too(studio: Studio, account: Callable[[int], Account]) -> None:
    someone = account(30)
    said = run(
        [
            "curl",
            "--silent",
            f"http://127.0.0.1:{studio.port}/v1/images/generations/",
            "-H",
            f"Authorization: Bearer {someone.key}",
            "-d",
            '{"model": "imagen-4.0-ultra-generate-preview-06-06", "prompt": "text", "num_images": 2}',
        ],
        "",
    )
    assert said.count("/media/") == 2


def test_whoever_leaves_loses_nothing(studio: Studio, account: Callable[[int], Account]) -> None:
    someone = account(30)
    address = "/v1/images/generations"
    order = {"model": "sketch", "prompt": "a lighthouse at dusk", "num_images": 4, "resolution": "2K"}
    headers = {"Idempotency-Key": "once", "Authorization": f"Bearer {someone.key}"}
    leaving = HTTPConnection("127.0.0.1", studio.port, timeout=60)
    leaving.request("POST", address, json.dumps(order), headers)
    with studios.client(studio, someone.key) as client:
        eventually(lambda: client.get("/api/v1/generations").json()["results"])
        leaving.close()
        eventually(lambda: len(made(studio, someone.key)) == 4)
        again = client.post(address, json=order, headers=headers)
        assert again.status_code == 200, again.text
        [generation] = client.get("/api/v1/generations").json()["results"]
        assert again.json()["meta"]["generation"]["id"] == generation["id"]
        assert client.get("/v2/billing").json()["current_balance"] == 0.22
