"""What is done around every request: what is said when a part does not answer, how much is read, which time it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts import answers

logger = logging.getLogger(__name__)


class RequestIdMiddleware:
    """Names each request: ``request.id`` here, ``X-Request-Id`` to the client, so that both speak of the same one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.setdefault("X-Request-Id", request.id)  # type: ignore[attr-defined]
        return response


class UnavailableMiddleware:
    """Answers 503 with ``Retry-After`` when the database or Redis is away, instead of a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only faults that pass by themselves; anything else stays an error of ours."""
        if not isinstance(exception, OperationalError | InterfaceError | RedisConnectionError | RedisTimeoutError):
            return None
        logger.error("a part is away: %s", exception)
        response = answers.say(request, HTTPStatus.SERVICE_UNAVAILABLE)
        response["Retry-After"] = "5"
        return response


class BodyLimitMiddleware:
    """Answers 413 to a body that is larger than anything asked for here, before anybody parses it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            return answers.say(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


class TimeZoneMiddleware:
    """Days and times on pages are the visitor's: their browser says in a cookie where it is. The API speaks UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get("zone")
        if not name or request.path.startswith("/api/"):
            return self.get_response(request)
        with timezone.override(_zone(unquote(name))):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
