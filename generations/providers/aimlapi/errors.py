"""Refusals as AI/ML API and OpenAI write them, in one body that clients of both understand."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework.request import Request

from generations.dialects.moments import zulu
from generations.dialects.troubles import Kind, Trouble, outside
from generations.providers.aimlapi import wire

REQUEST = "invalid_request_error"


@dataclass(frozen=True, slots=True)
class Words:
    """A trouble's status and names. ``again`` tells clients that the same request may do better in a while."""

    status: HTTPStatus
    code: str
    type: str = REQUEST
    kind: str = ""
    again: bool = False

    @property
    def name(self) -> str:
        """What the framework that AI/ML API is written in calls it."""
        return f"{self.status.phrase.title().replace(' ', '').replace('-', '')}Exception"


# After a request was accepted there is no status that a client repeats by itself (408, 409, 425, 429, 5xx): it would
# be a new order. Hence 424 for what OpenAI and AI/ML API answer 5xx.
WORDS = {
    Kind.BAD_REQUEST: Words(HTTPStatus.BAD_REQUEST, "bad_request"),
    Kind.NOT_JSON: Words(HTTPStatus.BAD_REQUEST, "invalid_json"),
    Kind.INVALID: Words(HTTPStatus.BAD_REQUEST, "invalid_value"),
    Kind.NO_MODEL: Words(HTTPStatus.NOT_FOUND, "model_not_found"),
    Kind.MODEL_RETIRED: Words(HTTPStatus.NOT_FOUND, "model_deprecated"),
    Kind.NO_KEY: Words(HTTPStatus.UNAUTHORIZED, "invalid_api_key"),
    Kind.BAD_KEY: Words(HTTPStatus.UNAUTHORIZED, "invalid_api_key"),
    Kind.FORBIDDEN: Words(HTTPStatus.FORBIDDEN, "permission_denied"),
    Kind.NO_CREDITS: Words(
        HTTPStatus.FORBIDDEN,
        "insufficient_quota",
        "insufficient_quota",
        "err_insufficent_credits",  # as AI/ML API spells it
    ),
    Kind.NO_BUDGET: Words(HTTPStatus.FORBIDDEN, "insufficient_quota", "insufficient_quota", "err_insufficent_credits"),
    Kind.NOT_FOUND: Words(HTTPStatus.NOT_FOUND, "not_found"),
    Kind.WRONG_METHOD: Words(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed"),
    Kind.TOO_LARGE: Words(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request_too_large"),
    Kind.CONFLICT: Words(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_conflict"),
    Kind.TOO_MANY: Words(HTTPStatus.TOO_MANY_REQUESTS, "rate_limit_exceeded", "requests", again=True),
    Kind.REFUSED_CONTENT: Words(HTTPStatus.BAD_REQUEST, "moderation_blocked", "image_generation_user_error"),
    Kind.CANCELLED: Words(HTTPStatus.GONE, "generation_cancelled"),
    Kind.FAILED: Words(HTTPStatus.FAILED_DEPENDENCY, "generation_failed", "server_error"),
    Kind.STILL_RUNNING: Words(HTTPStatus.FAILED_DEPENDENCY, "generation_timeout", "server_error"),
    Kind.UNAVAILABLE: Words(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "server_error", again=True),
    Kind.INTERNAL: Words(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", "server_error"),
}


def say(request: HttpRequest | Request, trouble: Trouble) -> HttpResponse:
    """A trouble as an answer."""
    words = WORDS[trouble.kind]
    error: dict[str, Any] = {
        "name": words.name,
        "type": words.type,
        "param": next(iter(trouble.fields), None),
        "code": words.code,
        "kind": words.kind or f"err_{trouble.kind}",
    }
    about = {
        "instance": f"{request.path}?{request.META.get('QUERY_STRING', '')}",
        "path": request.path,
        "timestamp": zulu(timezone.now()),
        "requestId": getattr(request, "id", ""),
    }
    body = wire.envelope(words.status, words.status.phrase, trouble.text, error, about)
    response = JsonResponse(body, status=words.status)
    if not words.again:
        response["x-should-retry"] = "false"
    else:
        response["Retry-After"] = str(trouble.wait)
    if words.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    return response


speak = outside(say)
