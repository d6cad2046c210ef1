"""Models as AI/ML API lists them, with what OpenAI's list has of each, and the filters of the former."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from generations import routing
from generations.models import Model
from generations.providers.aimlapi import wire
from generations.providers.aimlapi.worth import usd

OPTIONAL = ("modalities", "capabilities", "pricing")
MODALITIES = {"input": ["text"], "output": ["image"]}


def rows() -> list[dict[str, Any]]:
    """Every model that can be asked for."""
    return [row(model) for model in routing.offered()]


def row(model: Model) -> dict[str, Any]:
    """One model, with all that can be told of it."""
    return {
        "id": model.slug,
        "object": "model",
        "created": 0,  # nobody noted when
        "owned_by": "atelier",
        "aliases": model.aliases,
        "type": wire.KIND,
        "info": {"name": model.name, "description": model.note, "deprecated": model.status != Model.Status.ACTIVE},
        "tags": ["playground:image"],
        "modalities": MODALITIES,
        "capabilities": _capabilities(model),
        "pricing": _pricing(model),
    }


def find(name: str) -> dict[str, Any] | None:
    """The model of this name or alias, in any capitals; None when nothing here serves it."""
    wanted = name.strip("/").lower()
    return next((row for row in rows() if wanted in {word.lower() for word in (row["id"], *row["aliases"])}), None)


def chosen(found: Iterable[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows that a query asks for: any of the words of each filter, and all filters."""
    wanted = {name: set(_words(query[name])) for name in FILTERS if query.get(name)}
    return [row for row in found if all(words & set(FILTERS[name](row)) for name, words in wanted.items())]


def cut(row: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """A row with no more of what is optional than was asked for."""
    asked = set(_words(query.get("include", "")))
    if "all" in asked or query.get("details") == "true":
        return row
    return {name: value for name, value in row.items() if name not in OPTIONAL or name in asked}


FILTERS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "id": lambda row: [row["id"], *row["aliases"]],
    "type": lambda row: [row["type"]],
    "tags": lambda row: row["tags"],
    "modalities": lambda row: [*row["modalities"]["input"], *row["modalities"]["output"]],
    "input_modalities": lambda row: row["modalities"]["input"],
    "output_modalities": lambda row: row["modalities"]["output"],
    "capabilities": lambda row: row["capabilities"],
}


def _capabilities(model: Model) -> list[str]:
    taken = ["aspect_ratio", "num_images", "seed", "negative_prompt", "output_format"]
    return [*taken, "resolution"] if len(model.resolutions) > 1 else taken


def _pricing(model: Model) -> dict[str, Any]:
    def price(resolution: str) -> dict[str, Any]:
        return {"price": usd(model.price(resolution)), "unit": "image", "per": 1}

    if len(model.resolutions) == 1:
        [resolution] = model.resolutions
        return {"kind": "fixed", "units": [{"name": "image", "measure": "image", **price(resolution)}]}
    variants = [{"when": {"resolution": resolution}, **price(resolution)} for resolution in model.resolutions]
    return {"kind": "variants", "dimensions": ["resolution"], "variants": variants}


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
