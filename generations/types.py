"""The words that submission, routing and every provider share: plain values, no Django, no network."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

AspectRatio = Literal["1:1", "3:4", "4:3", "9:16", "16:9"]
Resolution = Literal["1K", "2K"]
OutputFormat = Literal["png", "jpeg", "webp"]
Verdict = Literal["sent", "adjusted", "ignored"]

# Imagen 4's own sizes (Vertex AI model pages); 2K is exactly twice 1K. 16:9 really is 1.833.
PIXEL_SIZES: dict[str, dict[str, tuple[int, int]]] = {
    "1:1": {"1K": (1024, 1024), "2K": (2048, 2048)},
    "3:4": {"1K": (896, 1280), "2K": (1792, 2560)},
    "4:3": {"1K": (1280, 896), "2K": (2560, 1792)},
    "9:16": {"1K": (768, 1408), "2K": (1536, 2816)},
    "16:9": {"1K": (1408, 768), "2K": (2816, 1536)},
}

MAX_PROMPT_LENGTH = 4000
MAX_IMAGES = 4
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What a provider is asked for: one to four pictures of one prompt."""

    provider_model: str
    prompt: str
    negative_prompt: str = ""
    aspect_ratio: str = "1:1"
    resolution: str = "1K"
    count: int = 1
    seed: int | None = None
    output_format: str = "png"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels that the ratio and resolution stand for."""
        return PIXEL_SIZES[self.aspect_ratio][self.resolution]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture a provider made: its bytes, the address where they are, or how they are made when they are wanted."""

    content: bytes | None = None
    url: str | None = None
    draw: Callable[[], bytes] | None = None
    seed: int | None = None
    prompt: str | None = None  # as the provider rewrote it


@dataclass(frozen=True, slots=True)
class Finished:
    """The provider's work is over. ``pictures`` may be fewer than were asked for."""

    pictures: list[Picture]
    cost_usd: float | None = None
    withheld: str | None = None  # why the missing pictures are missing


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the job and will be asked again by its id."""

    job: str
    look_again: dt.timedelta = field(default=dt.timedelta(seconds=1))


Submission = Finished | Accepted


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left in our account at a vendor, in the vendor's own unit: ``USD`` or ``credits``."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What became of one thing the user asked for on the way to one route."""

    name: str
    asked: str | int
    verdict: Verdict
    sent: str | int | None = None
    reason: str = ""
