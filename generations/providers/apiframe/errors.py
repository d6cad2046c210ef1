"""Refusals as Apiframe writes them: one text in ``error``, and beside it what is wrong with which field."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.request import Request

from generations.dialects.troubles import Kind, Trouble, outside
from generations.providers.apiframe import wire

# Its client repeats what is answered 429 and, where it sent an idempotency key, 5xx; 409 it does not.
STATUSES = {
    Kind.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Kind.NOT_JSON: HTTPStatus.BAD_REQUEST,
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.NO_MODEL: HTTPStatus.BAD_REQUEST,
    Kind.MODEL_RETIRED: HTTPStatus.BAD_REQUEST,
    Kind.NO_KEY: HTTPStatus.UNAUTHORIZED,
    Kind.BAD_KEY: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NO_CREDITS: HTTPStatus.PAYMENT_REQUIRED,
    Kind.NO_BUDGET: HTTPStatus.PAYMENT_REQUIRED,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.WRONG_METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.REFUSED_CONTENT: HTTPStatus.BAD_REQUEST,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
TEXTS = {
    Kind.NO_KEY: "API key is required",
    Kind.BAD_KEY: "Invalid API key",
    Kind.NO_CREDITS: "Insufficient credits",
    Kind.TOO_MANY: "Rate limit exceeded",
    Kind.CONFLICT: "Idempotency-Key was already used with a different request body",
}
INVALID = "Validation failed"
PLACES = {
    "aspect_ratio": "imagenParams.aspect_ratio",
    "resolution": "imagenParams.image_size",
    "output_format": "imagenParams.output_format",
}


def say(request: HttpRequest | Request, trouble: Trouble) -> HttpResponse:
    """A trouble as an answer."""
    status = STATUSES[trouble.kind]
    details = {PLACES.get(name, name): [text] for name, text in trouble.fields.items()}
    text = TEXTS.get(trouble.kind) or (INVALID if details else trouble.text)
    body: dict[str, Any] = wire.refused(text, details)
    if trouble.kind in {Kind.NO_CREDITS, Kind.NO_BUDGET}:
        body |= {"creditsRequired": trouble.needed, "creditsAvailable": trouble.available}
    headers = {"Retry-After": str(trouble.wait)} if trouble.wait else {}
    return JsonResponse(body, status=status, headers=headers)


speak = outside(say)
