"""Holds every answer of our own API that any test gets to what the schema says of it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

from accounts.middleware import Middleware


class Described(Middleware):
    """Raises ``AssertionError`` into the test for what the schema does not say."""

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer as it is."""
        operation = _operation(request)
        if operation is not None:
            _check(operation, response, has_body=request.method != "HEAD")
        return response


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI schema, in which no object may have what it does not name."""
    described: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    for shape in described["components"]["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return described


@cache
def validator(reference: str) -> Draft202012Validator:
    """Checks values against a part of the schema."""
    whole = {"components": schema()["components"], **json.loads(reference)}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _operation(request: HttpRequest) -> dict[str, Any] | None:
    """What the schema says of this request; None where it speaks of other things."""
    if not request.path.startswith("/api/v1"):
        return None
    try:
        route = resolve(request.path_info).route
    except Resolver404:
        return None
    path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).replace("{pk}", "{id}")
    method = {"HEAD": "get"}.get(str(request.method), str(request.method).lower())
    operation: dict[str, Any] | None = schema()["paths"].get(path, {}).get(method)
    return operation


def _check(operation: dict[str, Any], response: HttpResponse, *, has_body: bool) -> None:
    name, status = operation["operationId"], str(response.status_code)
    assert status in operation["responses"], f"{name}: {status} is not in the schema: {response.content!r:.300}"
    described = _resolved(operation["responses"][status])
    for header, about in described.get("headers", {}).items():
        assert header in response or not _resolved(about)["required"], f"{name}: {status} without {header}"
    if not has_body or response.streaming:
        return
    media_type = response.get("Content-Type", "").partition(";")[0]
    content = described.get("content", {})
    assert media_type in content or not (content or response.content), f"{name}: {status} is {media_type}"
    if "json" in media_type:
        body = json.loads(response.content)
        validator(json.dumps(content[media_type]["schema"])).validate(body)
        codes = content[media_type].get("examples", {})
        assert int(status) < 400 or body["code"] in codes, f"{name}: {body['code']} is not in the schema"


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = schema()
    for word in part["$ref"].removeprefix("#/").split("/"):
        found = found[word]
    return dict(found)
