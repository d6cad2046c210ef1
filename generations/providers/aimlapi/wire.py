"""AI/ML API's names and shapes, to and from ours. Pure.

Facts: https://docs.aimlapi.com and github.com/aimlapi/api-docs (August 2026). One address serves every model, but each
has fields of its own, and answers come in five shapes: ``data`` with addresses or base64, with a rewritten prompt, with
and without ``meta``; ``images`` as fal writes them; and an older ``output.choices``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generations.types import MAX_IMAGES, ImageRequest, Picture

CREDITS_PER_USD = 2_000_000
KIND = "openai/image-generations"  # of a model, as its list has it
ITEM_URLS = ("url", "b64_json", "image_base64", "base64")

# What a refusal for its content has been seen to say: the makers' own words come through.
CONTENT = re.compile(
    r"content.?(policy|filter|moderation)|moderation|safety (system|filter|setting)|responsible.?ai|rai.?filter"
    r"|prohibited (content|use)|nsfw|sensitive words|flagged",
    re.IGNORECASE,
)
NO_FUNDS = re.compile(r"insuff\w*.?(credit|fund|balance)|out.?of.?(credit|fund)", re.IGNORECASE)
GONE = re.compile(
    r"invalid (enum|discriminator) value|invalid option|not found|no such|does not exist|deprecated|(un|not )supported",
    re.IGNORECASE,
)
TOO_LONG = re.compile(r"prompt\b.*(at most|too long|exceed|max)|at most \d+ character", re.IGNORECASE | re.DOTALL)


class Unexpected(ValueError):
    """The answer lacks what the documentation promises."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What a model takes beside its prompt and ratio."""

    at_most: int = MAX_IMAGES  # pictures in one call
    least_seed: int | None = 1  # None: it takes no seed
    negative_prompt: bool = False
    resolution: bool = False
    linking: bool = False  # whether it can be told to answer addresses instead of base64


