"""What our own API says about HTTP: typed requests, problems as RFC 9457 describes them, idempotency keys."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.limits import TooManyRequests
from accounts.models import ApiKey, User
from accounts.problems import PROBLEMS

PROBLEM = "application/problem+json"
MAX_IDEMPOTENCY_KEY = 255


class UserRequest(HttpRequest):
    """A page's request behind ``login_required``, or behind the admin's site."""

    user: User


class UserApiRequest(Request):
    """An API request behind ``IsAuthenticated``."""

    user: User
    auth: ApiKey | None
    beside: Any  # what was read with the key, for a view that asked for it


class KeyApiRequest(UserApiRequest):
    """An API request to where nothing but a key is let in."""

    auth: ApiKey


class Problem(exceptions.APIException):
    """An error of ``PROBLEMS``, with members of its own; ``detail`` where its sentence there does not say enough."""

    def __init__(self, code: str, detail: str = "", **members: Any) -> None:
        kind = PROBLEMS[code]
        super().__init__(detail or kind.sentence, code)
        self.status_code = kind.status
        self.members = members


class MissingScope(Problem):
    """The caller's key has no such scope."""

    def __init__(self, scope: str) -> None:
        super().__init__("missing_scope", f"This key lacks the scope {scope}.", scope=scope)


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error under ``/api`` as ``application/problem+json``; None leaves it a 500."""
    error = _as_api_exception(error)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
        "code": _code(error),
        "detail": _detail(error),
        "request_id": context["request"].id,
        **getattr(error, "members", {}),
    }
    if isinstance(error, exceptions.ValidationError):
        body["errors"] = list(_field_errors(error.detail, ""))
    return Response(body, status=error.status_code, headers=_headers(error), content_type=PROBLEM)


def idempotency_key(request: HttpRequest | Request) -> str:
    """The request's ``Idempotency-Key``, bare or as a quoted string; empty when none was sent."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(key) > MAX_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
        detail = f"Idempotency-Key is 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters."
        raise Problem("invalid_idempotency_key", detail)
    return key


def _as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return Problem("too_large", f"The body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
    return error


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "invalid"


def _detail(error: exceptions.APIException) -> str:
    return str(error.detail) if isinstance(error.detail, str) else PROBLEMS["invalid"].sentence


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    wait = error.wait if isinstance(error, TooManyRequests) else getattr(error, "members", {}).get("wait")
    if wait:
        headers["Retry-After"] = str(int(wait))
    return headers


def _field_errors(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _field_errors(inner, pointer)
    else:
        yield {"pointer": f"#{pointer}", "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
