"""AI/ML API: the address of its pictures, its bill and its list of models on one port. Formats: docs.aimlapi.com."""

from __future__ import annotations

import time
from typing import Any

from tests.emulators import faults
from tests.emulators.server import Reply, Request, json_reply
from tests.emulators.vendor import SIZES, Vendor

CREDITS = {"fast": 52_000, "ultra": 156_000}
USUAL_CREDITS = 104_000
SINGLE = {"google/nano-banana-2", "google/gemini-3-1-flash-image-preview"}
MODELS = {
    "google/imagen4/preview": [],
    "imagen-4.0-ultra-generate-preview-06-06": [],
    "google/imagen-4.0-generate-001": ["imagen-4.0-generate-001"],
    "google/imagen-4.0-fast-generate-001": ["imagen-4.0-fast-generate-001"],
    "google/imagen-4.0-ultra-generate-001": ["imagen-4.0-ultra-generate-001"],
    "imagen4/preview": [],
    "google/nano-banana-2": ["google/gemini-3-1-flash-image-preview"],
    "google/nano-banana-pro": ["google/gemini-3-pro-image-preview"],
}
CREATE = ("/v1/images/generations", "/images/generations")
NO_FUNDS = "You've run out of credits. Please top up your balance or update your payment method to continue"
POLICY = "The request was rejected by the safety system: it violates the content policy."


class AimlapiEmulator(Vendor):
    """AI/ML API. ``shape`` is one of its five answers, S1 to S5; ``legacy`` refuses as it did until 2025.

    Steps beside those of every vendor: billing.
    """

    shape = "S1"
    legacy = False
    balance = 10.07

    @property
    def base_url(self) -> str:
        """What AIMLAPI_BASE_URL is set to."""
        return self.server.origin

    def environment(self) -> str:
        """The lines that point a studio here."""
        return f"AIMLAPI_API_KEY=emulated AIMLAPI_BASE_URL={self.base_url}"

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        return self.envelope(status, "no")

    def envelope(self, status: int, message: object, *, kind: str = "", name: str = "HttpException") -> dict[str, Any]:
        """A refusal in the envelope of the time."""
        stamp = {"requestId": "hRNOI9BMsuLeZ76UNdGhS", "timestamp": "2026-04-14T09:46:33.609Z", "message": message}
        if self.legacy:
            return {**stamp, "statusCode": status, "path": CREATE[0]}
        error = {"name": name, "message": message, "data": {"kind": kind} if kind else {}}
        return {**stamp, "title": name, "status": status, "instance": f"{CREATE[0]}?", "error": error}

    def refusing(self, status: int, message: object, **words: str) -> faults.Fault:
        """Refuse with this message, having done nothing."""
        return faults.answering(status, self.envelope(status, message, **words))

    def no_funds(self) -> faults.Fault:
        """The account is empty."""
        return self.refusing(403, NO_FUNDS, kind="err_insufficent_credits", name="OutOfFundsException")

    def step(self, request: Request) -> tuple[str, faults.Proceed]:
        path = request.path.rstrip("/")
        if path in {"/v1/models", "/models"}:
            return "models", self._list
        if refusal := self._refused_key(request):
            return "refused", lambda: refusal
        if path == "/v2/billing":
            return "billing", lambda: json_reply({"current_balance": self.balance, "currency": "USD"})
        if path in CREATE and request.method == "POST":
            return "submit", lambda: self._submit(request.json())
        return "unknown", lambda: json_reply(self.envelope(404, f"Cannot {request.method} {path}"), 404)

    def _refused_key(self, request: Request) -> Reply | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key or (self.key and key != self.key):
            return json_reply(self.envelope(401, "This request requires a valid API key."), 401)
        return None

    def _list(self) -> Reply:
        rows = [
            {"id": name, "aliases": aliases, "type": "openai/image-generations"} for name, aliases in MODELS.items()
        ]
        return json_reply({"object": "list", "data": rows})

    def _submit(self, body: Any) -> Reply:
        if problem := _problem(body):
            return json_reply(self.envelope(400, problem, name="BadRequestException"), 400)
        model, count = body["model"], body.get("num_images", 1)
        credit = count * next((price for tier, price in CREDITS.items() if tier in model), USUAL_CREDITS)
        self.pay(body["prompt"], model, body)
        answer = self._answer(body, count, credit)
        headers = {"x_inference_id": "1", "x_aimlapi_credits_used": str(credit)}
        return self.painted(json_reply(answer, 200, **headers))

    def _answer(self, body: dict[str, Any], count: int, credit: int) -> dict[str, Any]:
        usage = {"tokens_used": credit} if self.shape == "S2" else {"credits_used": credit, "usd_spent": credit / 2e6}
        data = [self._item(body) for _ in range(count)]
        match self.shape:
            case "S3":
                return {"data": data}
            case "S4":
                return {"images": data, "seed": body.get("seed", 3360388064)}
            case "S5":
                return {"data": data, "meta": {"usage": usage}, "model": body["model"], "created": time.time() * 1000}
        return {"data": data, "meta": {"usage": usage}}

    def _item(self, body: dict[str, Any]) -> dict[str, Any]:
        size = SIZES[body.get("aspect_ratio", "1:1")]
        if self.shape == "S3":
            return {"mime_type": "image/png", "b64_json": self.inline(size)}
        url = self.server.origin + self.link(size)
        match self.shape:
            case "S2":
                return {"mime_type": "image/png", "url": url, "prompt": f"{body['prompt']}, in evening light"}
            case "S4":
                return {"url": url, "content_type": "image/png", "file_name": "output.png", "file_size": 1665805}
        return {"mime_type": "image/png", "b64_json": None, "url": url}


def _problem(body: Any) -> str | list[str]:
    """What the validation says; nothing when the body is as documented."""
    if not isinstance(body, dict) or not body.get("prompt"):
        return ["prompt: Required"]
    known = [*MODELS, *(alias for aliases in MODELS.values() for alias in aliases)]
    if (model := body.get("model")) not in known:
        return f"Invalid enum value. Expected {' | '.join(map(repr, MODELS))}, received '{model}'"
    if body.get("aspect_ratio", "1:1") not in SIZES:
        return ["aspect_ratio: Invalid enum value"]
    most = 1 if model in SINGLE else 4
    return [] if body.get("num_images", 1) in range(1, most + 1) else ["num_images: Number must be at most 4"]