IMAGEN = Fields(least_seed=0, linking=True)
MODELS = {
    "google/imagen4/preview": Fields(negative_prompt=True, linking=True),  # documented in two ways: of both, what fits
    "imagen4/preview": Fields(least_seed=0),
    "google/nano-banana-2": Fields(at_most=1, least_seed=None, resolution=True),
    "google/gemini-3-1-flash-image-preview": Fields(at_most=1, least_seed=None, resolution=True),
    "google/nano-banana-pro": Fields(least_seed=None, resolution=True),
    "google/gemini-3-pro-image-preview": Fields(least_seed=None, resolution=True),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A refusal in AI/ML API's own words. ``kind`` is the name it gave, or nothing."""

    kind: str
    text: str

    @property
    def content(self) -> bool:
        """Whether the prompt, or what came of it, is refused for what it shows."""
        return bool(CONTENT.search(f"{self.kind} {self.text}"))

    @property
    def no_funds(self) -> bool:
        """Whether the account is empty."""
        return bool(NO_FUNDS.search(f"{self.kind} {self.text}"))

    @property
    def too_long(self) -> bool:
        """Whether the prompt is longer than this model reads; another may read it."""
        return bool(TOO_LONG.search(self.text))

    def disowns(self, model: str) -> bool:
        """Whether it says that there is no such model (any more)."""
        return bool(GONE.search(self.text)) and (model in self.text or "discriminator" in self.text.lower())


def fields(model: str) -> Fields:
    """The fields of a model; of one that is not known, those that all documented ones have."""
    return MODELS.get(model) or (IMAGEN if "imagen-" in model else Fields())


def submission(request: ImageRequest, first: int, count: int) -> dict[str, Any]:
    """The body that asks for ``count`` pictures of a request, from the ``first`` one on."""
    takes = fields(request.provider_model)
    body: dict[str, Any] = {
        "model": request.provider_model,
        "prompt": request.prompt,
        "aspect_ratio": request.aspect_ratio,
    }
    if takes.at_most > 1:
        body["num_images"] = count
    if takes.resolution:
        body["resolution"] = request.resolution
    if takes.linking:
        body["convert_base64_to_url"] = True
    if takes.negative_prompt and request.negative_prompt:
        body["negative_prompt"] = request.negative_prompt
    if takes.least_seed is not None and request.seed is not None and request.seed + first >= takes.least_seed:
        body["seed"] = request.seed + first
    return body


def pictures(answer: Any) -> list[Picture]:
    """The pictures of an answer of any shape. What is none is left out; ``null`` is an empty list."""
    if not isinstance(answer, dict):
        raise Unexpected("AI/ML API's answer is no object")
    output = answer.get("output")
    holders = [answer.get("data"), answer.get("images"), output.get("choices") if isinstance(output, dict) else None]
    found = next((items for items in holders if isinstance(items, list)), None)
    if found is None and "data" not in answer:
        raise Unexpected("AI/ML API's answer has no pictures")
    seed = answer.get("seed")
    seed = seed if isinstance(seed, int) and not isinstance(seed, bool) else None
    made = [_picture(item, seed) for item in found or [] if isinstance(item, dict)]
    return [picture for picture in made if picture]


def cost(answer: Any, headers: Mapping[str, str]) -> float | None:
    """What the call cost in USD: its ``meta.usage``, in any of three units, or the header that says it too."""
    meta = answer.get("meta") if isinstance(answer, dict) else None
    usage = meta.get("usage") if isinstance(meta, dict) else None
    said = usage if isinstance(usage, dict) else {}
    usd = _number(said.get("usd_spent"), headers.get("x-aimlapi-usd-spent"))
    if usd is not None:
        return usd
    credit = _number(said.get("credits_used"), said.get("tokens_used"), headers.get("x-aimlapi-credits-used"))
    return None if credit is None else credit / CREDITS_PER_USD


def trouble(answer: Any) -> Trouble | None:
    """The refusal in an answer of either envelope; ``message`` may be a list, ``error`` a text or an object."""
    if not isinstance(answer, dict):
        return None
    error = answer.get("error")
    error = error if isinstance(error, dict) else {"message": error}
    data = error.get("data")
    names = [data.get("kind") if isinstance(data, dict) else None, error.get("code"), error.get("type")]
    kind = " ".join(name for name in [*names, error.get("name")] if isinstance(name, str))
    texts = (_text(answer.get("message")), _text(error.get("message")), _text(answer.get("detail")))
    text = next(filter(None, texts), "") or _text(answer.get("title"))
    return Trouble(kind, text) if kind or text else None


def models(answer: Any) -> frozenset[str]:
    """Every name in the list of models, aliases too: a model may be listed under another name than ours."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise Unexpected("AI/ML API's list of models is none")
    names: list[Any] = []
    for row in rows:
        if isinstance(row, dict):
            aliases = row.get("aliases")
            names += [row.get("id"), *(aliases if isinstance(aliases, list) else [])]
    return frozenset(name for name in names if isinstance(name, str))


def balance(answer: Any) -> tuple[float, str]:
    """What is left, and its currency."""
    amount = answer.get("current_balance") if isinstance(answer, dict) else None
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        raise Unexpected("AI/ML API named no balance")
    currency = answer.get("currency")
    return float(amount), currency if isinstance(currency, str) else "USD"


def usage(usd: float) -> dict[str, float]:
    """What an answer says that it cost."""
    return {"credits_used": round(usd * CREDITS_PER_USD), "usd_spent": round(usd, 9)}


def item(*, media_type: str, prompt: str, size: tuple[int, int], seed: int | None) -> dict[str, Any]:
    """One picture of an answer, with neither address nor base64 yet; ``prompt`` only where it was rewritten."""
    return {
        "url": None,
        "b64_json": None,
        "mime_type": media_type,
        "prompt": prompt or None,
        "revised_prompt": prompt or None,
        "width": size[0],
        "height": size[1],
        "seed": seed,
    }


def envelope(status: int, title: str, message: str, error: dict[str, Any], request: dict[str, str]) -> dict[str, Any]:
    """A refusal that clients of either envelope, and OpenAI's, find their words in.

    ``error`` has OpenAI's ``type``, ``param`` and ``code``, and the ``name`` and ``kind`` that AI/ML API has for it.
    """
    kind = error.pop("kind")
    return {
        "title": title,
        "status": status,
        "statusCode": status,
        "message": message,
        **request,
        "error": {"message": message, **error, "data": {"kind": kind}},
    }


def _picture(item: dict[str, Any], seed: int | None) -> Picture | None:
    name = next((name for name in ITEM_URLS if isinstance(item.get(name), str) and item[name]), None)
    if name is None:
        return None
    url = item[name]
    if name != "url" and not url.startswith("data:"):
        url = f"data:;base64,{url}"
    prompt = item.get("prompt") or item.get("revised_prompt")
    return Picture(url=url, seed=seed, prompt=prompt if isinstance(prompt, str) else None)


def _number(*values: Any) -> float | None:
    for value in values:
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if 0 <= number < float("inf"):
            return number
    return None


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""
