"""Lists, a page at a time: ``{"results": […], "next": URL or null}``."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.fields import StrictSerializer

Row = TypeVar("Row", bound=Model)
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


def newest_first(found: QuerySet[Row], query: dict[str, Any]) -> tuple[list[Row], str]:
    """A page of rows by falling id, which is time-ordered, from ``before`` on; and the cursor of the next one."""
    found = found.order_by("-pk")
    if query["before"]:
        found = found.filter(pk__lt=query["before"])
    rows = list(found[: query["limit"] + 1])
    shown = rows[: query["limit"]]
    return shown, str(shown[-1].pk) if len(rows) > len(shown) else ""


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
