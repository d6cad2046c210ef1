"""A generation as a job of Apiframe's: what its address answers, and what receivers are told. Pure."""

from __future__ import annotations

from typing import Any

from generations.dialects.moments import zulu
from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation
from generations.providers.apiframe import wire

Status = Generation.Status

# It has no event for a job that was cancelled: its receiver is told that it failed, rather than nothing.
EVENTS: dict[str, str] = {Status.CANCELLED: "failed"}


def job(look: Look, addresses: Addresses) -> dict[str, Any]:
    """The job as it stands, with what was asked for."""
    return {**listed(look, addresses), "input": asked(look)}


def listed(look: Look, addresses: Addresses) -> dict[str, Any]:
    """The job as a list has it. Pictures do not expire here, only their addresses: ask again for new ones."""
    generation = look.generation
    return {
        "id": str(generation.pk),
        "status": wire.STATUSES[generation.status],
        "model": _model(look),
        "progress": _progress(look),
        "result": _result(look, addresses),
        "error": _error(generation),
        "creditCost": _cost(look),
        "webhookStatus": _webhook_status(look),
        "createdAt": zulu(generation.created),
        "completedAt": zulu(generation.finished) if generation.finished else None,
        "expired": False,
    }


def asked(look: Look) -> dict[str, Any]:
    """What was asked for, as it was said, or as it would have been said here."""
    generation = look.generation
    if generation.source == Generation.Source.APIFRAME and generation.spoken:
        return dict(generation.spoken)
    parameters = {
        "aspect_ratio": generation.aspect_ratio,
        "image_size": generation.resolution,
        "output_format": wire.FORMATS.get(generation.output_format, generation.output_format),
    }
    return {"prompt": generation.prompt.text, "model": _model(look), "imagenParams": parameters}


def event(happened: str, look: Look, addresses: Addresses) -> dict[str, Any]:
    """What a receiver is told."""
    name, known = EVENTS.get(happened, happened), listed(look, addresses)
    told = {"event": name, "jobId": known["id"], "model": known["model"]}
    if name == "completed":
        return told | {key: known[key] for key in ("status", "progress", "result", "creditCost", "completedAt")}
    if name == "failed":
        return told | {"status": "FAILED", "error": known["error"]}
    return told | {"status": "PROCESSING", "progress": known["progress"]}


def _model(look: Look) -> str:
    generation = look.generation
    said = generation.spoken.get("model") if generation.spoken else None
    return str(said or generation.asked_model or generation.model.slug)


def _progress(look: Look) -> int:
    if look.generation.status == Status.COMPLETED:
        return 100
    return min(100 * look.delivered // look.generation.count, 99)


def _result(look: Look, addresses: Addresses) -> dict[str, Any] | None:
    if look.generation.status != Status.COMPLETED:
        return None
    return {"images": [addresses.of(image, "original") for image in look.images]}


def _error(generation: Generation) -> str | None:
    if generation.status == Status.CANCELLED:
        return "The job was cancelled."
    if generation.status != Status.FAILED:
        return None
    text = generation.error_detail or "No provider could make this picture."
    if generation.error_code == "content_policy" and not wire.POLICY.search(text):
        text = f"Content policy violation: {text}"  # all that tells clients what kind of failure it was
    return text


def _cost(look: Look) -> int:
    """What it costs: the hold while that may still change, then the pictures that were made."""
    generation = look.generation
    return look.delivered * generation.price if generation.is_finished else generation.total


def _webhook_status(look: Look) -> str | None:
    if not look.generation.webhook:
        return None
    return look.told or (None if look.generation.is_finished else "pending")
