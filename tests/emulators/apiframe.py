"""Apiframe (v2): jobs of one picture each, credits, signed callbacks. Formats: its OpenAPI and its documentation."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from tests.emulators import faults
from tests.emulators.courier import Callback, Courier
from tests.emulators.pictures import picture
from tests.emulators.server import Reply, Request, Server, json_reply

KEY = "afk_emulated"
MODELS = {"imagen-4": 7, "imagen-4-fast": 4, "imagen-4-ultra": 10}  # credits
SIZES = {"1:1": (1024, 1024), "3:4": (896, 1280), "4:3": (1280, 896), "9:16": (768, 1408), "16:9": (1408, 768)}
PARAMETERS = {"aspect_ratio": set(SIZES), "image_size": {"1K", "2K"}, "output_format": {"jpg", "png"}}
KEYS = {"prompt", "model", "webhookUrl", "webhookEvents", "imagenParams"}
POLICY = "Provider error: the prompt was flagged as a content policy violation."
OVER = {"COMPLETED", "FAILED", "CANCELLED"}

Shape = Literal["object", "string", "list", "objects", "nothing"]


@dataclass(slots=True)
class Job:
    """One picture: paid at once, paid back unless it is made."""

    id: str
    number: int
    input: dict[str, Any]
    submitted: float
    error: str = ""
    cancelled: bool = False
    expired: bool = False


class ApiframeEmulator:
    """One team with credits of its own. ``queue_seconds`` and ``run_seconds`` may be changed at any time.

    Steps that faults may strike: submit, job, me, models, media. ``fates`` maps a prompt to the error its jobs end in,
    ``shape`` is that of results, ``key_as`` what callbacks are signed with, ``courier.manner`` how they are brought.
    """

    def __init__(
        self, port: int = 0, *, queue_seconds: float = 0, run_seconds: float = 0, small: bool = False, key: str = KEY
    ) -> None:
        self.queue_seconds = queue_seconds
        self.run_seconds = run_seconds
        self.small = small
        self.key = key
        self.credits = 1_000_000
        self.shape: Shape = "object"
        self.key_as: Literal["bytes", "text"] = "bytes"
        self.fates: dict[str, str] = {}
        self.faults = faults.Plan()
        self.jobs: dict[str, Job] = {}
        self.requests: Counter[str] = Counter()
        self.media_keys: list[str] = []
        self._keys: dict[str, tuple[bytes, Job]] = {}
        self._lock = threading.Lock()
        self.server = Server(self._handle, port)
        self.courier = Courier(self.server)

    @property
    def paid(self) -> list[Job]:
        """The jobs that were paid and not paid back."""
        return [job for job in self.jobs.values() if not job.error and not job.cancelled]

    def prompts(self) -> list[str]:
        """What was asked for, in order."""
        return [job.input["prompt"] for job in self.jobs.values()]

    def calls(self, step: str) -> int:
        """How often a step was taken."""
        return self.requests[step]

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        return {"error": "no"}

    def environment(self) -> str:
        """What points a studio here."""
        return f"APIFRAME_API_KEY={self.key} APIFRAME_BASE_URL={self.server.origin}"

    def callback(self, job: Job) -> Callback | None:
        """What would be posted now, in the courier's manner; nothing while the job is not over."""
        if (status := self._status(job)) not in OVER:
            return None
        event = "completed" if status == "COMPLETED" else "failed"
        value = {"event": event, "jobId": job.id, "status": status, "model": job.input["model"]}
        value |= {"result": self._result(job), "progress": 100} if event == "completed" else {"error": job.error}
        body = json.dumps(value).encode()
        headers = {"content-type": "application/json", "X-Webhook-Event": event}
        if self.courier.manner != "unsigned":
            forged = self.courier.manner == "forged"
            headers["X-Webhook-Signature"] = f"sha256={self._signature(b'{}' if forged else body)}"
        return Callback(headers, body)

    def stop(self) -> None:
        """Close every connection."""
        self.server.stop()
        self.courier.stop()

    def _signature(self, body: bytes) -> str:
        digest = hashlib.sha256(self.key.encode())
        key = digest.digest() if self.key_as == "bytes" else digest.hexdigest().encode()
        return hmac.new(key, body, "sha256").hexdigest()

    def _handle(self, request: Request) -> Reply:
        with self._lock:
            step, proceed = self._step(request)
            self.requests[step] += 1
            return self.faults.strike(step, proceed)

    def _step(self, request: Request) -> tuple[str, faults.Proceed]:
        path = request.path.rstrip("/")
        if path.startswith("/images/"):
            return "media", lambda: self._media(request)
        if path.startswith("/control"):
            return "control", lambda: self._control(request)
        if path == "/v2/models":
            return "models", lambda: self._models(request)
        refusal = self._refused_key(request)
        return ("refused", lambda: refusal) if refusal else self._with_key(request, path)

    def _with_key(self, request: Request, path: str) -> tuple[str, faults.Proceed]:
        if path == "/v2/me":
            return "me", self._me
        if path.startswith("/v2/jobs/"):
            return "job", lambda: self._job(path.removeprefix("/v2/jobs/"))
        if (request.method, path) == ("POST", "/v2/images/generate"):
            return "submit", lambda: self._submit(request)
        return "unknown", lambda: json_reply({"error": "Not found"}, 404)

    def _refused_key(self, request: Request) -> Reply | None:
        key = request.headers.get("x-api-key", "")
        if not key:
            return json_reply({"error": "API key is required"}, 401)
        return None if key == self.key else json_reply({"error": "Invalid API key"}, 401)

    def _submit(self, request: Request) -> Reply:
        key, digest = request.headers.get("idempotency-key", ""), hashlib.sha256(request.body).digest()
        if known := self._keys.get(key):
            if known[0] != digest:
                return json_reply({"error": "Idempotency-Key was already used with a different request body"}, 409)
            return self._accepted(known[1], idempotent_replayed="true")
        value = request.json()
        if refusal := self._refused_body(value):
            return refusal
        job = self._take_on(value, MODELS[value["model"]])
        if key:
            self._keys[key] = (digest, job)
        return self._accepted(job)

    def _refused_body(self, value: Any) -> Reply | None:
        if wrong := _invalid(value):
            return json_reply({"error": "Validation failed", "details": wrong}, 400)
        cost = MODELS[value["model"]]
        if self.credits >= cost:
            return None
        body = {"error": "Insufficient credits", "creditsRequired": cost, "creditsAvailable": self.credits}
        return json_reply(body, 402)

    def _take_on(self, value: dict[str, Any], cost: int) -> Job:
        error = self.fates.get(value["prompt"], "")
        job = Job(str(uuid.uuid4()), len(self.jobs), value, time.time(), error)
        self.jobs[job.id] = job
        self.credits -= 0 if error else cost
        if url := value.get("webhookUrl"):
            self.courier.bring(url, lambda: self.callback(job), self.queue_seconds + self.run_seconds)
        return job

    def _accepted(self, job: Job, **headers: str) -> Reply:
        return json_reply({"jobId": job.id, "status": self._status(job)}, 202, **headers)

    def _status(self, job: Job) -> str:
        elapsed = time.time() - job.submitted
        if job.cancelled:
            return "CANCELLED"
        if elapsed >= self.queue_seconds + self.run_seconds:
            return "FAILED" if job.error else "COMPLETED"
        return "QUEUED" if elapsed < self.queue_seconds else "PROCESSING"

    def _job(self, number: str) -> Reply:
        try:
            uuid.UUID(number)
        except ValueError:
            return json_reply({"error": "Validation failed", "details": {"id": ["Invalid uuid"]}}, 400)
        job = self.jobs.get(number)
        if job is None:
            return json_reply({"error": "Job not found"}, 404)
        status = self._status(job)
        completed = status == "COMPLETED"
        moment = datetime.fromtimestamp(job.submitted, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {
            "id": job.id,
            "status": status,
            "model": job.input["model"],
            "progress": 100 if completed else 0,
            "input": job.input,
            "result": self._result(job) if completed else None,
            "error": job.error or None if status == "FAILED" else None,
            "creditCost": MODELS[job.input["model"]] if status not in {"FAILED", "CANCELLED"} else 0,
            "webhookStatus": "pending" if job.input.get("webhookUrl") else None,
            "expired": job.expired,
            "createdAt": moment,
            "completedAt": moment if status in OVER else None,
        }
        return json_reply(body, x_request_id=str(uuid.uuid4()))

    def _result(self, job: Job) -> object:
        parameters = job.input.get("imagenParams", {})
        ratio, suffix = parameters.get("aspect_ratio", "1:1").replace(":", "x"), parameters.get("output_format", "jpg")
        url = f"{self.server.origin}/images/{ratio}/{job.number}/{job.id}-1.{suffix}"
        shapes: dict[Shape, object] = {
            "object": {"images": [url]},
            "string": url,
            "list": [url],
            "objects": {"images": [{"url": url}]},
            "nothing": {"images": []},
        }
        return shapes[self.shape]

    def _media(self, request: Request) -> Reply:
        self.media_keys.append(request.headers.get("x-api-key", ""))
        ratio, number, _ = request.path.removeprefix("/images/").split("/")
        pieces = picture(*SIZES[ratio.replace("x", ":")], int(number), small=self.small)
        return Reply(200, pieces, {"content-type": "image/png"})  # whatever was asked for, as its own example shows

    def _me(self) -> Reply:
        user = {"id": str(uuid.uuid4()), "email": "me@example.com", "role": "OWNER"}
        team = {"id": str(uuid.uuid4()), "name": "Acme", "plan": "pro", "credits": self.credits, "customerId": None}
        return json_reply({"user": user, "team": team, "apiKey": None})

    def _models(self, request: Request) -> Reply:
        if request.query.get("modality", "image") not in {"image", "video", "music"}:
            return json_reply({"error": "Validation failed"}, 400)
        listed = [{"id": name, "label": name.title(), "modality": "image"} for name in MODELS]
        return json_reply({"models": listed})

    def _control(self, request: Request) -> Reply:
        """For other processes: GET counts; POST sets times, fates and the courier's manner, and plans faults.

        ``{"run_seconds": 20, "fates": {"a cat": "blocked"}, "callbacks": "twice", "faults": [{"step": "job", …}]}``
        """
        if request.method == "POST":
            wanted = request.json() or {}
            self.queue_seconds = wanted.get("queue_seconds", self.queue_seconds)
            self.run_seconds = wanted.get("run_seconds", self.run_seconds)
            self.fates |= wanted.get("fates", {})
            self.courier.manner = wanted.get("callbacks", self.courier.manner)
            self.faults.load(wanted.get("faults", []))
        unfinished = sum(self._status(job) not in OVER for job in self.jobs.values())
        counts = {"unfinished": unfinished, "accepted": len(self.jobs), "paid": len(self.paid)}
        return json_reply({**counts, "credits": self.credits, "requests": self.requests})


def _invalid(value: Any) -> dict[str, list[str]]:
    """What is wrong with a body, by path; it knows every key that there may be."""
    if not isinstance(value, dict):
        return {"": ["Expected object"]}
    wrong = {key: ["Unrecognized key"] for key in value.keys() - KEYS}
    prompt = value.get("prompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt.encode("utf-16-le")) // 2 <= 2000:
        wrong["prompt"] = ["Expected 1 to 2000 characters"]
    if value.get("model") not in MODELS:
        wrong["model"] = ["Invalid discriminator value"]
    for name, given in value.get("imagenParams", {}).items():
        if given not in PARAMETERS.get(name, set()):
            wrong[f"imagenParams.{name}"] = ["Invalid"]
    return wrong
