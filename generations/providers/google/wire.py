"""Google's names and shapes, to and from ours. Pure.

Two dialects: ``:generateContent`` for Gemini's image models (one picture a call), and ``:predict`` for Imagen, which
Google itself shut on 2026-08-17 and gateways still speak. Facts: ai.google.dev/api and the Vertex AI model pages.

A seed is never sent: Google takes one only for pictures without its watermark, and the watermark stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from generations.types import MAX_IMAGES, ImageRequest, Picture

VERTEX = "/publishers/"
PREDICTED = re.compile(r"imagen", re.IGNORECASE)
MODEL = re.compile(r"[A-Za-z0-9_.-]{1,100}")

# Nothing was made because of what was asked for, or of what came of it
BLOCKING = {
    "BLOCKLIST",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "RECITATION",
    "SAFETY",
    "SPII",
}

FORBIDDEN = re.compile(
    r"responsible ai|sensitive words|prohibited use|safety (filter|setting)|usage guidelines", re.IGNORECASE
)
DEPLETED = re.compile(r"credits? (are|is|have been) depleted|prepay|enable billing|billing account", re.IGNORECASE)

# Support codes of Imagen's filter: cloud.google.com/vertex-ai/generative-ai/docs/image/responsible-ai-imagen
FILTERS = {
    "a child": (58061214, 17301594),
    "a celebrity": (29310472, 15236754),
    "dangerous content": (62263041,),
    "hate": (57734940, 22137204),
    "a person or face": (39322892,),
    "personal information": (92201652,),
    "prohibited content": (89371032, 49114662, 72817394),
    "sexual content": (90789179, 63429089, 43188360),
    "toxic content": (78610348,),
    "violence": (61493863, 56562880),
}


class Unexpected(ValueError):
    """The answer lacks what the documentation promises."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a call: pictures, why others are missing, and whether their content is the reason."""

    pictures: list[Picture]
    missing: str = ""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error: the name of its status, or nothing, the text, the reasons that its details give, and a wait in s."""

    name: str
    text: str
    reasons: frozenset[str] = frozenset()
    wait: str = ""


def home(base_url: str) -> str:
    """Where the models are: an address with a path is taken as it is, one without is completed as Google has it."""
    url = urlsplit(base_url.rstrip("/"))
    if url.path:
        return base_url.rstrip("/")
    vertex = (url.hostname or "").endswith("aiplatform.googleapis.com")
    return base_url.rstrip("/") + (f"/v1{VERTEX}google" if vertex else "/v1beta")


def predicts(model: str) -> bool:
    """Whether a model is asked by ``:predict``."""
    return bool(PREDICTED.search(model))


def at_most(model: str) -> int:
    """How many pictures one call may be asked for."""
    return 1 if not predicts(model) or model.endswith("ultra-generate-preview-06-06") else MAX_IMAGES


def prediction(request: ImageRequest, count: int, *, vertex: bool) -> dict[str, Any]:
    """The body of ``:predict``. Only Vertex knows what is unwanted; ``fast`` knows no size."""
    parameters: dict[str, Any] = {
        "sampleCount": count,
        "aspectRatio": request.aspect_ratio,
        "includeRaiReason": True,
        "outputOptions": {"mimeType": "image/jpeg" if request.output_format == "jpeg" else "image/png"},
    }
    if "fast" not in request.provider_model:
        parameters["sampleImageSize"] = request.resolution
    if vertex and request.negative_prompt:
        parameters["negativePrompt"] = request.negative_prompt
    return {"instances": [{"prompt": request.prompt}], "parameters": parameters}


def content(request: ImageRequest) -> dict[str, Any]:
    """The body of ``:generateContent`` for one picture."""
    return {
        "contents": [{"role": "user", "parts": [{"text": request.prompt}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": request.aspect_ratio, "imageSize": request.resolution},
        },
    }


def predicted(answer: Any) -> Made:
    """What came of ``:predict``: no predictions at all is an answer too, of which everything was filtered."""
    if not isinstance(answer, dict):
        raise Unexpected("Google's answer is no object")
    predictions = answer.get("predictions", [])
    if not isinstance(predictions, list):
        raise Unexpected("Google's predictions are no list")
    items = [item for item in predictions if isinstance(item, dict)]
    reasons = [item["raiFilteredReason"] for item in items if isinstance(item.get("raiFilteredReason"), str)]
    pictures = [_inline(item.get("bytesBase64Encoded"), item.get("prompt")) for item in items]
    made = [picture for picture in pictures if picture]
    return Made(made, _filtered(reasons), blocked=bool(reasons))


def generated(answer: Any) -> Made:
    """What came of ``:generateContent``; thoughts on the way to the picture are none of it."""
    candidates = answer.get("candidates") if isinstance(answer, dict) else None
    if blocked := _block_reason(answer):
        return Made([], f"Google refuses the prompt: {blocked}", blocked=True)
    if not isinstance(candidates, list):
        raise Unexpected("Google's answer has no candidates")
    pictures: list[Picture] = []
    ends: list[str] = []
    for candidate in candidates:
        if isinstance(candidate, dict):
            pictures += _parts(candidate)
            ends.append(_word(candidate.get("finishReason")))
    why = next((end for end in ends if end in BLOCKING), "") or next(filter(None, ends), "NO_IMAGE")
    return Made(pictures, "" if pictures else f"Google made no picture: {why}", blocked=why in BLOCKING)


def trouble(answer: Any) -> Trouble | None:
    """The error in an answer: Google's object, alone or in a list, or a gateway's with its fields on top."""
    if isinstance(answer, list):
        answer = answer[0] if answer else None
    if not isinstance(answer, dict):
        return None
    error = answer.get("error")
    error = error if isinstance(error, dict) else answer
    name, text = _word(error.get("status")), error.get("message")
    text = text if isinstance(text, str) else ""
    details = error.get("details")
    details = [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []
    reasons = frozenset(filter(None, (_word(detail.get("reason")) for detail in details)))
    waits = [detail["retryDelay"] for detail in details if isinstance(detail.get("retryDelay"), str)]
    return Trouble(name, text, reasons, waits[0].removesuffix("s") if waits else "") if name or text else None


def forbids(trouble: Trouble) -> bool:
    """Whether an error is about what the prompt asks to see."""
    return bool(FORBIDDEN.search(trouble.text))


def depleted(trouble: Trouble) -> bool:
    """Whether an error is about money, though it is called something else."""
    return bool(DEPLETED.search(trouble.text))


def models(answer: Any) -> tuple[list[str], str]:
    """The ids on one page of the list of models, and the token of the next page, or nothing."""
    rows = answer.get("models", answer.get("publisherModels", [])) if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise Unexpected("Google's list of models is none")
    names = [row.get("name") for row in rows if isinstance(row, dict)]
    token = answer.get("nextPageToken")
    ids = [name.rpartition("models/")[2] for name in names if isinstance(name, str)]
    return ids, token if isinstance(token, str) else ""


def _parts(candidate: dict[str, Any]) -> Iterable[Picture]:
    inside = candidate.get("content")
    parts = inside.get("parts") if isinstance(inside, dict) else None
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and not part.get("thought"):
            data = part.get("inlineData") or part.get("inline_data")
            picture = _inline(data.get("data"), None) if isinstance(data, dict) else None
            if picture:
                yield picture


def _inline(base64: Any, prompt: Any) -> Picture | None:
    if not isinstance(base64, str) or not base64:
        return None
    return Picture(url=f"data:;base64,{base64}", prompt=prompt if isinstance(prompt, str) and prompt else None)


def _block_reason(answer: Any) -> str:
    feedback = answer.get("promptFeedback") if isinstance(answer, dict) else None
    return _word(feedback.get("blockReason")) if isinstance(feedback, dict) else ""


def _filtered(reasons: list[str]) -> str:
    """Why Imagen's filter took pictures away, in words where the support codes are known."""
    if not reasons:
        return ""
    codes = {int(code) for reason in reasons for code in re.findall(r"\b\d{8}\b", reason)}
    names = [name for name, known in FILTERS.items() if codes & set(known)]
    return f"Google's filter found {', '.join(names)}." if names else reasons[0]


def _word(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{1,80}", value) else ""
