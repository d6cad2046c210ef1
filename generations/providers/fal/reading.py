"""What a request's input asks for, checked as fal's own applications check it: with pydantic's words. Pure.

The fields are the union of all that the Imagen endpoints have had; what is not one of them is ignored, as fal does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from generations.types import MAX_IMAGES, MAX_PROMPT_LENGTH, MAX_SEED, AspectRatio, OutputFormat, Resolution

DIGITS = 18  # of a number in a string; the limits are far below
TOLERANCES = ("1", "2", "3", "4", "5", "6")
TRUE = {"1", "on", "t", "true", "y", "yes"}
FALSE = {"0", "off", "f", "false", "n", "no"}


class Wrong(Exception):
    """A value that cannot be, with pydantic's type and text and what they speak of."""

    def __init__(self, kind: str, text: str, **context: Any) -> None:
        super().__init__(text)
        self.kind = kind
        self.context = context


class Invalid(Exception):
    """The input cannot be taken; ``details`` is the list that a 422 has."""

    def __init__(self, details: list[dict[str, Any]]) -> None:
        super().__init__(", ".join(detail["type"] for detail in details))
        self.details = details


@dataclass(frozen=True, slots=True)
class Input:
    """An input, in fal's words."""

    prompt: str
    negative_prompt: str = ""
    aspect_ratio: str = "1:1"
    num_images: int = 1
    seed: int | None = None
    resolution: str = "1K"
    output_format: str = "png"
    safety_tolerance: str = "4"
    sync_mode: bool = False


def read(body: Mapping[str, Any]) -> Input:
    """The input in a body; raises ``Invalid`` with everything that is wrong with it."""
    values: dict[str, Any] = {}
    details = [] if "prompt" in body else [detail(("body", "prompt"), Wrong("missing", "Field required"))]
    for name, check in FIELDS.items():
        if name in body:
            try:
                values[name] = check(body[name])
            except Wrong as wrong:
                details.append(detail(("body", name), wrong))
    if details:
        raise Invalid(details)
    return Input(**values)


def whole(value: Any, least: int, most: int) -> int:
    """A whole number within limits; as pydantic does, one in a string too."""
    number = _number(value)
    if number < least:
        raise Wrong("greater_than_equal", f"Input should be greater than or equal to {least}", ge=least)
    if number > most:
        raise Wrong("less_than_equal", f"Input should be less than or equal to {most}", le=most)
    return number


def detail(place: tuple[str, ...], wrong: Wrong) -> dict[str, Any]:
    """One entry of a 422's list. What was sent is not repeated in it: it may be a whole prompt."""
    said: dict[str, Any] = {"loc": list(place), "msg": str(wrong), "type": wrong.kind}
    if wrong.context:
        said["ctx"] = wrong.context
    return {**said, "url": f"https://docs.fal.ai/errors#{wrong.kind}"}


def _number(value: Any) -> int:
    if isinstance(value, str):
        digits = value.strip()
        if not (digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) <= DIGITS):
            raise Wrong("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
        return int(digits)
    if isinstance(value, float) and not value.is_integer():
        raise Wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part")
    if not isinstance(value, int | float):
        raise Wrong("int_type", "Input should be a valid integer")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("string_type", "Input should be a valid string")
    if len(value) > MAX_PROMPT_LENGTH:
        text = f"String should have at most {MAX_PROMPT_LENGTH} characters"
        raise Wrong("string_too_long", text, max_length=MAX_PROMPT_LENGTH)
    return value


def _prompt(value: Any) -> str:
    text = _text(value)
    if not text.strip():
        raise Wrong("string_too_short", "String should have at least 1 character", min_length=1)
    return text


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    if isinstance(value, int) and value in {0, 1}:
        return bool(value)
    raise Wrong("bool_type", "Input should be a valid boolean")


def _one_of(*choices: str) -> Callable[[Any], str]:
    named = " or ".join([", ".join(repr(choice) for choice in choices[:-1]), repr(choices[-1])])

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Wrong("literal_error", f"Input should be {named}", expected=named)
        return value

    return check


def _seed(value: Any) -> int | None:
    return None if value is None else whole(value, 0, MAX_SEED)


FIELDS: dict[str, Callable[[Any], Any]] = {
    "prompt": _prompt,
    "negative_prompt": _text,
    "aspect_ratio": _one_of(*get_args(AspectRatio)),
    "num_images": lambda value: whole(value, 1, MAX_IMAGES),
    "seed": _seed,
    "resolution": _one_of(*get_args(Resolution)),
    "output_format": _one_of(*get_args(OutputFormat)),
    "safety_tolerance": _one_of(*TOLERANCES),
    "sync_mode": _flag,
}
