"""What our API answers, as plain values: the serializers describe these shapes, and a test holds the two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request

from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation, Image
from generations.quotes import Quote
from generations.storage import THUMBNAIL_WIDTHS


def generation(look: Look, request: HttpRequest | Request) -> dict[str, Any]:
    """A generation as it stands now."""
    found, attempt = look.generation, look.attempt
    return {
        "id": found.pk,
        "url": request.build_absolute_uri(reverse("api:generation", args=[found.pk])),
        "status": found.status,
        "model": look.model.slug,
        "asked_model": look.asked_model,
        "allow_successor": found.allow_successor,
        "prompt": found.prompt.text,
        "negative_prompt": found.prompt.negative,
        "aspect_ratio": found.aspect_ratio,
        "resolution": found.resolution,
        "count": found.count,
        "seed": found.seed,
        "output_format": found.output_format,
        "provider": attempt.provider if attempt else None,
        "provider_model": attempt.provider_model if attempt else None,
        "parameters": attempt.parameters if attempt else [],
        "price": _price(found, len(look.images)),
        "error": _error(found),
        "images": _images(look.images, request),
        "created": found.created,
        "started": found.started,
        "finished": found.finished,
        "deadline": found.deadline,
    }


def quote(given: Quote, spendable: int) -> dict[str, Any]:
    """What a submit would do now, and what can be spent."""
    route = given.preview.route
    return {
        "id": given.id,
        "expires": given.expires,
        "model": given.model.slug,
        "asked_model": given.asked_model or None,
        "price": {"per_image": given.price, "total": given.total},
        "balance": spendable,
        "enough": given.total <= spendable,
        "provider": route.provider if route else None,
        "provider_model": route.provider_model if route else None,
        "estimated_seconds": given.seconds,
        "parameters": [asdict(parameter) for parameter in given.preview.parameters],
    }


def image(shown: Image, addresses: Addresses) -> dict[str, Any]:
    """One picture with short-lived addresses that need no headers."""
    return {
        "id": shown.pk,
        "generation": shown.generation_id,
        "position": shown.position,
        "url": addresses.of(shown, "original"),
        "thumbnails": {str(width): addresses.of(shown, f"{width}.webp") for width in THUMBNAIL_WIDTHS},
        "width": shown.width,
        "height": shown.height,
        "media_type": shown.media_type,
        "size": shown.size,
        "sha256": shown.sha256,
        "placeholder": shown.placeholder,
        "seed": shown.seed,
        "created": shown.created,
    }


def gallery_image(shown: Image, addresses: Addresses) -> dict[str, Any]:
    """A picture in a list across generations: with what it shows and which model took the order."""
    return {
        **image(shown, addresses),
        "prompt": shown.generation.prompt.text,
        "model": shown.generation.model.slug,
        "aspect_ratio": shown.generation.aspect_ratio,
    }


def _images(shown: Sequence[Image], request: HttpRequest | Request) -> list[dict[str, Any]]:
    if not shown:
        return []
    addresses = Addresses(request)
    return [image(one, addresses) for one in shown]


def _price(found: Generation, delivered: int) -> dict[str, int]:
    captured = found.price * delivered
    rest = found.total - captured
    held, released = (0, rest) if found.is_finished else (rest, 0)
    return {"per_image": found.price, "held": held, "captured": captured, "released": released}


def _error(found: Generation) -> dict[str, str] | None:
    if not (found.error_code or found.error_detail):
        return None
    return {"code": found.error_code or "partial", "detail": found.error_detail}
