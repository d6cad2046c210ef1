"""Pictures, for the schema: ``bodies`` gives what these describe."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ImageSerializer(serializers.Serializer[Any]):
    """One picture with short-lived addresses that need no headers."""

    id = serializers.UUIDField()
    generation = serializers.UUIDField()
    position = serializers.IntegerField(help_text="From 0.")
    url = serializers.URLField(help_text="The original, untouched.")
    thumbnails = serializers.DictField(child=serializers.URLField(), help_text="WebP by width in pixels.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes of the original.")
    sha256 = serializers.CharField()
    placeholder = serializers.CharField(help_text="ThumbHash, base64.")
    seed = serializers.IntegerField(allow_null=True)
    created = serializers.DateTimeField()


class GalleryImageSerializer(ImageSerializer):
    """A picture in a list across generations: with what it shows and which model took the order."""

    prompt = serializers.CharField()
    model = serializers.CharField()
    aspect_ratio = serializers.CharField()
