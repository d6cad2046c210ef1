"""Exports, as they are asked for, and for the schema what ``bodies`` gives of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import StrictSerializer
from generations.arranging import MOST_NAMED
from generations.models import Export
from generations.serializers.searches import SearchSerializer


class ExportOrderSerializer(StrictSerializer):
    """What is to be in the archive: these pictures, those that a search finds, or with neither the whole account."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_NAMED, required=False, help_text="These pictures."
    )
    filter = SearchSerializer(required=False, help_text="What `GET /images` can be filtered by.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way to say which pictures."""
        if "ids" in attrs and "filter" in attrs:
            raise serializers.ValidationError("Send either ids or a filter.")
        return attrs


class ExportSerializer(serializers.Serializer[Any]):
    """An archive, and where it is for a while once it is ready."""

    id = serializers.UUIDField()
    what = serializers.ChoiceField(["account", "images"])
    status = serializers.ChoiceField(Export.Status.choices)
    done = serializers.IntegerField(help_text="Pictures so far.")
    total = serializers.IntegerField(help_text="Pictures that will be in it.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    url = serializers.URLField(allow_null=True, help_text="The archive; works for 15 minutes without any header.")
    error = serializers.CharField(allow_null=True)
    created = serializers.DateTimeField()
    finished = serializers.DateTimeField(allow_null=True)
    expires = serializers.DateTimeField(allow_null=True, help_text="When it is removed.")
