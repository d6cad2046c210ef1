"""fal's proxy protocol: a page of ours calls fal's clients without a key, and all that they say comes here.

``fal.config({ proxyUrl: "/fal/proxy" })`` sends every call to that one address, with the one at fal that it is for in
a header of its own. Whoever is signed in asks for themselves.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote, urlsplit

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.models import User

PLANES = {"fal.run": "/fal/run", "queue.fal.run": "/fal/queue", "rest.fal.ai": "/fal/rest"}
SAFE = {"GET", "HEAD", "OPTIONS"}


class PageAuthentication(BaseAuthentication):
    """The session of a page of ours, for what came through the proxy and from nowhere else."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Who is signed in. Raises ``PermissionDenied`` for a page that is not ours."""
        page: HttpRequest = request._request  # noqa: SLF001 - DRF gives its authentications nothing else
        if not getattr(page, "through_proxy", False) or not isinstance(page.user, User) or not page.user.is_active:
            return None
        if page.method not in SAFE and page.headers.get("Origin", "") not in _ours(page):
            raise PermissionDenied("This page may not use the session of whoever is signed in.")
        return page.user, None


@csrf_exempt
async def proxy(request: HttpRequest) -> HttpResponseBase:
    """Hand a call to the address here that has the place of the one at fal that it is for."""
    path, query = _place(request.headers.get("x-fal-target-url", ""))
    try:
        match = resolve(path)
    except Resolver404:
        return JsonResponse({"detail": "Invalid request"}, status=400)
    request.path = request.path_info = path
    request.GET = QueryDict(query)
    request.resolver_match = match
    request.through_proxy = True  # type: ignore[attr-defined]
    view = match.func if iscoroutinefunction(match.func) else sync_to_async(match.func)
    return cast("HttpResponseBase", await view(request, **match.kwargs))


def _place(target: str) -> tuple[str, str]:
    """The path here of an address at fal, and its query; empty for any other."""
    try:
        address = urlsplit(target)
    except ValueError:
        return "", ""
    plane = PLANES.get(address.netloc)
    return (f"{plane}{unquote(address.path)}", address.query) if plane else ("", "")


def _ours(page: HttpRequest) -> list[str]:
    return [f"{page.scheme}://{page.get_host()}", *settings.CSRF_TRUSTED_ORIGINS]
