"""Albums."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainTextField, StrictSerializer
from generations.arranging import MOST_NAMED
from generations.models.album import LONGEST_DESCRIPTION, LONGEST_NAME


class CoverSerializer(serializers.Serializer[Any]):
    """The picture that stands for an album."""

    id = serializers.UUIDField()
    thumbnails = serializers.DictField(child=serializers.URLField(), help_text="WebP by width in pixels.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    placeholder = serializers.CharField(help_text="ThumbHash, base64.")


class AlbumSerializer(serializers.Serializer[Any]):
    """One's own album."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    images = serializers.IntegerField(help_text="How many it shows; what is in the trash is not counted.")
    cover = CoverSerializer(allow_null=True, help_text="The one that was chosen, or else the first.")
    created = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Larger after every change of name, description, cover or order.")


class NewAlbumSerializer(StrictSerializer):
    """An album to be made."""

    name = PlainTextField(max_length=LONGEST_NAME)
    description = PlainTextField(max_length=LONGEST_DESCRIPTION, required=False, default="", allow_blank=True)


class AlbumChangeSerializer(StrictSerializer):
    """What is to change of an album; the rest stays."""

    name = PlainTextField(max_length=LONGEST_NAME, required=False)
    description = PlainTextField(max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True)
    cover = serializers.UUIDField(
        required=False, allow_null=True, help_text="An image of the album; null for its first one."
    )


class ArrangementSerializer(StrictSerializer):
    """Images of an album, in the order in which they are to stand there."""

    images = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_NAMED, help_text="The others stay as they are."
    )
    after = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Behind this one; in front of all without it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """No picture stands in two places."""
        if len({*attrs["images"], attrs["after"]}) <= len(attrs["images"]):
            raise serializers.ValidationError({"images": "Name every image once."})
        return attrs
