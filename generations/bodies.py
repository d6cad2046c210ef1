"""What our API answers, as plain values: the serializers describe these shapes, and a test holds the two together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request

from generations import downloads, events, records, sharing
from generations.looking import Look
from generations.media import Addresses
from generations.models import (
    Album,
    Comparison,
    Delivery,
    Endpoint,
    Event,
    Export,
    Generation,
    Image,
    Preset,
    Prompt,
    Report,
    SavedSearch,
    Share,
)
from generations.quotes import Quote
from generations.storage import SOURCE_TYPES, THUMBNAIL_WIDTHS
from generations.webhooks import kind

Where = HttpRequest | Request | str  # what came to the studio's address, or that address


def generation(look: Look, where: Where) -> dict[str, Any]:
    """A generation as it stands now."""
    found, attempt = look.generation, look.attempt
    return {
        "id": found.pk,
        "url": absolute(reverse("api:generation", args=[found.pk]), where),
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
        "price": _price(found, look.delivered),
        "error": _error(found),
        "images": _images(look.images, where),
        "created": found.created,
        "started": found.started,
        "finished": found.finished,
        "deadline": found.deadline,
    }


def comparison(found: Comparison, where: Where) -> dict[str, Any]:
    """Generations that were ordered together, and what was picked of them."""
    generations = found.generations.all()
    return {
        "id": found.pk,
        "url": absolute(reverse("api:comparison", args=[found.pk]), where),
        "total": sum(one.total for one in generations),
        "winner": found.winner_id,
        "generations": [generation(Look.at(one), where) for one in generations],
        "created": found.created,
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
        "thumbnails": _thumbnails(shown, addresses.of),
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
    """One's own picture in a list across generations: how it was made, and where it was put."""
    return {
        **image(shown, addresses),
        "prompt": shown.generation.prompt.text,
        "model": shown.generation.model.slug,
        "provider": shown.provider,
        "aspect_ratio": shown.aspect_ratio,
        "starred": shown.starred,
        "visibility": shown.visibility,
        "trashed_at": shown.trashed_at,
        "version": shown.version,
    }


def absolute(path: str, where: Where) -> str:
    """A path of ours with scheme and host."""
    return where.rstrip("/") + path if isinstance(where, str) else where.build_absolute_uri(path)


def album(shown: Album, cover: Image | None, addresses: Addresses) -> dict[str, Any]:
    """One's own album, as ``albums.of`` gave it."""
    return {
        "id": shown.pk,
        "name": shown.name,
        "description": shown.description,
        "images": getattr(shown, "images", 0),
        "cover": _cover(cover, addresses) if cover else None,
        "created": shown.created,
        "version": shown.version,
    }


def share(shown: Share, request: HttpRequest | Request) -> dict[str, Any]:
    """One's own share."""
    return {
        "id": shown.pk,
        "url": request.build_absolute_uri(reverse("shared", args=[sharing.token_of(shown)])),
        "image": shown.image_id,
        "album": shown.album_id,
        "with_prompt": shown.with_prompt,
        "expires_at": shown.expires_at,
        "views": shown.views,
        "created": shown.created,
    }


def public_image(shown: Image, address: Callable[[Image, str], str], *, with_prompt: bool) -> dict[str, Any]:
    """A picture for those whose it is not: nothing says who made it, or what else they made."""
    return {
        "id": shown.pk,
        "url": address(shown, "original"),
        "thumbnails": _thumbnails(shown, address),
        "width": shown.width,
        "height": shown.height,
        "media_type": shown.media_type,
        "placeholder": shown.placeholder,
        "prompt": shown.generation.prompt.text if with_prompt else None,
        "model": shown.generation.model.slug,
        "aspect_ratio": shown.aspect_ratio,
        "digital_source_type": SOURCE_TYPES[records.is_trained(shown)],
    }


def explored_image(shown: Image, addresses: Addresses) -> dict[str, Any]:
    """A published picture."""
    return {**public_image(shown, addresses.of, with_prompt=True), "published_at": shown.published_at}


