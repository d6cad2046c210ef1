"""What webhooks' endpoints are sent, for the schema."""

from __future__ import annotations

from typing import Any

from generations.models import Delivery
from generations.serializers.webhooks import KINDS
from generations.standard import LARGEST
from generations.webhooks import kind

TEST = kind(Delivery.TEST)
ENDED = {
    "allOf": [
        {"$ref": "#/components/schemas/Generation"},
        {
            "type": "object",
            "properties": {"shortened": {"type": "boolean", "description": "There where prompts had to be cut."}},
        },
    ]
}
TRIED = {
    "type": "object",
    "properties": {"webhook": {"type": "string", "format": "uuid", "description": "The endpoint."}},
    "required": ["webhook"],
}
HEADERS = {
    "webhook-id": "The same at every try.",
    "webhook-timestamp": "When this try was made, in seconds since 1970.",
    "webhook-signature": "`v1,` and a signature in base64, for each secret in force, with spaces between.",
}
ANSWERS = {
    "2XX": {"description": "Taken."},
    "410": {"description": "Not wanted any more: the endpoint is disabled."},
    "4XX": {"description": "Not taken: it is sent again."},
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular's: the messages, each as an operation of the receiver."""
    result["webhooks"] = {one: {"post": _operation(one, TRIED if one == TEST else ENDED)} for one in (*KINDS, TEST)}
    return result


def _operation(name: str, data: dict[str, Any]) -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "const": name},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": data,
        },
        "required": ["type", "timestamp", "data"],
    }
    return {
        "operationId": "told" + "".join(word.capitalize() for word in name.split(".")),
        "summary": f"Told of {name}",
        "description": f"Signed as Standard Webhooks has it, and smaller than {LARGEST // 1000} kB.",
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {"name": header, "in": "header", "required": True, "description": about, "schema": {"type": "string"}}
            for header, about in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": ANSWERS,
    }
