"""Events, for the schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.pages import PageQuerySerializer
from generations.models import Generation
from generations.streaming import LONGEST_ID

KINDS = [*Generation.Status.values, "image"]


class EventsQuerySerializer(PageQuerySerializer):
    """A page of events, oldest first."""

    after = serializers.IntegerField(
        min_value=0, max_value=10 ** (LONGEST_ID - 1), default=0, help_text="The event before the first one."
    )


class EventSerializer(serializers.Serializer[Any]):
    """Something that happened to a generation."""

    id = serializers.IntegerField(help_text="Grows with time; what `Last-Event-ID` takes.")
    generation = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)
    status = serializers.ChoiceField(Generation.Status.choices)
    ready = serializers.IntegerField(help_text="Images so far.")
    count = serializers.IntegerField(help_text="Images that were asked for.")
    created = serializers.DateTimeField()
