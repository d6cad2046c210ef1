"""Apiframe's documented code, with another host and another key, and receivers that are told; on a whole studio.

Its SDK for version 2 is in no registry that people install from, so that the documentation is what there is to run.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import PIL.Image
import pytest
import redis

from config import embedded
from generations.providers.apiframe import signing
from tests import studios
from tests.clients.conftest import Account
from tests.emulators.server import Reply
from tests.patience import SECONDS
from tests.receivers import Receiver, receiving
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
PAGES = Path(__file__).parent / "seeds"
THEIR_HOST, THEIR_KEY = "https://api.apiframe.ai", "afk_your_api_key_here"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}
VERIFY = """
import base64, json, sys
from standardwebhooks import Webhook
told = json.load(sys.stdin)
print(json.dumps(Webhook("whsec_" + told["secret"]).verify(told["body"], told["headers"])))
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def program(studio: Studio, account: Callable[[int], Account]) -> Iterator[httpx.Client]:
    """Calls the studio as somebody with 20 credits."""
    key = account(20).key
    base_url = f"http://127.0.0.1:{studio.port}/v2"
    with httpx.Client(base_url=base_url, headers={"X-API-Key": key}, timeout=60) as client:
        yield client


def documented(name: str, studio: Studio, key: str) -> str:
    """The code as it is documented, but for host and key."""
    code = (PAGES / name).read_text()
    assert THEIR_HOST in code
    assert THEIR_KEY in code
    return code.replace(THEIR_HOST, f"http://127.0.0.1:{studio.port}").replace(THEIR_KEY, key)


def said(command: list[str], code: str) -> dict[str, Any]:
    """What a program prints, which is more or less JSON."""
    done = subprocess.run(command, input=code, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    text = done.stdout.replace("'", '"').replace("jobId:", '"jobId":').replace("status:", '"status":')
    told: dict[str, Any] = json.loads(text)
    return told


def over(client: httpx.Client, job: str) -> dict[str, Any]:
    """The job, once it is."""
    jobs: list[dict[str, Any]] = []

    def look() -> bool:
        jobs.append(client.get(f"/jobs/{job}").json())
        return jobs[-1]["status"] not in {"QUEUED", "PROCESSING"}

    eventually(look)
    return jobs[-1]


@pytest.mark.parametrize("language", ["sh", "py", "js"])
def test_the_documented_code_gets_its_picture(
    language: str,
    studio: Studio,
    program: httpx.Client,
    python_with: Callable[..., str],
    node_with: Callable[..., Path],
) -> None:
    code = documented(f"004.{language}.txt", studio, program.headers["X-API-Key"])
    if language == "sh":
        told = said(["sh"], code)
    elif language == "py":
        told = said([python_with("requests==2.34.2"), "-"], code)
    else:
        node_with()
        told = said(["node", "--input-type=module"], code)
    assert told["status"] == "QUEUED"
    job = over(program, told["jobId"])
    assert (job["status"], job["model"], job["creditCost"]) == ("COMPLETED", "imagen-4", 10)
    assert job["input"]["imagenParams"] == {"aspect_ratio": "16:9", "image_size": "2K"}
    [url] = job["result"]["images"]
    picture = PIL.Image.open(io.BytesIO(httpx.get(url).raise_for_status().content))
    assert (picture.format, picture.size) == ("JPEG", (2816, 1536))


def test_a_receiver_is_told_until_it_takes_it_and_can_verify_it(
    program: httpx.Client, receiver: Receiver, python_with: Callable[..., str]
) -> None:
    receiver.replies = [Reply(500), Reply(200)]
    job = program.post("/images/generate", json={**ORDER, "webhookUrl": receiver.url}).json()["jobId"]
    eventually(lambda: program.get(f"/jobs/{job}").json()["webhookStatus"] == "delivered")
    assert len(receiver.requests) == 2
    key = program.headers["X-API-Key"]
    for request in receiver.requests:
        assert request.headers["x-webhook-event"] == "completed"
        assert signing.genuine(key, request.headers["x-webhook-signature"], request.body)
    told = receiver.requests[-1].json()
    assert told["jobId"] == job
    assert httpx.get(told["result"]["images"][0]).is_success
    secret = base64.b64encode(hashlib.sha256(key.encode()).digest()).decode()
    headers = {name: value for name, value in receiver.requests[-1].headers.items() if name.startswith("webhook-")}
    given = {"secret": secret, "body": receiver.requests[-1].body.decode(), "headers": headers}
    verified = subprocess.run(  # noqa: S603
        [python_with("standardwebhooks==1.1.0"), "-c", VERIFY],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout) == told


def test_a_receiver_is_told_although_the_worker_dies_and_redis_forgets(
    studio: Studio, program: httpx.Client, receiver: Receiver
) -> None:
    os.kill(studio.children()["worker"], signal.SIGSTOP)
    job = program.post("/images/generate", json={**ORDER, "webhookUrl": receiver.url}).json()["jobId"]
    assert program.post(f"/jobs/{job}/cancel").json()["status"] == "CANCELLED"
    redis.Redis.from_url(embedded.redis_url(studio.var)).flushall()
    studios.kill(studio, "worker")
    eventually(lambda: program.get(f"/jobs/{job}").json()["webhookStatus"] == "delivered")
    [request] = receiver.requests
    assert (request.json()["event"], request.json()["jobId"]) == ("failed", job)
