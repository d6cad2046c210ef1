"""``openai`` for Python, of three generations, and for Node, against a studio whose address is all that was changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from generations.dialects.troubles import Kind, Trouble
from generations.providers.aimlapi import errors
from tests import studios
from tests.clients.conftest import Account
from tests.clients.proxy import Lossy
from tests.emulators.server import Reply, Request, Server
from tests.test_studio import Studio

pytestmark = pytest.mark.studio
PROGRAMS = Path(__file__).parent / "programs"
VERSIONS = ["openai==1.109.1", "openai==2.54.0", "openai==3.52.0", "openai@7.55.0"]
PNG = b"\x89PNG\r\n\x1a\n".hex()
SECONDS = 300
Call = tuple[str, dict[str, Any]]


class Library:
    """One version of the library."""

    def __init__(self, command: list[str], folder: Path | None = None) -> None:
        self.command = command
        self.folder = folder

    def call(self, base_url: str, key: str, calls: list[Call], **options: Any) -> list[dict[str, Any]]:
        """What came of each call."""
        asked = {"base_url": base_url, "key": key, "options": options, "calls": calls}
        done = subprocess.run(  # noqa: S603
            self.command,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: list[dict[str, Any]] = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module", params=VERSIONS)
def library(request: pytest.FixtureRequest, python_with: Callable[..., str], node_with: Callable[..., Path]) -> Library:
    package: str = request.param
    if "@" not in package:
        return Library([python_with(package), str(PROGRAMS / "openai_calls.py")])
    folder = node_with(package)
    program = folder / "openai_calls.mjs"  # Node looks for packages beside the program
    program.write_text((PROGRAMS / program.name).read_text())
    return Library(["node", str(program)], folder)


def base(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1"


def test_pictures_and_models(library: Library, studio: Studio, account: Callable[[int], Account]) -> None:
    order = {"model": "sketch", "prompt": "a lighthouse at dusk"}
    linked, inline, listed, found, bare = library.call(
        base(studio.port),
        account(20).key,
        [
            ("generate", {**order, "n": 2, "size": "1536x1024"}),
            ("generate", {**order, "response_format": "b64_json", "size": "1024x1024"}),
            ("models", {}),
            ("retrieve", {"model": "google/imagen4/preview"}),
            ("generate", {"prompt": "no model named"}),
        ],
    )
    assert linked["heads"] == [PNG, PNG], linked
    assert inline["heads"] == [PNG]
    answer = linked["answer"]
    assert answer["size"] == "1280x896"
    assert answer["created"] > 1_700_000_000
    assert answer["meta"]["usage"] == {"credits_used": 40_000, "usd_spent": 0.02}
    assert all(item["url"] for item in answer["data"])
    assert {"sketch", "imagen-4"} <= set(listed["ids"])
    assert (found["id"], found["object"]) == ("imagen-4", "model")
    assert bare["heads"] == [PNG]


def test_what_goes_wrong_has_the_class_and_the_words_that_one_expects(
    library: Library, studio: Studio, account: Callable[[int], Account]
) -> None:
    order = {"model": "sketch", "prompt": "a lighthouse at dusk"}
    poor = account(0).key
    wrong, unknown, broke = library.call(
        base(studio.port),
        poor,
        [("generate", {**order, "n": 9}), ("generate", {**order, "model": "dall-e-9"}), ("generate", order)],
    )
    assert (wrong["error"], "received 9" in wrong["text"]) == ("BadRequestError", True)
    assert (unknown["error"], "dall-e-9" in unknown["text"]) == ("NotFoundError", True)
    assert (broke["error"], "0 are available" in broke["text"]) == ("PermissionDeniedError", True)
    [nobody] = library.call(base(studio.port), "atl_nonsense", [("generate", order)])
    assert (nobody["error"], "unknown" in nobody["text"]) == ("AuthenticationError", True)
    assert all(told["request_id"] for told in (wrong, unknown, broke, nobody))


# By kind of trouble: the class that is raised, and how often the request is sent.
RAISED = {
    Kind.BAD_REQUEST: ("BadRequestError", 1),
    Kind.NOT_JSON: ("BadRequestError", 1),
    Kind.INVALID: ("BadRequestError", 1),
    Kind.NO_MODEL: ("NotFoundError", 1),
    Kind.MODEL_RETIRED: ("NotFoundError", 1),
    Kind.NO_KEY: ("AuthenticationError", 1),
    Kind.BAD_KEY: ("AuthenticationError", 1),
    Kind.FORBIDDEN: ("PermissionDeniedError", 1),
    Kind.NO_CREDITS: ("PermissionDeniedError", 1),
    Kind.NO_BUDGET: ("PermissionDeniedError", 1),
    Kind.NOT_FOUND: ("NotFoundError", 1),
    Kind.WRONG_METHOD: ("APIStatusError", 1),
    Kind.TOO_LARGE: ("APIStatusError", 1),
    Kind.CONFLICT: ("UnprocessableEntityError", 1),
    Kind.TOO_MANY: ("RateLimitError", 3),
    Kind.REFUSED_CONTENT: ("BadRequestError", 1),
    Kind.CANCELLED: ("APIStatusError", 1),
    Kind.FAILED: ("APIStatusError", 1),
    Kind.STILL_RUNNING: ("APIStatusError", 1),
    Kind.UNAVAILABLE: ("InternalServerError", 3),
    Kind.INTERNAL: ("InternalServerError", 1),
}


def test_only_what_was_not_accepted_is_sent_again(library: Library) -> None:
    received: list[str] = []

    def refuse(request: Request) -> Reply:
        kind = Kind(request.json()["model"])
        received.append(kind)
        response = errors.say(RequestFactory().post(request.path), Trouble(kind, f"what {kind} is", wait=1))
        return Reply(response.status_code, response.content, dict(response.headers))

    with Server(refuse) as server:
        calls: list[Call] = [("generate", {"model": kind, "prompt": "x"}) for kind in Kind]
        told = dict(zip(Kind, library.call(base(server.port), "key", calls), strict=True))
    raised = {kind: (one["error"], received.count(kind)) for kind, one in told.items()}
    node_says = {"APIStatusError": "APIError"}
    expected = (
        RAISED if "python" in library.command[0] else {k: (node_says.get(c, c), n) for k, (c, n) in RAISED.items()}
    )
    assert raised == expected
    assert all(f"what {kind} is" in one["text"] for kind, one in told.items())


def test_a_lost_answer_is_sent_again_and_made_once(
    library: Library, studio: Studio, account: Callable[[int], Account]
) -> None:
    someone = account(20)
    order = {"model": "sketch", "prompt": "a lighthouse at dusk", "n": 2}
    with Lossy(studio.port) as proxy:
        [told] = library.call(base(proxy.port), someone.key, [("generate", {**order, "response_format": "b64_json"})])
    assert told["heads"] == [PNG, PNG], told
    assert proxy.posts == 2
    with studios.client(studio, someone.key) as client:
        made = client.get("/api/v1/generations").json()["results"]
        assert [one["id"] for one in made] == [told["answer"]["meta"]["generation"]["id"]]
        assert client.get("/v2/billing").json()["current_balance"] == 0.18
