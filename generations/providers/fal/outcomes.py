"""What a request came to, as its result's address and its webhook tell it. Pure."""

from __future__ import annotations

from typing import Any

from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation

DOCS = "https://docs.fal.ai/errors#"
CHECKER = "The content could not be processed because it contained material flagged by a content checker."


def outcome(look: Look, addresses: Addresses) -> tuple[int, dict[str, Any]]:
    """Status and body of a generation that has ended."""
    generation = look.generation
    if generation.status == Generation.Status.COMPLETED:
        return 200, output(look, addresses)
    if generation.status == Generation.Status.CANCELLED:
        return 499, {"detail": "Request was cancelled", "error_type": "client_cancelled"}
    if generation.error_code == "content_policy":
        return 422, _detail(CHECKER, "content_policy_violation", "prompt")
    if generation.error_code == "deadline":
        return 504, _detail("The request took longer than it may.", "generation_timeout")
    return 500, _detail(generation.error_detail or "No provider made a picture.", "internal_server_error")


def output(look: Look, addresses: Addresses) -> dict[str, Any]:
    """What was made, in the union of every generation of the schema."""
    files = [
        {
            "url": (url := addresses.of(image, "original")),
            "content_type": image.media_type,
            "file_name": url.rpartition("/")[2],
            "file_size": image.size,
            "width": image.width,
            "height": image.height,
        }
        for image in look.images
    ]
    seed = next((image.seed for image in look.images if image.seed is not None), look.generation.seed)
    return {"images": files, "description": ""} | ({} if seed is None else {"seed": seed})


def _detail(text: str, kind: str, field: str = "") -> dict[str, Any]:
    place = ["body", field] if field else ["body"]
    return {"detail": [{"loc": place, "msg": text, "type": kind, "url": DOCS + kind}]}
