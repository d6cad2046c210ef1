"""How lists are asked for, and what a page of one is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from generations.gallery import MOST, PAGE
from generations.serializers.fields import StrictSerializer


class PageQuerySerializer(StrictSerializer):
    """How a list is asked for."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE)
    before = serializers.UUIDField(default=None)
    q = serializers.CharField(max_length=200, default="", allow_blank=True)


def page_of(serializer: type[serializers.Serializer[Any]]) -> Any:
    """The schema of a page of these."""
    return inline_serializer(
        f"{serializer.__name__.removesuffix('Serializer')}Page",
        {"results": serializer(many=True), "next": serializers.URLField(allow_null=True)},
    )
