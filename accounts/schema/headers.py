"""The headers of our API: those that a client may send, and those that answers have."""

from __future__ import annotations

from typing import Any

from accounts.http import MAX_IDEMPOTENCY_KEY

TEXT = {"type": "string"}


def _sent(name: str, description: str, schema: dict[str, Any], example: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": schema, "example": example}


def _given(description: str, schema: dict[str, Any], example: Any, *, always: bool = True) -> dict[str, Any]:
    return {"description": description, "required": always, "schema": schema, "example": example}


PARAMETERS = {
    "If-None-Match": _sent("If-None-Match", "The `ETag` of what the client has already.", TEXT, '"0f3c2b1a"'),
    "If-Match": _sent("If-Match", "The `ETag` of the version that may be changed.", TEXT, '"3-0f3c2b1a"'),
    "Idempotency-Key": _sent(
        "Idempotency-Key",
        "The same key with the same order is the same generation, however often it is sent.",
        TEXT | {"minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY, "pattern": "^[ -~]+$"},
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
    ),
    "Prefer": _sent("Prefer", "To be answered when it has ended, or after so many seconds (60).", TEXT, "wait=30"),
}
HEADERS = {
    "X-Request-Id": _given("By which our log knows the request.", TEXT, "3f2b8f0c6d4e4b0f9a3f1c2d4e5f6a7b"),
    "ETag": _given("Names what was read; it begins with the `version` of what has one.", TEXT, '"3-0f3c2b1a"'),
    "Cache-Control": _given("To be kept by nobody else, and asked for again.", TEXT, "private, no-cache"),
    "Location": _given(
        "Where it can be read, if it has an address.",
        TEXT | {"format": "uri"},
        "https://studio.example/api/v1/generations/0199f5a2-7c1e-7d52-9a51-3f2b8f0c6d4e",
        always=False,
    ),
    "Idempotent-Replayed": _given("There where the key had been sent before.", TEXT, "true", always=False),
    "Preference-Applied": _given("There where the answer has waited.", TEXT, "wait=30", always=False),
    "WWW-Authenticate": _given("What has to be sent.", TEXT, "Bearer"),
    "RateLimit-Policy": _given(
        "The limits that the request counted against: so many in so many seconds.",
        TEXT,
        '"requests";q=3000;w=60, "key-requests";q=1500;w=60',
        always=False,
    ),
    "RateLimit": _given(
        "What is left of them, and after how many seconds there is more.",
        TEXT,
        '"requests";r=2999;t=1, "key-requests";r=1499;t=1',
        always=False,
    ),
    "Retry-After": _given("After how many seconds to try again.", {"type": "integer"}, 5, always=False),
}
# By the status of the answer; those of every answer have none.
GIVEN = {
    None: ["X-Request-Id", "RateLimit-Policy", "RateLimit"],
    "201": ["Location"],
    "202": ["Location"],
    "401": ["WWW-Authenticate"],
    "429": ["Retry-After"],
    "503": ["Retry-After"],
}


def given(status: str, *names: str) -> dict[str, Any]:
    """References to the headers that an answer of this status has, and to these."""
    all_of_them = [*GIVEN[None], *GIVEN.get(status, []), *names]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in all_of_them}


def sent(*names: str) -> list[dict[str, str]]:
    """References to headers that may be sent."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
