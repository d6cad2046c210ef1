"""What values look like in our API: its description shows orders that can be sent and answers that are given."""

from __future__ import annotations

from typing import Any

BY_FORMAT = {
    "uuid": "0199f5a2-7c1e-7d52-9a51-3f2b8f0c6d4e",
    "date-time": "2026-11-21T10:20:30Z",
    "date": "2027-02-01",
    "email": "alice@example.com",
    "uri": "https://studio.example/api/v1/generations/0199f5a2-7c1e-7d52-9a51-3f2b8f0c6d4e",
}
BY_NAME: dict[str, Any] = {
    "aliases": ["google/imagen-4.0-generate-001"],
    "aspect_ratio": "16:9",
    "balance": 86,
    "code": "content_policy",
    "count": 2,
    "description": "the shop's server",
    "detail": "The provider refuses this prompt.",
    "estimated_seconds": 15,
    "formats": ["png", "jpeg", "webp"],
    "height": 768,
    "limit": 30,
    "max_images": 4,
    "media_type": "image/png",
    "model": "imagen-4",
    "name": "the shop",
    "negative_prompt": "people",
    "output_format": "png",
    "per_image": 7,
    "placeholder": "2fcZFIB3iId/h3iJh4aIYJ2V8g==",
    "prefix": "atl_dGgwdLkb",
    "prompt": "a lighthouse at dusk",
    "provider": "sketch",
    "provider_model": "imagen-4.0-generate-001",
    "providers": ["sketch"],
    "q": "lighthouse",
    "ratios": ["1:1", "16:9"],
    "resolution": "1K",
    "resolutions": ["1K", "2K"],
    "seed": 7,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 1310720,
    "spendable": 86,
    "total": 14,
    "version": 3,
    "width": 1365,
}


def show(described: dict[str, Any]) -> None:
    """Give every property and query parameter of the schema an example, where one is known and it has none."""
    for shape in described["components"]["schemas"].values():
        for name, value in shape.get("properties", {}).items():
            _show(name, value)
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter.get("in") == "query":
                    _show(parameter["name"], parameter["schema"])


def _show(name: str, value: dict[str, Any]) -> None:
    example = BY_NAME.get(name, BY_FORMAT.get(value.get("format", "")))
    if example is not None and _may_be(example, value):
        value.setdefault("examples", [example])


def _may_be(example: Any, value: dict[str, Any]) -> bool:
    kinds = value.get("type", [])
    kind = {str: "string", int: "integer", list: "array"}[type(example)]
    return kind in ([kinds] if isinstance(kinds, str) else kinds)
