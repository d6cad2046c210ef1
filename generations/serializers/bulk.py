"""What is done to many pictures at once."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import StrictSerializer
from generations.arranging import ACTIONS, ALBUM_ACTIONS, MOST_NAMED
from generations.serializers.searches import SearchSerializer


class BulkSerializer(StrictSerializer):
    """An action, and the pictures: those that are named, or those that a search finds."""

    action = serializers.ChoiceField([*ACTIONS, *ALBUM_ACTIONS])
    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_NAMED, required=False, help_text="These pictures."
    )
    filter = SearchSerializer(required=False, help_text="What `GET /images` can be filtered by.")
    album = serializers.UUIDField(required=False, help_text="For `add_to_album` and `remove_from_album`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way to say which pictures, and an album where there has to be one."""
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError("Send either ids or a filter.")
        if ("album" in attrs) != (attrs["action"] in ALBUM_ACTIONS):
            raise serializers.ValidationError({"album": "Send it with the actions on albums, and only with them."})
        return attrs


class BulkResultSerializer(serializers.Serializer[Any]):
    """What came of it."""

    changed = serializers.IntegerField(help_text="How many pictures are now what they were not before.")
    more = serializers.BooleanField(help_text="Whether there may be more to change: send the same again.")
