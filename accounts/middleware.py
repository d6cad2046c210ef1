"""What is done around every request: what is said when a part does not answer, how much is read, which time it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import unquote
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts import answers
from accounts.origins import address_of
from accounts.telemetry import context

logger = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)  # faults that pass by themselves


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is answered while a part of the studio is away."""
    logger.error("a part is away: %s", exception)
    response = answers.say(request, HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = "5"
    return response


class Middleware:
    """One that runs in a synchronous chain and in an asynchronous one, where waiting holds no thread.

    One synchronous link would hold the thread that all waiting requests share for as long as one of them waits.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._asynchronous = iscoroutinefunction(get_response)
        if self._asynchronous:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self._asynchronous:
            return self._soon(request)
        return self.before(request) or self.after(request, self.get_response(request))

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """What is done first; an answer goes to the client at once."""
        return None

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """What is done with the answer."""
        return response

    async def _soon(self, request: HttpRequest) -> HttpResponse:
        return self.before(request) or self.after(request, await self.get_response(request))


class RequestIdMiddleware(Middleware):
    """Names each request: ``request.id`` here, ``X-Request-Id`` to the client, so that both speak of the same one.

    Whatever is logged or traced until it is answered is said to be for it.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self._asynchronous:
            return self._soon(request)
        with context.serving() as serving:
            serving.request = request
            return super().__call__(request)

    def before(self, request: HttpRequest) -> None:
        """Draw it."""
        request.id = uuid4().hex  # type: ignore[attr-defined]

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Say it."""
        response.setdefault("X-Request-Id", request.id)  # type: ignore[attr-defined]
        return response

    async def _soon(self, request: HttpRequest) -> HttpResponse:
        with context.serving() as serving:
            serving.request = request
            return await super()._soon(request)


class UnavailableMiddleware(Middleware):
    """Answers 503 with ``Retry-After`` when the database or Redis is away, instead of a 500."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only faults that pass by themselves; anything else stays an error of ours."""
        return unavailable(request, exception) if isinstance(exception, AWAY) else None


class BodyLimitMiddleware(Middleware):
    """Answers 413 to a body that is larger than anything asked for here, before anybody parses it."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse by its length, which both handlers have counted."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            return answers.say(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return None


class HttpsMiddleware(Middleware):
    """Refuses programs over http where pages are sent on to https: a redirect turns a POST into a GET."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """Say so in the manner of the address."""
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and answers.speaker_of(request):
            return answers.say(request, HTTPStatus.FORBIDDEN)
        return None


class AdminNetworkMiddleware(Middleware):
    """Hides the admin from everybody who is not in one of ``ADMIN_NETWORKS``, as if there were nothing."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """By the address that the trusted proxies say; one that cannot be read is none of ours."""
        if not settings.ADMIN_NETWORKS or not f"{request.path}/".startswith(f"/{settings.ADMIN_PATH}/"):
            return None
        address = address_of(request)
        if address and any(ip_address(address) in ip_network(network) for network in settings.ADMIN_NETWORKS):
            return None
        return answers.say(request, HTTPStatus.NOT_FOUND)


class TimeZoneMiddleware(Middleware):
    """Days and times on pages are the visitor's: their browser says in a cookie where it is. The API speaks UTC."""

    def before(self, request: HttpRequest) -> None:
        """Take the visitor's zone, if the browser named one."""
        name = request.COOKIES.get("zone")
        zone = _zone(unquote(name)) if name and not request.path.startswith("/api/") else None
        if zone:
            timezone.activate(zone)

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave it."""
        timezone.deactivate()
        return response


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
