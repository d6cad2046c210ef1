"""Google: ``:generateContent`` and ``:predict``, at the paths of the Developer API and of Vertex express."""

from __future__ import annotations

import re
from typing import Any

from tests.emulators import faults
from tests.emulators.server import Reply, Request, json_reply
from tests.emulators.vendor import SIZES, Vendor

CALL = re.compile(r"/(v1|v1beta|v1beta1)(?P<vertex>/publishers/google)?/models/(?P<model>[^/:]+):(?P<act>\w+)")
LIST = re.compile(r"/(v1|v1beta|v1beta1)(/publishers/google)?/models")
GEMINI = {"gemini-3.1-flash-image", "gemini-3-pro-image"}
IMAGEN = {f"imagen-4.0-{tier}generate-001" for tier in ("", "fast-", "ultra-")}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
RAI = "Unable to show generated images. All images were filtered out because they violated Google's Responsible AI \
practices. Support codes: {code}"


class GoogleEmulator(Vendor):
    """Google's models. Imagen answers while ``imagen`` is true, as behind a gateway; ``page`` is a list's length."""

    imagen = True
    page = 1000

    @property
    def base_url(self) -> str:
        """What GOOGLE_BASE_URL is set to."""
        return self.server.origin

    def environment(self) -> str:
        """The lines that point a studio here."""
        return f"GOOGLE_API_KEY=emulated GOOGLE_BASE_URL={self.base_url}"

    def refusal(self, status: int) -> object:
        """The body of a refusal that says nothing more than its status."""
        return self.error(status, "no")

    def error(self, status: int, message: str, *details: dict[str, Any], name: str = "") -> dict[str, Any]:
        """Google's error."""
        error = {"code": status, "message": message, "status": name or STATUSES.get(status, "UNKNOWN")}
        return {"error": error | ({"details": list(details)} if details else {})}

    def refusing(self, status: int, message: str, *details: dict[str, Any], name: str = "") -> faults.Fault:
        """Refuse with this error, having done nothing."""
        return faults.answering(status, self.error(status, message, *details, name=name))

    def no_funds(self) -> faults.Fault:
        """The account is empty."""
        return self.refusing(429, "Your prepayment credits are depleted.")

    def blocked(self, reason: str = "PROHIBITED_CONTENT") -> faults.Fault:
        """The prompt is refused."""
        return faults.answering(200, {"promptFeedback": {"blockReason": reason}, "usageMetadata": {}})

    def ended(self, reason: str = "IMAGE_SAFETY") -> faults.Fault:
        """The picture is refused, or there is none."""
        return faults.answering(200, {"candidates": [{"content": {"parts": []}, "finishReason": reason, "index": 0}]})

    def filtered(self, code: int = 58061214) -> faults.Fault:
        """Imagen's filter takes every picture."""
        return faults.answering(200, {"predictions": [{"raiFilteredReason": RAI.format(code=code)}]})

    def step(self, request: Request) -> tuple[str, faults.Proceed]:
        key = request.headers.get("x-goog-api-key", "")
        if not key or (self.key and key != self.key):
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            refused = json_reply(self.error(400, "API key not valid. Please pass a valid API key.", info), 400)
            return "refused", lambda: refused
        if LIST.fullmatch(request.path):
            return "models", lambda: self._list(request.query.get("pageToken", ""))
        if call := CALL.fullmatch(request.path):
            return "submit", lambda: self._submit(call, request.json())
        return "unknown", lambda: json_reply(self.error(404, "Not found"), 404)

    def _list(self, token: str) -> Reply:
        names = sorted(GEMINI | (IMAGEN if self.imagen else set()))
        first = int(token or 0)
        rows = [{"name": f"models/{name}", "version": "1"} for name in names[first : first + self.page]]
        following = {"nextPageToken": str(first + self.page)} if first + self.page < len(names) else {}
        return json_reply({"models": rows, **following})

    def _submit(self, call: re.Match[str], body: Any) -> Reply:
        model, act = call["model"], call["act"]
        if model in GEMINI and act == "generateContent":
            return self._generate(model, body)
        if model in IMAGEN and act == "predict" and self.imagen:
            return self._predict(model, body, vertex=bool(call["vertex"]))
        message = f"models/{model} is not found for API version v1beta, or is not supported for {act}."
        return json_reply(self.error(404, message), 404)

    def _generate(self, model: str, body: dict[str, Any]) -> Reply:
        prompt = body["contents"][0]["parts"][0]["text"]
        config = body["generationConfig"]
        if config["responseModalities"] != ["IMAGE"] or set(config) - {"responseModalities", "imageConfig"}:
            return json_reply(self.error(400, "Unknown name"), 400)
        self.pay(prompt, model, body)
        picture = {"mimeType": "image/png", "data": self.inline(_size(config["imageConfig"]))}
        parts = [
            {"text": "Here it is."},
            {"inlineData": {"data": "dGhvdWdodA=="}, "thought": True},
            {"inlineData": picture},
        ]
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": 9, "candidatesTokenCount": 1120, "totalTokenCount": 1129}
        return self.painted(json_reply({"candidates": [candidate], "usageMetadata": usage}))

    def _predict(self, model: str, body: dict[str, Any], *, vertex: bool) -> Reply:
        parameters = body["parameters"]
        if not vertex and {"negativePrompt", "seed", "addWatermark"} & set(parameters):
            return json_reply(self.error(400, "negativePrompt is not supported"), 400)
        self.pay(body["instances"][0]["prompt"], model, body)
        count = parameters.get("sampleCount", 4)
        size = SIZES[parameters.get("aspectRatio", "1:1")]
        items = [{"mimeType": "image/png", "bytesBase64Encoded": self.inline(size)} for _ in range(count)]
        return self.painted(json_reply({"predictions": items}))


def _size(config: dict[str, str]) -> tuple[int, int]:
    width, height = SIZES[config["aspectRatio"]]
    return (2 * width, 2 * height) if config["imageSize"] == "2K" else (width, height)
