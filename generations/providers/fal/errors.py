"""What went wrong, as fal says it: one text from its infrastructure, a list of details from a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from rest_framework.request import Request

from generations.dialects import troubles
from generations.dialects.troubles import Kind, Trouble, outside
from generations.models import Generation
from generations.providers.fal.reading import Wrong, detail

CLIENT_CLOSED_REQUEST = 499
REQUEST_ID = "x-fal-request-id"
UNITS = "x-fal-billable-units"

# Of what is no single field's fault: the status, and the type that fal's infrastructure has for it, if any.
STATUSES: dict[Kind, tuple[int, str]] = {
    Kind.BAD_REQUEST: (400, "bad_request"),
    Kind.NO_MODEL: (404, ""),
    Kind.MODEL_RETIRED: (404, ""),
    Kind.NO_KEY: (401, ""),
    Kind.BAD_KEY: (401, ""),
    Kind.FORBIDDEN: (403, ""),
    Kind.NO_CREDITS: (403, ""),
    Kind.NO_BUDGET: (403, ""),
    Kind.NOT_FOUND: (404, ""),
    Kind.WRONG_METHOD: (405, ""),
    Kind.TOO_LARGE: (413, ""),
    Kind.TOO_MANY: (429, "concurrent_requests_limit"),
    Kind.CANCELLED: (CLIENT_CLOSED_REQUEST, "client_cancelled"),
    Kind.STILL_RUNNING: (400, "bad_request"),
    Kind.UNAVAILABLE: (503, "runner_connection_error"),
    Kind.INTERNAL: (500, "internal_error"),
}
# Of what fal's models say themselves: the status, and the type of the detail. 500, because 502 to 504 are repeated by
# the JavaScript client, and 408, 409 and 429 by the Python one.
DETAILS: dict[Kind, tuple[int, str]] = {
    Kind.NOT_JSON: (422, "json_invalid"),
    Kind.INVALID: (422, "value_error"),
    Kind.CONFLICT: (422, "value_error"),
    Kind.REFUSED_CONTENT: (422, "content_policy_violation"),
    Kind.FAILED: (500, "downstream_service_unavailable"),
}
PLACES = {
    Kind.CONFLICT: ("header", "Idempotency-Key"),
    Kind.REFUSED_CONTENT: ("body", "prompt"),
}
NAMES = {"count": "num_images"}  # ours of a field, and fal's
PASSING = {Kind.TOO_MANY, Kind.UNAVAILABLE, Kind.INTERNAL, Kind.FAILED}


def say(request: HttpRequest | Request, trouble: Trouble) -> HttpResponse:
    """A trouble in fal's shape and status."""
    status, body = explained(replace(trouble, text=_text(request, trouble)))
    if trouble.kind == Kind.NOT_FOUND and "number" in _named(request):
        body = {"status": "NOT_FOUND"}
    response = JsonResponse(body, status=status)
    if "error_type" in body:
        response["X-Fal-Error-Type"] = body["error_type"]
    if trouble.wait:
        response["Retry-After"] = str(trouble.wait)
    return _dressed(request, response, passing=trouble.kind in PASSING)


def explained(trouble: Trouble) -> tuple[int, dict[str, Any]]:
    """The status and the body that say it."""
    if trouble.kind in DETAILS:
        status, kind = DETAILS[trouble.kind]
        return status, {"detail": list(_details(trouble, kind))}
    status, kind = STATUSES[trouble.kind]
    return status, {"detail": trouble.text} | ({"error_type": kind} if kind else {})


speak = outside(say)


def unprocessable(request: HttpRequest | Request, details: list[dict[str, Any]]) -> HttpResponse:
    """An input that cannot be taken."""
    return _dressed(request, JsonResponse({"detail": details}, status=HTTPStatus.UNPROCESSABLE_ENTITY))


def failed(request: HttpRequest | Request, generation: Generation) -> HttpResponse:
    """Why a request came to nothing, or has not come to anything yet."""
    response = say(request, troubles.failure(generation))
    response[REQUEST_ID] = str(generation.pk)
    return response


def overdue(request: HttpRequest | Request, number: UUID, address: str) -> HttpResponse:
    """A synchronous call waited long enough. No client repeats it: the header says that it was the caller's time."""
    body = {
        "detail": f"Request timed out. It goes on; its result will be at {address}",
        "error_type": "request_timeout",
    }
    response = JsonResponse(body, status=HTTPStatus.GATEWAY_TIMEOUT)
    response["X-Fal-Error-Type"] = "request_timeout"
    response["X-Fal-Request-Timeout-Type"] = "user"
    response[REQUEST_ID] = str(number)
    return _dressed(request, response)


def type_of(trouble: Trouble) -> str:
    """What fal calls it."""
    return DETAILS.get(trouble.kind, STATUSES.get(trouble.kind, (0, "")))[1]


def app_of(request: HttpRequest | Request) -> str:
    """The application that the address names, or nothing."""
    named = _named(request)
    app: str = named.get("owner", "") + named.get("app", "")
    return app


def number_of(request: HttpRequest | Request) -> UUID | None:
    """The request that the address names, if it can be one."""
    try:
        return UUID(_named(request).get("number", ""))
    except ValueError:
        return None


def _named(request: HttpRequest | Request) -> Mapping[str, Any]:
    return request.resolver_match.kwargs if request.resolver_match else {}


def _dressed(request: HttpRequest | Request, response: HttpResponse, *, passing: bool = False) -> HttpResponse:
    """With the headers that every error has."""
    response.setdefault(REQUEST_ID, str(number_of(request) or UUID(request.id)))  # type: ignore[union-attr]
    response.setdefault(UNITS, "0")
    response["X-Fal-Needs-Retry"] = "1" if passing else "0"
    response["X-Fal-Retryable"] = "true" if passing else "false"
    return response


def _details(trouble: Trouble, kind: str) -> Iterable[dict[str, Any]]:
    for name, text in trouble.fields.items():
        yield detail(("body", NAMES.get(name, name)), Wrong(kind, text))
    if not trouble.fields:
        yield detail(PLACES.get(trouble.kind, ("body",)), Wrong(kind, trouble.text))


def _text(request: HttpRequest | Request, trouble: Trouble) -> str:
    """Its own words or, where fal always has the same, those."""
    if trouble.kind == Kind.NO_CREDITS:
        where = request.build_absolute_uri(reverse("credits"))
        return f"User is locked. Reason: Exhausted balance. {trouble.text} Top up your balance at {where}."
    app = app_of(request)
    return {
        Kind.NO_KEY: f'Cannot access application "{app}". Authentication is required to access this application.',
        Kind.BAD_KEY: "invalid key credentials",
        Kind.NO_MODEL: f'Application "{app}" not found',
        Kind.NOT_FOUND: f"Path {request.path} not found",
        Kind.NO_BUDGET: f"User is locked. Reason: Exhausted budget. {trouble.text}",
        Kind.STILL_RUNNING: "Request is still in progress",
    }.get(trouble.kind, trouble.text)
