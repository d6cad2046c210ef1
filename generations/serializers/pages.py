"""How our lists are asked for."""

from __future__ import annotations

from rest_framework import serializers

from accounts.pages import PageQuerySerializer


class NewestFirstQuerySerializer(PageQuerySerializer):
    """A page of what has time-ordered ids."""

    before = serializers.UUIDField(default=None, help_text="Where the page starts; taken from `next`.")


class GenerationsQuerySerializer(NewestFirstQuerySerializer):
    """A page of generations."""


class ImagesQuerySerializer(GenerationsQuerySerializer):
    """A page of pictures."""

    q = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Words of the prompt.")
