"""The answer with the pictures: what OpenAI has in it and what AI/ML API has in it, and by whom they were made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from generations.looking import Look
from generations.media import Addresses
from generations.models import Image
from generations.providers.aimlapi import wire


def answer(look: Look, usage: dict[str, float]) -> dict[str, Any]:
    """All but where the pictures are."""
    found, first, attempt = look.generation, look.images[0], look.attempt
    spoken = found.spoken or {}
    made = {
        "id": str(found.pk),
        "model": look.model.slug,
        "provider": attempt.provider if attempt else None,
        "provider_model": attempt.provider_model if attempt else None,
    }
    warnings = [*spoken.get("warnings", []), *filter(None, [found.error_detail])]
    return {
        "created": int((found.finished or timezone.now()).timestamp()),
        "data": [_item(image) for image in look.images],
        "meta": {"usage": usage, "generation": made},
        "model": spoken.get("model", look.model.slug),
        "seed": first.seed,
        "size": f"{first.width}x{first.height}",
        "output_format": first.media_type.removeprefix("image/"),
    } | ({"warnings": warnings} if warnings else {})


def with_addresses(body: dict[str, Any], images: Sequence[Image], addresses: Addresses) -> dict[str, Any]:
    """The answer with short-lived addresses that need no headers."""
    pairs = zip(body["data"], images, strict=True)
    return {**body, "data": [{**item, "url": addresses.of(image, "original")} for item, image in pairs]}


def with_pictures(body: dict[str, Any], images: Sequence[Image]) -> dict[str, Any]:
    """The answer with the pictures themselves, for an ``InlineResponse``."""
    pairs = zip(body["data"], images, strict=True)
    return {**body, "data": [{**item, "b64_json": image} for item, image in pairs]}


def _item(image: Image) -> dict[str, Any]:
    size = image.width, image.height
    return wire.item(media_type=image.media_type, prompt=image.effective_prompt, size=size, seed=image.seed)
