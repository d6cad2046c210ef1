"""What a request came to, as fal's models answer it."""

from __future__ import annotations

import base64
from typing import Any

from generations import storage
from generations.looking import Look
from generations.media import Addresses
from generations.models import Image


def output(look: Look, addresses: Addresses) -> dict[str, Any]:
    """The pictures of a generation that is completed; in the answer itself, where ``sync_mode`` was asked for."""
    inline = bool((look.generation.spoken or {}).get("sync_mode"))
    return {
        "images": [_file(image, addresses, inline=inline) for image in look.images],
        "seed": next((image.seed for image in look.images if image.seed is not None), look.generation.seed),
        "description": "",
        "prompt": next((image.effective_prompt for image in look.images), "") or look.generation.prompt.text,
    }


def _file(image: Image, addresses: Addresses, *, inline: bool) -> dict[str, Any]:
    address = addresses.of(image, "original")
    return {
        "url": _data(image) if inline else address,
        "content_type": image.media_type,
        "file_name": address.rpartition("/")[2],
        "file_size": image.size,
        "width": image.width,
        "height": image.height,
    }


def _data(image: Image) -> str:
    content = storage.read(storage.original_key(image.sha256, image.media_type))
    return f"data:{image.media_type};base64,{base64.b64encode(content).decode()}"
