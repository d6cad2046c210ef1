"""Lists, a page at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from generations.serializers.pages import PageQuerySerializer

PAGE_PARAMETERS = [
    OpenApiParameter("limit", int, description="1 to 100; 30 unless told."),
    OpenApiParameter("before", str, description="Where the page starts; taken from `next`."),
]


def page_query(request: Request) -> dict[str, Any]:
    """``limit``, ``before`` and ``q`` as they may be."""
    query = PageQuerySerializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = query.validated_data
    return values


def page_response(request: Request, results: list[dict[str, Any]], cursor: str, **filters: str) -> Response:
    """``{"results": […], "next": URL or null}``."""
    following = None
    if cursor:
        kept = {name: value for name, value in filters.items() if value}
        kept |= {"limit": request.query_params["limit"]} if "limit" in request.query_params else {}
        following = request.build_absolute_uri(f"{request.path}?{urlencode({**kept, 'before': cursor})}")
    return Response({"results": results, "next": following})