def report(given: Report) -> dict[str, Any]:
    """One's own report."""
    return {
        "id": given.pk,
        "image": given.image_id,
        "reason": given.reason,
        "note": given.note,
        "created": given.created,
        "resolved_at": given.resolved_at,
        "decision": given.decision or None,
    }


def _thumbnails(shown: Image, address: Callable[[Image, str], str]) -> dict[str, str]:
    return {str(width): address(shown, f"{width}.webp") for width in THUMBNAIL_WIDTHS}


def _cover(shown: Image, addresses: Addresses) -> dict[str, Any]:
    return {
        "id": shown.pk,
        "thumbnails": _thumbnails(shown, addresses.of),
        "width": shown.width,
        "height": shown.height,
        "placeholder": shown.placeholder,
    }


def _images(shown: Sequence[Image], where: Where) -> list[dict[str, Any]]:
    if not shown:
        return []
    addresses = Addresses(where)
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


def prompt(shown: Prompt) -> dict[str, Any]:
    """A text of the history."""
    return {
        "id": shown.pk,
        "prompt": shown.text,
        "negative_prompt": shown.negative,
        "starred": shown.starred,
        "created": shown.created,
        "last_used": shown.last_used,
    }


def prompt_with_order(shown: Prompt, last: Generation | None) -> dict[str, Any]:
    """The same with how it was used last."""
    names = ("aspect_ratio", "resolution", "count", "seed", "output_format")
    order = {"model": last.model.slug} | {name: getattr(last, name) for name in names} if last else None
    return {**prompt(shown), "last_order": order}


def preset(shown: Preset) -> dict[str, Any]:
    """What is ordered under a name."""
    names = ("id", "name", "prompt", "negative_prompt", "parameters", "version", "created")
    return {name: getattr(shown, name) for name in names}


def saved_search(shown: SavedSearch) -> dict[str, Any]:
    """What is looked for under a name."""
    names = ("id", "name", "filter", "sort", "version", "created")
    return {name: getattr(shown, name) for name in names}


def export(shown: Export, where: Where) -> dict[str, Any]:
    """An archive, and where it is for a while once it is ready."""
    ready = shown.status == Export.Status.READY
    return {
        "id": shown.pk,
        "what": "account" if shown.whole else "images",
        "status": shown.status,
        "done": shown.done,
        "total": shown.total,
        "size": shown.size,
        "url": absolute(downloads.path(shown), where) if ready else None,
        "error": shown.error or None,
        "created": shown.created,
        "finished": shown.finished,
        "expires": shown.expires,
    }


def event(shown: Event) -> dict[str, Any]:
    """Something that happened to a generation."""
    return {**events.message(shown), "created": shown.created}


def endpoint(shown: Endpoint) -> dict[str, Any]:
    """A receiver of webhooks, without its secret."""
    return {
        "id": shown.pk,
        "url": shown.url,
        "description": shown.description,
        "events": shown.events,
        "enabled": not shown.disabled,
        "disabled": shown.disabled or None,
        "version": shown.version,
        "created": shown.created,
    }


def delivery(shown: Delivery) -> dict[str, Any]:
    """A message to an endpoint."""
    return {
        "id": shown.pk,
        "webhook_id": f"msg_{shown.pk.hex}",
        "type": kind(shown.event),
        "generation": shown.generation_id,
        "state": shown.state,
        "tries": shown.tries,
        "status": shown.status,
        "error": shown.error,
        "next_try": shown.next_try_at if shown.state == Delivery.State.PENDING else None,
        "created": shown.created,
        "finished": shown.finished,
    }


def delivery_with_log(shown: Delivery) -> dict[str, Any]:
    """The same with every try."""
    return {
        **delivery(shown),
        "log": [
            {
                "number": one.number,
                "status": one.status,
                "error": one.error,
                "answer": one.answer,
                "seconds": round(one.seconds, 3),
                "created": one.created,
            }
            for one in shown.log.all()
        ],
    }
