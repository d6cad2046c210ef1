"""The base of every view of our own API: what a key may do there, entity tags, and changes that collide."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits, permissions
from accounts.http import Problem, UserApiRequest
from accounts.models import User


class HasScope(BasePermission):
    """Lets in whoever has the scope that the view's ``resource`` and the method ask for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or ``MissingScope``."""
        permissions.require_scope(cast("UserApiRequest", request), view.scope(request.method))
        return True


class ApiView(APIView):
    """One address of our own API.

    ``resource`` says which scope a key needs: ``<resource>:read``, or ``<resource>:write`` for what changes anything
    and for what is ``secret``, as whoever reads that can pass for the studio.
    ``problems`` names, by method, the codes that it answers besides those that any of its kind does.
    ``submits`` names the methods that order pictures, which are limited apart from all else.
    What is read has an entity tag, and what has a ``version`` begins its tag with it.
    """

    taken: limits.Taken | None = None
    resource: ClassVar[str]
    secret: ClassVar[bool] = False
    problems: ClassVar[Mapping[str, Sequence[str]]] = {}
    submits: ClassVar[Collection[str]] = ()
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated, HasScope)

    @classmethod
    def scope(cls, method: str | None) -> str:
        """The scope that a method of this address needs."""
        return permissions.scope(cls.resource, "POST" if cls.secret else method or "")

    def check_throttles(self, request: Request) -> None:
        """Count the request; raises ``TooManyRequests`` past a limit."""
        if isinstance(request.user, User):
            kind = limits.SUBMITS if request.method in self.submits else limits.REQUESTS
            self.taken = limits.take(limits.buckets(kind, request.user, cast("UserApiRequest", request).auth))
            self.taken.admit()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer, with its entity tag as soon as there is a body to take it of."""
        final: Any = super().finalize_response(request, response, *args, **kwargs)
        if self.taken:
            for name, value in self.taken.headers().items():
                final[name] = value
        if isinstance(final, Response) and _is_tagged(request, final):
            final.add_post_render_callback(lambda rendered: _tag(request, rendered))
        return final


def wanted_version(request: Request) -> int | None:
    """The version that may be changed, from ``If-Match``; None where any may be.

    Raises ``changed_meanwhile`` for a tag that no version ever had.
    """
    tags = parse_etags(request.headers.get("If-Match", "*"))
    if "*" in tags:
        return None
    versions = [int(version) for version in map(_version, tags) if version.isdecimal()]
    if not versions:
        raise Problem("changed_meanwhile")
    return max(versions)


def _is_tagged(request: Request, response: Response) -> bool:
    if request.method in {"GET", "HEAD"}:
        return response.status_code == status.HTTP_200_OK
    return response.status_code in {status.HTTP_200_OK, status.HTTP_201_CREATED} and _has_version(response)


def _has_version(response: Response) -> bool:
    return isinstance(response.data, dict) and "version" in response.data


def _tag(request: Request, response: Response) -> None:
    """Give an answer its tag; what the client has already is not sent again."""
    version = f"{response.data['version']}-" if _has_version(response) else ""
    tag = f'"{version}{hashlib.sha256(response.rendered_content).hexdigest()[:32]}"'
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    known = [known.removeprefix("W/") for known in parse_etags(request.headers.get("If-None-Match", ""))]
    if request.method in {"GET", "HEAD"} and (tag in known or "*" in known):
        response.status_code = status.HTTP_304_NOT_MODIFIED
        response.content = b""
        del response["Content-Type"]


def _version(tag: str) -> str:
    return tag.removeprefix("W/").strip('"').partition("-")[0]
