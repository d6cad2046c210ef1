"""Lists, a page at a time: ``{"results": […], "next": URL or null}``."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.fields import NamesField, StrictSerializer

Row = TypeVar("Row", bound=Model)
PAGE = 30
MOST = 100


class PageQuerySerializer(StrictSerializer):
    """How a list is asked for; a list adds what it can be filtered by, and the cursor that its ``next`` carries."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE, help_text="How many at most.")


class FieldsQuerySerializer(PageQuerySerializer):
    """A page of things of which ``fields`` may name some members, of those that ``shape`` has."""

    shape: ClassVar[type[serializers.Serializer[Any]]]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With the one whose name means something else to serializers."""
        only = NamesField(tuple(self.shape().fields), source="only", help_text="Only these members, between commas.")
        return {**super().get_fields(), "fields": only}


class Listed(serializers.Serializer[Any]):
    """A thing in a list: without what ``fields`` leaves out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """None of which has to be there."""
        found = super().get_fields()
        for field in found.values():
            field.required = False
        return found


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


def only(query: dict[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What ``fields`` asked for of each; all of it where it asked for nothing."""
    return [{name: one[name] for name in query["only"]} for one in found] if query["only"] else found


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
