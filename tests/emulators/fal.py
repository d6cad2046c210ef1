"""fal: its two planes, the account's API and the host of its pictures, on one port. Formats: fal's documentation."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from tests.emulators import faults
from tests.emulators.courier import Callback, Courier
from tests.emulators.fal_account import FalAccount
from tests.emulators.pictures import picture
from tests.emulators.server import Reply, Request, Server, json_reply

APPLICATION = "fal-ai/imagen4"
MODELS = [f"{APPLICATION}/preview", f"{APPLICATION}/preview/fast", f"{APPLICATION}/preview/ultra"]
SIZES = {"1:1": (1024, 1024), "3:4": (896, 1280), "4:3": (1280, 896), "9:16": (768, 1408), "16:9": (1408, 768)}
POLICY = "The content could not be processed because it contained material flagged by a content checker."
REFUSALS = {"content_policy_violation", "no_media_generated"}

Detail = dict[str, Any]


@dataclass(slots=True)
class Job:
    """A request that was accepted, and will be billed unless it failed."""

    id: str
    model: str
    input: dict[str, Any]
    submitted: float
    refusal: Reply | None = None
    cancelled: bool = False
    polls: int = 0
    numbers: list[int] = field(default_factory=list)


class FalEmulator:
    """One fal with an account of its own. ``queue_seconds`` and ``run_seconds`` may be changed at any time.

    Steps that faults may strike: submit, run, status, result, cancel, media, and those of the ``account``. ``older``
    answers as fal did before December 2025: a seed, no description. ``fates`` maps a prompt to the type of error that
    its jobs end in, ``courier.manner`` is how callbacks are brought.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        queue_seconds: float = 0,
        run_seconds: float = 0,
        small: bool = False,
        older: bool = False,
        key: str = "",
    ) -> None:
        self.queue_seconds = queue_seconds
        self.run_seconds = run_seconds
        self.small = small
        self.older = older
        self.key = key
        self.fates: dict[str, str] = {}
        self.faults = faults.Plan()
        self.jobs: dict[str, Job] = {}
        self.requests: Counter[str] = Counter()
        self.media_authorizations: list[str] = []
        self.account = FalAccount(MODELS)
        self._lock = threading.Lock()
        self.server = Server(self._handle, port)
        self.courier = Courier(self.server)

    @property
    def addresses(self) -> dict[str, str]:
        """What each setting is set to, the key aside."""
        origin = self.server.origin
        return {
            "FAL_RUN_URL": f"{origin}/run",
            "FAL_API_URL": f"{origin}/v1",
            "FAL_JWKS_URL": f"{origin}/.well-known/jwks.json",
            "FAL_USER_ID": self.account.user,
            "FAL_QUEUE_URL": self.queue_url,
        }

    def environment(self) -> str:
        """What points a studio here."""
        named = " ".join(f"{name}={value}" for name, value in self.addresses.items())
        return f"FAL_KEY={self.key or 'emulated'} {named}"

    @property
    def queue_url(self) -> str:
        """What FAL_QUEUE_URL is set to."""
        return f"{self.server.origin}/queue"

    @property
    def paid(self) -> list[Job]:
        """The jobs that fal would bill: accepted, and not refused afterwards."""
        return [job for job in self.jobs.values() if job.refusal is None and not job.cancelled]

    def paid_twice(self) -> list[str]:
        """The prompts that more than one job was paid for."""
        return [
            prompt for prompt, times in Counter(job.input.get("prompt", "") for job in self.paid).items() if times > 1
        ]

    def prompts(self) -> list[str]:
        """What was asked for, in order."""
        return [job.input.get("prompt", "") for job in self.jobs.values()]

    def calls(self, step: str) -> int:
        """How often a step was taken."""
        return self.requests[step]

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        return {"detail": "no"}

    def callback(self, job: Job) -> Callback | None:
        """What would be posted now, in the courier's manner; nothing while the job is not over."""
        if self._state(job) != "COMPLETED":
            return None
        reply = self._result(job)
        good = reply.status == 200
        value: Detail = {"status": "OK" if good else "ERROR", "payload": json.loads(b"".join(reply.pieces))}
        value |= {} if good else {"error": f"Invalid status code: {reply.status}"}
        return self.account.callback(job.id, value, self.courier.manner)

    def stop(self) -> None:
        """Close every connection."""
        self.server.stop()
        self.courier.stop()

    def _handle(self, request: Request) -> Reply:
        with self._lock:
            step, proceed = self._step(request)
            self.requests[step] += 1
            return self.faults.strike(step, proceed)

    def _step(self, request: Request) -> tuple[str, faults.Proceed]:
        path = request.path.rstrip("/")
        if path.startswith("/media/"):
            return "media", lambda: self._media(request)
        if path.startswith("/control"):
            return "control", lambda: self._control(request)
        refusal = self._refused_key(request)
        if refusal and not path.endswith("/jwks.json"):
            return "refused", lambda: refusal
        return self._with_key(request, path)

    def _with_key(self, request: Request, path: str) -> tuple[str, faults.Proceed]:
        if path.startswith("/run/"):
            return "run", lambda: self._run(request, path.removeprefix("/run/"))
        if path.startswith("/queue/"):
            return self._queue(request, path.removeprefix("/queue/"))
        return self.account.step(request, [job for job in self.jobs.values() if self._state(job) != "IN_QUEUE"])

    def _queue(self, request: Request, path: str) -> tuple[str, faults.Proceed]:
        if "/requests/" in path:
            return self._follow_up(request.method, path)
        return "submit", lambda: self._submit(request, path)

    def _refused_key(self, request: Request) -> Reply | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "key" or not key or (self.key and key != self.key):
            return json_reply({"detail": "invalid key credentials"}, 401)
        return None

    def _follow_up(self, method: str, path: str) -> tuple[str, faults.Proceed]:
        _, _, tail = path.partition("/requests/")
        number, _, what = tail.partition("/")
        job = self.jobs.get(number)
        step = {"status": "status", "cancel": "cancel"}.get(what, "result")
        if job is None:
            return step, lambda: json_reply({"status": "NOT_FOUND"}, 404)
        if step == "cancel" and method == "PUT":
            return step, lambda: self._cancel(job)
        return step, lambda: self._status(job) if step == "status" else self._result(job)

    def _submit(self, request: Request, model: str) -> Reply:
        if model not in MODELS:
            return unknown(model)
        job = self._take_on(request, model)
        if url := request.query.get("fal_webhook"):
            self.courier.bring(url, lambda: self.callback(job), self.queue_seconds + self.run_seconds)
        body: Detail = {"status": "IN_QUEUE", "request_id": job.id, **self._urls(job), "logs": None, "metrics": {}}
        return json_reply(body | {"queue_position": 0}, x_fal_request_id=job.id)

    def _run(self, request: Request, model: str) -> Reply:
        """The other plane: the same input, and the result itself once it is there."""
        if model not in MODELS:
            return unknown(model)
        job = self._take_on(request, model)
        job.submitted -= self.queue_seconds + self.run_seconds
        return replace(self._result(job), delay=self.run_seconds)

    def _take_on(self, request: Request, model: str) -> Job:
        value = request.json()
        job = Job(str(uuid.uuid4()), model, value if isinstance(value, dict) else {}, time.time())
        job.refusal = _invalid(value) or self._fate(job.input["prompt"])
        wanted = 0 if job.refusal else job.input.get("num_images", 1)
        job.numbers = [len(self.jobs) * 4 + number for number in range(wanted)]
        self.jobs[job.id] = job
        return job

    def _fate(self, prompt: str) -> Reply | None:
        kind = self.fates.get(prompt, "")
        return model_error(kind, POLICY, status=422 if kind in REFUSALS else 500) if kind else None

    def _status(self, job: Job) -> Reply:
        job.polls += 1
        body: dict[str, Any] = {"request_id": job.id, **self._urls(job)}
        state = self._state(job)
        if state == "IN_QUEUE":
            return json_reply({"status": state, "queue_position": 0, **body}, 202, x_fal_request_id=job.id)
        status = 200 if state == "COMPLETED" else 202
        return json_reply({"status": state, "logs": None, **body}, status, x_fal_request_id=job.id)

    def _state(self, job: Job) -> str:
        elapsed = time.time() - job.submitted
        if job.cancelled or job.refusal or elapsed >= self.queue_seconds + self.run_seconds:
            return "COMPLETED"
        return "IN_QUEUE" if elapsed < self.queue_seconds else "IN_PROGRESS"

    def _result(self, job: Job) -> Reply:
        if self._state(job) != "COMPLETED":
            return json_reply({"detail": "Request is still in progress"}, 400)
        if job.cancelled:
            return json_reply({"detail": "Request was cancelled", "error_type": "client_cancelled"}, 499)
        if job.refusal:
            return job.refusal
        body: dict[str, Any] = {"images": [self._image(job, number) for number in job.numbers]}
        body |= {"seed": job.input.get("seed", 7)} if self.older else {"description": ""}
        return json_reply(body, x_fal_request_id=job.id, x_fal_billable_units=str(len(job.numbers)))

    def _image(self, job: Job, number: int) -> Detail:
        width, height = SIZES[job.input.get("aspect_ratio", "1:1")]
        if job.input.get("sync_mode"):
            content = base64.b64encode(b"".join(picture(width, height, number, small=self.small))).decode()
            return {"url": f"data:image/png;base64,{content}"}
        image = {"url": f"{self.server.origin}/media/{width}x{height}/{number}.png", "content_type": "image/png"}
        return image if self.older else {**image, "width": width, "height": height, "file_name": f"{number}.png"}

    def _cancel(self, job: Job) -> Reply:
        if self._state(job) == "COMPLETED":
            return json_reply({"status": "ALREADY_COMPLETED"}, 400)
        job.cancelled = True
        return json_reply({"status": "CANCELLATION_REQUESTED"}, 202)

    def _media(self, request: Request) -> Reply:
        self.media_authorizations.append(request.headers.get("authorization", ""))
        size, _, name = request.path.removeprefix("/media/").partition("/")
        width, _, height = size.partition("x")
        number = int(name.removesuffix(".png"))
        pieces = picture(int(width), int(height), number, small=self.small)
        return Reply(200, pieces, {"content-type": "image/png"})

    def _control(self, request: Request) -> Reply:
        """For other processes: GET counts; POST sets times, fates and faults; GET …/jobs says when each was over.

        ``{"run_seconds": 20, "fates": {"a cat": "content_policy_violation"}, "callbacks": "twice",
        "faults": [{"step": "submit", "name": "slow", "times": 2}]}``
        """
        if request.method == "POST":
            wanted = request.json() or {}
            self.queue_seconds = wanted.get("queue_seconds", self.queue_seconds)
            self.run_seconds = wanted.get("run_seconds", self.run_seconds)
            self.fates |= wanted.get("fates", {})
            self.courier.manner = wanted.get("callbacks", self.courier.manner)
            self.faults.load(wanted.get("faults", []))
        if request.path.endswith("/jobs"):
            spent = self.queue_seconds + self.run_seconds
            return json_reply({job.input.get("prompt", ""): job.submitted + spent for job in self.jobs.values()})
        unfinished = sum(self._state(job) != "COMPLETED" for job in self.jobs.values())
        counts = {
            "unfinished": unfinished,
            "accepted": len(self.jobs),
            "paid": len(self.paid),
            "paid_twice": len(self.paid_twice()),
        }
        return json_reply({**counts, "requests": self.requests})

    def _urls(self, job: Job) -> dict[str, str]:
        home = f"{self.queue_url}/{APPLICATION}/requests/{job.id}"
        return {"response_url": home, "status_url": f"{home}/status", "cancel_url": f"{home}/cancel"}


