"""Lists, a page at a time: ``{"results": […], "next": URL or null}``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.fields import StrictSerializer

PAGE = 30
MOST = 100


class PageQuerySerializer(StrictSerializer):
    """How a list is asked for; a list adds what it can be filtered by, and the cursor that its ``next`` carries."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE, help_text="How many at most.")


def page_query(request: Request, query: type[PageQuerySerializer]) -> dict[str, Any]:
    """The query as it may be; anything else in it is an error."""
    asked = query(data=request.query_params.dict())
    asked.is_valid(raise_exception=True)
    values: dict[str, Any] = asked.validated_data
    return values


def page_response(request: Request, results: list[Any], **cursor: str) -> Response:
    """A page; ``cursor`` is what changes in this page's address to make the next one's, or empty at the end."""
    following = None
    if any(cursor.values()):
        query = urlencode({**request.query_params.dict(), **cursor})
        following = request.build_absolute_uri(f"{request.path}?{query}")
    return Response({"results": results, "next": following})


def page_of(serializer: type[serializers.BaseSerializer[Any]]) -> Any:
    """The schema of a page of these."""
    return inline_serializer(
        f"{serializer.__name__.removesuffix('Serializer')}Page",
        {"results": serializer(many=True), "next": serializers.URLField(allow_null=True)},
    )
