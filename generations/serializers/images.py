"""Pictures: ``bodies`` gives what most of these describe, and the rest is what may be changed of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainBooleanField, StrictSerializer
from accounts.pages import Listed
from generations.models import Image

MOST_ALBUMS = 100


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
    """One's own picture in a list across generations: how it was made, and where it was put."""

    prompt = serializers.CharField()
    model = serializers.CharField(help_text="The model that took the order.")
    provider = serializers.CharField(help_text="Who made it; `sketch` is arithmetic, not AI.")
    aspect_ratio = serializers.CharField()
    starred = serializers.BooleanField()
    visibility = serializers.ChoiceField(Image.Visibility.choices)
    trashed_at = serializers.DateTimeField(allow_null=True, help_text="Deleted for good 30 days later.")
    version = serializers.IntegerField(help_text="Larger after every change.")


class OwnImageSerializer(GalleryImageSerializer):
    """One's own picture by itself."""

    albums = serializers.ListField(child=serializers.UUIDField(), help_text="The albums that it is in.")


class ListedImageSerializer(Listed, OwnImageSerializer):
    """A picture in a list: with its albums where `include` asks for them."""


class AlbumsChangeSerializer(StrictSerializer):
    """Into which albums a picture comes, and out of which."""

    add = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_ALBUMS, default=list)
    remove = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_ALBUMS, default=list)


class ImageChangeSerializer(StrictSerializer):
    """What is to change of a picture; the rest stays."""

    starred = PlainBooleanField(required=False)
    visibility = serializers.ChoiceField(Image.Visibility.choices, required=False)
    albums = AlbumsChangeSerializer(required=False)


class DownloadQuerySerializer(StrictSerializer):
    """Which file."""

    format = serializers.ChoiceField(["original", "webp", "jpeg"], default="original")
