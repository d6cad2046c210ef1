"""Runs in an environment that has one version of ``openai`` and nothing of ours: calls of which JSON tells.

Standard input: ``{"base_url", "key", "options", "calls": [[what, arguments], …]}``.
"""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from typing import Any

import openai


def generate(client: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The pictures' first bytes, and the whole answer as the library has it."""
    answer = client.images.generate(**arguments)
    pictures = [base64.b64decode(item.b64_json) if item.b64_json else fetched(item.url) for item in answer.data]
    heads = [picture[:8].hex() for picture in pictures]
    return {"heads": heads, "sizes": [len(picture) for picture in pictures], "answer": answer.model_dump(mode="json")}


def models(client: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """Their ids."""
    return {"ids": [model.id for model in client.models.list()]}


def retrieve(client: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """One of them."""
    return dict(client.models.retrieve(**arguments).model_dump(mode="json"))


def fetched(url: str) -> bytes:
    """What anybody gets at an address."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the studio's own
        content: bytes = answer.read()
    return content


def told(client: Any, what: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What came of a call."""
    try:
        return {"generate": generate, "models": models, "retrieve": retrieve}[what](client, arguments)
    except openai.APIError as error:
        return {
            "error": type(error).__name__,
            "text": str(error),
            "status": getattr(error, "status_code", None),
            "request_id": getattr(error, "request_id", None),
        }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    with openai.OpenAI(base_url=asked["base_url"], api_key=asked["key"], **asked["options"]) as connected:
        json.dump([told(connected, *call) for call in asked["calls"]], sys.stdout)