def unknown(model: str) -> Reply:
    """What fal says to a model that it does not serve (any more)."""
    return json_reply({"detail": f'Application "{model.rpartition("/")[2]}" not found'}, 404)


def model_error(kind: str, message: str, *, where: str = "prompt", status: int = 422) -> Reply:
    """An error of the model's family."""
    detail = {"loc": ["body", where], "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors#{kind}"}
    return json_reply({"detail": [detail]}, status, x_fal_billable_units="0")


def request_error(kind: str, message: str, status: int) -> Reply:
    """An error of the other family, of fal itself."""
    return json_reply({"detail": message, "error_type": kind}, status, x_fal_error_type=kind)


def content_refusal() -> Reply:
    """What the content checker answers; it echoes the prompt."""
    return model_error("content_policy_violation", POLICY)


def _invalid(value: Any) -> Reply | None:
    """fal queues first: what is wrong with the input shows in the result."""
    if not isinstance(value, dict) or not value.get("prompt"):
        return model_error("missing", "Field required")
    if value.get("aspect_ratio", "1:1") not in SIZES:
        return model_error("literal_error", "Input should be a ratio", where="aspect_ratio")
    if value.get("num_images", 1) not in range(1, 5):
        return model_error("less_than_equal", "Input should be at most 4", where="num_images")
    return None
