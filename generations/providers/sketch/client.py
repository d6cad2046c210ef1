"""The embedded provider: draws at once, by arithmetic, with no key and no network."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from generations.providers.base import Provider
from generations.providers.sketch.renderer import render
from generations.types import MAX_SEED, Finished, ImageRequest, Picture, Submission


def build(config: dict[str, Any]) -> SketchProvider:
    """The provider; there is nothing to configure."""
    return SketchProvider()


class SketchProvider(Provider):
    """Draws image n of a request with seed + n, so that each can be drawn again alone."""

    name = "sketch"
    repeatable = True
    draws = True
    trained = False
    call_limit = dt.timedelta(seconds=10)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        """All pictures, each drawn when it is taken, so that the first is there before the last is begun."""
        return Finished([_picture(request, number) for number in range(request.count)], cost_usd=0.0)

    def cancel(self, job: str) -> None:
        """Nothing to stop."""


def _picture(request: ImageRequest, number: int) -> Picture:
    width, height = request.size
    seed = ((request.seed or 0) + number) % (MAX_SEED + 1)
    draw = partial(
        render,
        request.prompt,
        negative_prompt=request.negative_prompt,
        width=width,
        height=height,
        seed=seed,
        output_format=request.output_format,
    )
    return Picture(draw=draw, seed=seed)
