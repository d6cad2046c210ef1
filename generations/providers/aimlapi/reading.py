"""What a request for pictures says, in AI/ML API's words, OpenAI's or fal's, read into ours. Pure.

The same address takes all of them: what is not named here is ignored, null is as good as absent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from generations.providers.openai import wire
from generations.types import MAX_IMAGES, MAX_SEED, PIXEL_SIZES

RESOLUTIONS = ("1K", "2K")
LONGEST_SHOWN = 80  # characters of what was received
FORMATS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"}


class Unreadable(ValueError):
    """A field's value is not what it should be; ``text`` says what was expected."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: ``wishes`` are an order's, ``fields`` the names that they came under, ``model`` may be missing."""

    model: str
    wishes: dict[str, Any]
    fields: dict[str, str]
    inline: bool  # base64 instead of addresses


def read(body: Mapping[str, Any]) -> Asked:
    """A body; raises ``Unreadable`` for what is none."""
    said = {name: value for name, value in body.items() if value is not None}
    _refuse_streams(said)
    if "prompt" not in said:
        raise Unreadable("prompt", "required.")
    ratio, resolution = _shape(said)
    count = "num_images" if "num_images" in said else "n"
    model = _text(said, "model")
    if not model.isprintable():
        raise _unexpected("model", "a model's name", model)
    wishes = {
        "prompt": _text(said, "prompt"),
        "negative_prompt": _text(said, "negative_prompt"),
        "aspect_ratio": ratio,
        "resolution": resolution,
        "count": _whole(said, count, 1, MAX_IMAGES) or 1,
        "seed": _whole(said, "seed", 0, MAX_SEED),
        "output_format": FORMATS[_one_of(said, "output_format", FORMATS) or "png"],
    }
    fields = {"count": count, "aspect_ratio": "aspect_ratio" if "aspect_ratio" in said else "size"}
    return Asked(model, wishes, fields, _inline(said, model))


def _refuse_streams(said: Mapping[str, Any]) -> None:
    if said.get("stream", False) is not False:
        raise Unreadable("stream", "pictures are not streamed here; leave it out or send false.")
    if said.get("partial_images", 0) != 0:
        raise Unreadable("partial_images", "there are no partial pictures here; leave it out or send 0.")


def _shape(said: Mapping[str, Any]) -> tuple[str, str]:
    """The ratio and the resolution: as they were named, else as the size in pixels has them."""
    size = _text(said, "size")
    fitting = wire.shape(size)
    if fitting is None:
        raise _unexpected("size", "auto or WIDTHxHEIGHT", size)
    ratio = _one_of(said, "aspect_ratio", PIXEL_SIZES) or fitting[0]
    named = "resolution" if "resolution" in said else "image_size"
    resolution = _one_of(said, named, RESOLUTIONS, str.upper) or fitting[1]
    return ratio, resolution


def _inline(said: Mapping[str, Any], model: str) -> bool:
    form = _one_of(said, "response_format", ("url", "b64_json"))
    if form:
        return form == "b64_json"
    linked = said.get("convert_base64_to_url")
    if linked is None:
        return wire.answers_inline(model)
    if not isinstance(linked, bool):
        raise _unexpected("convert_base64_to_url", "a boolean", linked)
    return not linked


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise _unexpected(name, "a string", value)
    return value


def _one_of(said: Mapping[str, Any], name: str, options: Collection[str], spelt: Any = str) -> str:
    value = said.get(name, "")
    if value == "":
        return ""
    if not isinstance(value, str) or spelt(value) not in options:
        raise _unexpected(name, " | ".join(f"'{option}'" for option in options), value)
    return str(spelt(value))


def _whole(said: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    """A whole number, which JavaScript and others may write as 2.0."""
    value = said.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most or value != int(value):
        raise _unexpected(name, f"an integer from {least} to {most}", value)
    return int(value)


def _unexpected(name: str, expected: str, value: object) -> Unreadable:
    received = json.dumps(value)
    received = received if len(received) <= LONGEST_SHOWN else f"{received[:LONGEST_SHOWN]}…"
    return Unreadable(name, f"expected {expected}, received {received}.")
