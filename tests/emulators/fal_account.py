"""What fal knows of one customer beside its jobs: who it is, what it may see; and the keys that fal signs with."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.emulators import faults
from tests.emulators.courier import Callback, Manner
from tests.emulators.server import Reply, Request, json_reply

STALE = 1000


class Job(Protocol):
    """What the account's list tells of a job."""

    id: str
    model: str
    input: dict[str, Any]
    submitted: float


class FalAccount:
    """One customer's account. Steps that faults may strike: requests, models, billing, keys.

    ``closed``: the key may not look at anything here. ``admin``: it may see the balance. ``leaves_out``: the fields of
    an input that the list of requests does not repeat.
    """

    def __init__(self, models: Sequence[str]) -> None:
        self.user = "user-emulated"
        self.closed = False
        self.admin = True
        self.balance = 24.5
        self.longest_page = 100
        self.leaves_out: set[str] = set()
        self.models = list(models)
        self.shown_to: list[str] = []  # what was sent as authorization with each look at the keys
        self._signing = Ed25519PrivateKey.generate()
        self._published = [self._signing]

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one stays published."""
        self._signing = Ed25519PrivateKey.generate()
        self._published.append(self._signing)

    def step(self, request: Request, started: Sequence[Job]) -> tuple[str, faults.Proceed]:
        """The step that a request to the platform takes, and what it does there."""
        if request.path.endswith("/jwks.json"):
            return "keys", lambda: self._keys(request)
        if self.closed:
            return "closed", lambda: json_reply({"detail": "Forbidden"}, 403)
        steps: dict[str, tuple[str, faults.Proceed]] = {
            "/v1/models/requests/by-endpoint": ("requests", lambda: self._requests(request, started)),
            "/v1/models": ("models", lambda: self._models(request)),
            "/v1/account/billing": ("billing", self._billing),
        }
        return steps.get(request.path) or ("unknown", lambda: json_reply({"detail": "Not Found"}, 404))

    def callback(self, number: str, value: dict[str, Any], manner: Manner) -> Callback:
        """A signed callback about a request, or one that is wrong in this manner."""
        body = json.dumps({"request_id": number, "gateway_request_id": number, **value}).encode()
        stamp = str(int(time.time()) - (STALE if manner == "stale" else 0))
        user = "somebody-else" if manner == "stranger" else self.user
        message = "\n".join([number, user, stamp, hashlib.sha256(body).hexdigest()]).encode()
        key = Ed25519PrivateKey.generate() if manner == "forged" else self._signing
        headers = {
            "content-type": "application/json",
            "X-Fal-Webhook-Request-Id": number,
            "X-Fal-Webhook-User-Id": user,
            "X-Fal-Webhook-Timestamp": stamp,
            "X-Fal-Webhook-Signature": key.sign(message).hex(),
        }
        if manner == "unsigned":
            del headers["X-Fal-Webhook-Signature"]
        return Callback(headers, body)

    def _keys(self, request: Request) -> Reply:
        self.shown_to.append(request.headers.get("authorization", ""))
        raw = [key.public_key().public_bytes_raw() for key in self._published]
        xs = [base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in raw]
        return json_reply({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in xs]})

    def _models(self, request: Request) -> Reply:
        return self._page(request, "models", [{"endpoint_id": name} for name in self.models])

    def _billing(self) -> Reply:
        if not self.admin:
            return json_reply({"detail": "An admin key is needed"}, 403)
        return json_reply({"username": self.user, "credits": {"current_balance": self.balance, "currency": "USD"}})

    def _requests(self, request: Request, started: Sequence[Job]) -> Reply:
        wanted = request.query.get("endpoint_id", "")
        now = datetime.now(UTC).isoformat()
        since, until = (datetime.fromisoformat(request.query.get(name, now)).timestamp() for name in ("start", "end"))
        found = [job for job in started if job.model == wanted and since <= job.submitted < until]
        with_payloads = request.query.get("expand") == "payloads"
        return self._page(request, "items", [self._item(job, payloads=with_payloads) for job in found])

    def _item(self, job: Job, *, payloads: bool) -> dict[str, Any]:
        moment = datetime.fromtimestamp(job.submitted, UTC).isoformat().replace("+00:00", "Z")
        item: dict[str, Any] = {"request_id": job.id, "endpoint_id": job.model, "sent_at": moment, "started_at": moment}
        if payloads:
            item["json_input"] = {name: value for name, value in job.input.items() if name not in self.leaves_out}
        return item

    def _page(self, request: Request, name: str, rows: list[dict[str, Any]]) -> Reply:
        length = min(int(request.query.get("limit", "50")), self.longest_page)
        first = int(base64.b64decode(request.query.get("cursor", "MA==")))
        rest = len(rows) > first + length
        cursor = base64.b64encode(str(first + length).encode()).decode() if rest else None
        return json_reply({name: rows[first : first + length], "next_cursor": cursor, "has_more": rest})
