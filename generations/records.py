"""The record of an image: everything that is known of how it came to be."""

from __future__ import annotations

from typing import Any

from generations.models import Image
from generations.storage import SOURCE_TYPES


def record(image: Image) -> dict[str, Any]:
    """Plain values, ready for JSON."""
    generation, attempt = image.generation, image.attempt
    maker, asked = generation.maker(attempt), generation.asked_model or generation.model.slug
    return {
        "image": str(image.pk),
        "generation": str(generation.pk),
        "position": image.position,
        "request": {
            "model": asked,
            "prompt": generation.prompt.text,
            "negative_prompt": generation.prompt.negative,
            "aspect_ratio": generation.aspect_ratio,
            "resolution": generation.resolution,
            "count": generation.count,
            "seed": generation.seed,
            "output_format": generation.output_format,
        },
        "effective_prompt": image.effective_prompt or generation.prompt.text,
        "seed": {"asked": generation.seed, "sent": attempt.seed, "returned": image.seed},
        "model": {"asked": asked, "made_by": maker.slug, "answered": attempt.provider_model},
        "provider": {"name": attempt.provider, "job": attempt.job, "attempt": attempt.number},
        "parameters": attempt.parameters,
        "price": {"credits": 0 if image.late else generation.price, "cost_usd": _share(image)},
        "file": {
            "sha256": image.sha256,
            "media_type": image.media_type,
            "bytes": image.size,
            "width": image.width,
            "height": image.height,
            "digital_source_type": SOURCE_TYPES[is_trained(image)],
        },
        "times": {
            "submitted": generation.created,
            "started": generation.started,
            "sent": attempt.sent,
            "accepted": attempt.accepted,
            "ready": attempt.ready,
            "stored": image.created,
        },
    }


def is_trained(image: Image) -> bool:
    """Whether a trained model made it, and not arithmetic."""
    return image.provider != "sketch"


def _share(image: Image) -> str | None:
    """The image's part of what the provider charged for the attempt."""
    if image.attempt.cost_usd is None:
        return None
    return str(round(image.attempt.cost_usd / max(1, image.attempt.images.count()), 5))
