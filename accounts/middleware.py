"""What is said when a part that everything needs does not answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)


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
        if request.path.startswith("/api/"):
            body = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "unavailable"}
            response: HttpResponse = JsonResponse(body, status=503, content_type="application/problem+json")
        else:
            response = render(request, "503.html", status=503)
        response["Retry-After"] = "5"
        return response
