"""A server that speaks OpenAI's images API, in any of the ways that servers do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tests.emulators import faults
from tests.emulators.server import Reply, Request, json_reply
from tests.emulators.vendor import Vendor

POLICY = "Your request was rejected by the safety system. safety_violations=[sexual]."


@dataclass(frozen=True, slots=True)
class Kind:
    """How one server differs from the others; read in their sources."""

    models: tuple[str, ...] | None = ()  # None: it keeps no list
    answers: str = "b64_json"  # where the caller does not say; "always …" where it may not
    refuses: tuple[str, ...] = ()  # fields, or values of response_format, that it takes for a mistake
    makes: int = 10  # pictures in one call, whatever n says
    envelope: str = "openai"  # or text, or fastapi
    relative: bool = False  # whether its addresses lack a host
    bar: bool = False  # whether what follows a bar in the prompt is unwanted


KINDS = {
    "openai": Kind(
        ("gpt-4.1", "gpt-image-2"), answers="always b64_json", refuses=("response_format", "seed", "negative_prompt")
    ),
    "localai": Kind(("llama", "flux.1-dev"), answers="url", bar=True),
    "sd-server": Kind(("sd-cpp-local",), answers="always b64_json", envelope="text"),
    "vllm-omni": Kind(("Qwen/Qwen-Image",), refuses=("url",), envelope="fastapi"),
    "sglang": Kind(None, answers="url", relative=True, makes=1, envelope="fastapi"),
}


class OpenAIEmulator(Vendor):
    """One such server; ``kind`` may be changed at any time. A ``key`` is asked for only where there is one."""

    kind = KINDS["vllm-omni"]

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.server.origin}/v1"

    def environment(self) -> str:
        """The lines that point a studio here."""
        return f"OPENAI_BASE_URL={self.base_url}"

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        return self.envelope("no")

    def envelope(self, message: str, *, kind: str = "invalid_request_error", code: str | None = None) -> dict[str, Any]:
        """An error as this kind of server wraps it."""
        match self.kind.envelope:
            case "text":
                return {"error": message}
            case "fastapi":
                return {"detail": [{"loc": ["body"], "msg": message, "type": kind}]}
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}

    def moderated(self) -> faults.Fault:
        """The content is refused as OpenAI does it."""
        error = {"message": POLICY, "type": "image_generation_user_error", "param": None, "code": "moderation_blocked"}
        return faults.answering(400, {"error": error})

    def no_funds(self) -> faults.Fault:
        """The account is empty: OpenAI says so with the status of a rate limit."""
        error = {
            "message": "You exceeded your current quota",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        }
        return faults.answering(429, {"error": error})

    def step(self, request: Request) -> tuple[str, faults.Proceed]:
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            refused = json_reply(self.envelope("Incorrect API key provided", code="invalid_api_key"), 401)
            return "refused", lambda: refused
        if request.path == "/v1/models":
            return "models", self._list
        if request.path == "/v1/images/generations" and request.method == "POST":
            return "submit", lambda: self._submit(request.json())
        return "unknown", lambda: json_reply(self.envelope("Not Found"), 404)

    def _list(self) -> Reply:
        if self.kind.models is None:
            return json_reply(self.envelope("Not Found"), 404)
        rows = [{"id": name, "object": "model", "created": 1, "owned_by": "me"} for name in self.kind.models]
        return json_reply({"object": "list", "data": rows})

    def _submit(self, body: Any) -> Reply:
        if problem := self._problem(body):
            return json_reply(self.envelope(problem), 400)
        count = min(body.get("n", 1), self.kind.makes)
        self.pay(body["prompt"], body.get("model", ""), body)
        data = [self._item(body) for _ in range(count)]
        return self.painted(json_reply({"created": int(time.time()), "data": data}))

    def _problem(self, body: Any) -> str:
        if not isinstance(body, dict) or not body.get("prompt"):
            return "prompt: Field required"
        refused = [name for name in self.kind.refuses if name in body or body.get("response_format") == name]
        if refused:
            return f"Unknown parameter: '{refused[0]}'"
        return "" if "x" in body.get("size", "x") else "size: WIDTHxHEIGHT"

    def _item(self, body: dict[str, Any]) -> dict[str, Any]:
        width, _, height = body.get("size", "1024x1024").partition("x")
        size = int(width), int(height)
        way = body.get("response_format", self.kind.answers)
        if "b64_json" in way or self.kind.answers.startswith("always"):
            return {"b64_json": self.inline(size), "url": None, "revised_prompt": None}
        return {"url": self.link(size) if self.kind.relative else self.server.origin + self.link(size)}
