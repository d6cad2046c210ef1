"""How our lists are asked for."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.pages import FieldsQuerySerializer, PageQuerySerializer
from generations.models import Generation
from generations.serializers.generations import GenerationSerializer
from generations.serializers.searches import MomentField


class NewestFirstQuerySerializer(PageQuerySerializer):
    """A page of what has time-ordered ids."""

    before = serializers.UUIDField(default=None, help_text="Where the page starts; taken from `next`.")


class GenerationsQuerySerializer(NewestFirstQuerySerializer, FieldsQuerySerializer):
    """A page of generations."""

    shape = GenerationSerializer
    status = serializers.ChoiceField(Generation.Status.choices, default=None)
    model = serializers.CharField(
        max_length=120, default="", allow_blank=True, help_text="The id or an alias of what was ordered."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """With two whose names are words of Python's."""
        since = MomentField(source="since", help_text="Asked for at this moment or later; a date or ISO 8601.")
        until = MomentField(source="until", last=True, help_text="Asked for before this moment, or on this date.")
        return {**super().get_fields(), "from": since, "to": until}


class CursorQuerySerializer(PageQuerySerializer):
    """A page of what has an order of its own."""

    cursor = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Where the page starts; taken from `next`."
    )
