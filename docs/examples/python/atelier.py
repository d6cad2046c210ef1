"""What a program needs to be good at speaking to a studio: retries, waiting, pages, what is kept, signed messages.

Needs Python 3.11 and httpx. Copy it, and take what you need.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

UNFINISHED = {"queued", "running"}
PASSING = {429, 502, 503, 504}  # troubles that pass by themselves
TRIES = 5


class Problem(Exception):
    """What the studio refused, by ``code``; ``errors`` names each field that is wrong."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.status: int = body["status"]
        self.code: str = body["code"]
        self.errors: list[dict[str, str]] = body.get("errors", [])
        self.request_id: str = body["request_id"]
        super().__init__(f"{self.code}: {body['detail']}")


class Studio:
    """A studio, for whoever the key or the app's session token belongs to."""

    def __init__(self, address: str, key: str = "", *, session: str = "") -> None:
        headers = {"X-Session-Token": session} if session else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=90)
        self._kept: dict[str, tuple[str, Any]] = {}

    def get(self, path: str) -> Any:
        """What is there; what has not changed since the last time is not sent again."""
        tag, kept = self._kept.get(path, ("", None))
        answer = self._send("GET", path, headers={"If-None-Match": tag} if tag else {})
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return kept
        body = answer.json()
        self._kept[path] = (answer.headers["ETag"], body)
        return body

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """What came of it."""
        return self._send("POST", path, json=body, headers=headers).json()

    def change(self, path: str, **changes: Any) -> Any:
        """Change a thing as it was read last; when somebody else was faster, read it again and change that."""
        while True:
            self.get(path)
            try:
                return self._send("PATCH", path, json=changes, headers={"If-Match": self._kept[path][0]}).json()
            except Problem as problem:
                if problem.code != "changed_meanwhile":
                    raise

    def pages(self, path: str) -> Iterator[Any]:
        """Everything in a list, however long, a page at a time."""
        following: str | None = path
        while following:
            page = self.get(following)
            yield from page["results"]
            following = page["next"]

    def submit(self, **order: Any) -> Any:
        """Order pictures, once: the key makes one order of all tries, however often the network fails."""
        once = {"Idempotency-Key": str(uuid.uuid4())}
        return self._send("POST", "/generations", json=order, headers={**once, "Prefer": "wait=30"}).json()

    def finished(self, generation: Any) -> Any:
        """The generation once it has ended: told by its events, and asked for where no stream comes through."""
        while generation["status"] in UNFINISHED:
            try:
                for event in self.events(generation["id"]):
                    print(f"  {event['kind']}: {event['ready']} of {event['count']}")
            except httpx.TransportError:
                time.sleep(2)
            generation = self.get(f"/generations/{generation['id']}")
        return generation

    def events(self, generation: str) -> Iterator[Any]:
        """Everything that happens to it, from its first event on, until it has ended."""
        accept = {"Accept": "text/event-stream"}
        with self._http.stream("GET", f"/generations/{generation}/events", headers=accept) as stream:
            name = ""
            for line in stream.iter_lines():
                field, _, value = line.partition(": ")
                name = value if field == "event" else name
                if name == "done":
                    return
                if field == "data" and name == "generation":
                    yield json.loads(value)

    def picture(self, image: Any) -> bytes:
        """A picture's bytes, which are what the studio says; its address needs no headers and ends after 15 minutes."""
        content = httpx.get(image["url"], timeout=90).raise_for_status().content
        if hashlib.sha256(content).hexdigest() != image["sha256"]:
            raise ValueError("the picture did not come through whole")
        return content

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(TRIES):
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError:
                if attempt == TRIES - 1 or not _may_repeat(method, options):
                    raise
                time.sleep(2**attempt + random.random())  # not all clients at once
                continue
            if answer.status_code not in PASSING or attempt == TRIES - 1:
                break
            time.sleep(float(answer.headers.get("Retry-After", 2**attempt)))
        if answer.is_error:
            raise Problem(answer.json())
        return answer


def _may_repeat(method: str, options: Mapping[str, Any]) -> bool:
    """Whether the studio does it once, however often it is sent."""
    return method != "POST" or "Idempotency-Key" in options.get("headers", {})


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> Any:
    """A webhook's message; raises ``ValueError`` for one that the studio did not send, or not now."""
    sent = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, sent, "sha256")).decode()
    given = [one.removeprefix("v1,") for one in headers["webhook-signature"].split()]
    if not any(hmac.compare_digest(signature, one) for one in given):
        raise ValueError("signed by somebody else")
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:  # five minutes
        raise ValueError("too old")
    return json.loads(body)
