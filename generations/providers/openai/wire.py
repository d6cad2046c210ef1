"""The names and shapes of ``/v1/images/generations`` as OpenAI and its imitators have them, to and from ours. Pure.

Read in their sources: OpenAI (SDK 3.52), LocalAI, stable-diffusion.cpp, vLLM-Omni, SGLang (2025 and 2026). They agree
on prompt, n and size, and hardly on more; an error may be OpenAI's object, a plain text under ``error``, or FastAPI's
``detail``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from generations.types import MAX_IMAGES, MAX_SEED, PIXEL_SIZES, ImageRequest, Picture

SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})", re.ASCII)
LARGEST_1K = 1792  # the longer side of what OpenAI's own sizes ask for at most
INLINE = re.compile(r"(openai/)?(chatgpt|gpt)-image", re.IGNORECASE)  # models that never answer with addresses

PAINTS = re.compile(r"image|imagen|diffusion|flux|sd[-_.0-9x]|dall-e|sketch", re.IGNORECASE)

CONTENT = {"moderation_blocked", "content_policy_violation", "content_filter"}
NO_FUNDS = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
GONE = {"model_not_found", "model_deprecated"}


class Unexpected(ValueError):
    """The answer lacks what makes it one."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What the operator said of the server; the defaults fit most, and OpenAI itself least."""

    model: str = ""
    response_format: str = "b64_json"  # or url, or omit: OpenAI's own models answer base64 and refuse to be asked
    sizes: dict[str, str] = field(default_factory=dict)  # "16:9" or "16:9@2K" → "1536x1024"
    extra_body: dict[str, Any] = field(default_factory=dict)
    at_most: int = MAX_IMAGES  # pictures in one call
    seed: bool = True
    negative_prompt: str = "field"  # field, pipe (LocalAI: after a bar in the prompt) or none


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error in the server's own words; ``code`` is one of OpenAI's, or nothing."""

    code: str
    text: str


def submission(request: ImageRequest, habits: Habits, model: str, first: int, count: int) -> dict[str, Any]:
    """The body that asks for ``count`` pictures of a request, from the ``first`` one on."""
    body: dict[str, Any] = {"prompt": request.prompt, "n": count, "size": size(request, habits)}
    if model:
        body["model"] = model
    if habits.response_format != "omit":
        body["response_format"] = habits.response_format
    if habits.seed and request.seed is not None:
        body["seed"] = (request.seed + first) % (MAX_SEED + 1)
    if request.negative_prompt:
        _exclude(body, request.negative_prompt, habits.negative_prompt)
    return body | habits.extra_body


def size(request: ImageRequest, habits: Habits) -> str:
    """``WIDTHxHEIGHT`` of a request: the operator's, or our own."""
    ratio, width, height = request.aspect_ratio, *request.size
    return habits.sizes.get(f"{ratio}@{request.resolution}") or habits.sizes.get(ratio) or f"{width}x{height}"


def shape(size: str) -> tuple[str, str] | None:
    """The ratio and resolution that come nearest to ``WIDTHxHEIGHT``, ``auto`` or nothing; None for anything else."""
    if size in {"", "auto"}:
        return "1:1", "1K"
    match = SIZE.fullmatch(size)
    if match is None:
        return None
    width, height = int(match[1]), int(match[2])
    ratio = min(PIXEL_SIZES, key=lambda name: abs(math.log(width / height) - math.log(_proportion(name))))
    return ratio, "2K" if max(width, height) > LARGEST_1K else "1K"


def answers_inline(model: str) -> bool:
    """Whether clients of this model expect base64 unless they say otherwise."""
    return bool(INLINE.match(model))


def pictures(answer: Any, base_url: str, seed: int | None) -> list[Picture]:
    """The pictures of an answer; what is none is left out. ``seed`` is that of a picture that was asked for alone."""
    items = (answer.get("data") or answer.get("images")) if isinstance(answer, dict) else None
    if items is None and isinstance(answer, dict) and "data" in answer:
        items = []
    if not isinstance(items, list):
        raise Unexpected("the answer has no list of pictures")
    made = [_picture(item, base_url, seed) for item in items if isinstance(item, dict)]
    return [picture for picture in made if picture]


def trouble(answer: Any) -> Trouble | None:
    """The error in an answer, in any of the ways that servers have."""
    if not isinstance(answer, dict):
        return None
    error = answer.get("error")
    said = error if isinstance(error, dict) else {"message": error}
    codes = [value for value in (said.get("code"), said.get("type")) if isinstance(value, str)]
    known = CONTENT | NO_FUNDS | GONE
    code = next((value for value in codes if value in known), codes[0] if codes else "")
    texts = (_text(said.get("message")), _text(answer.get("detail")), _text(answer.get("message")))
    text = next(filter(None, texts), "")
    return Trouble(code, text) if code or text else None


def models(answer: Any) -> list[str]:
    """The ids in a list of models, in its order."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise Unexpected("the list of models is none")
    ids = [row.get("id") for row in rows if isinstance(row, dict)]
    return [name for name in ids if isinstance(name, str) and name]


def painter(names: list[str]) -> str:
    """The model to ask for where the operator named none: the only one, or the first that sounds like it paints."""
    if len(names) == 1:
        return names[0]
    return next(filter(PAINTS.search, names), "")


def _proportion(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return int(width) / int(height)


def _exclude(body: dict[str, Any], unwanted: str, way: str) -> None:
    if way == "field":
        body["negative_prompt"] = unwanted
    elif way == "pipe":
        body["prompt"] = f"{body['prompt']}|{unwanted}"


def _picture(item: dict[str, Any], base_url: str, seed: int | None) -> Picture | None:
    inside, url = item.get("b64_json"), item.get("url")
    prompt = item.get("revised_prompt")
    prompt = prompt if isinstance(prompt, str) and prompt else None
    if isinstance(inside, str) and inside:
        return Picture(url=inside if inside.startswith("data:") else f"data:;base64,{inside}", seed=seed, prompt=prompt)
    if isinstance(url, str) and url:
        return Picture(url=_absolute(url, base_url), seed=seed, prompt=prompt)
    return None


def _absolute(url: str, base_url: str) -> str:
    try:
        return urljoin(f"{base_url}/", url)
    except ValueError:  # brackets that hold no IPv6 address, and the like: whoever fetches it says so
        return url


def _text(value: Any) -> str:
    if isinstance(value, list):
        parts = [part.get("msg") if isinstance(part, dict) else part for part in value]
        return "; ".join(part for part in parts if isinstance(part, str))
    return value if isinstance(value, str) else ""
