"""Shares, what is published, and reports."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.fields import PlainBooleanField, PlainTextField, StrictSerializer
from generations.models import Report
from generations.models.share import LONGEST_NOTE
from generations.storage import SOURCE_TYPES

LONGEST_TOKEN = 200


class ShareSerializer(serializers.Serializer[Any]):
    """One's own share."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="The page to give to others.")
    image = serializers.UUIDField(allow_null=True, help_text="The image that is shared, or null.")
    album = serializers.UUIDField(allow_null=True, help_text="The album that is shared, or null.")
    with_prompt = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    views = serializers.IntegerField(help_text="How often it was looked at.")
    created = serializers.DateTimeField()


class NewShareSerializer(StrictSerializer):
    """What to share: an image or an album."""

    image = serializers.UUIDField(required=False)
    album = serializers.UUIDField(required=False)
    with_prompt = PlainBooleanField(default=False, help_text="Whether the prompts are shown as well.")
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Until when; for ever without it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One thing, and for some time to come."""
        if ("image" in attrs) == ("album" in attrs):
            raise serializers.ValidationError("Send either an image or an album.")
        if (end := attrs.get("expires_at")) and end <= timezone.now():
            raise serializers.ValidationError({"expires_at": "This is in the past."})
        return attrs


class PublicImageSerializer(serializers.Serializer[Any]):
    """A picture of somebody's, for everybody."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="The original.")
    thumbnails = serializers.DictField(child=serializers.URLField(), help_text="WebP by width in pixels.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    media_type = serializers.CharField()
    placeholder = serializers.CharField(help_text="ThumbHash, base64.")
    prompt = serializers.CharField(allow_null=True, help_text="Null where it is not shared.")
    model = serializers.CharField()
    aspect_ratio = serializers.CharField()
    digital_source_type = serializers.ChoiceField(
        sorted(SOURCE_TYPES.values()), help_text="IPTC's word for how it was made: by a trained model, or by rule."
    )


class ExploredImageSerializer(PublicImageSerializer):
    """A published picture; its addresses work for 15 to 20 minutes."""

    published_at = serializers.DateTimeField()


class SharedSerializer(serializers.Serializer[Any]):
    """What a share shows, a page at a time; the addresses work as long as the share lasts."""

    name = serializers.CharField(allow_null=True, help_text="That of the album; null for an image.")
    expires_at = serializers.DateTimeField(allow_null=True)
    results = PublicImageSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class ReportSerializer(serializers.Serializer[Any]):
    """A report that was taken."""

    id = serializers.UUIDField()
    image = serializers.UUIDField()
    reason = serializers.ChoiceField(Report.Reason.choices)
    note = serializers.CharField(allow_blank=True)
    created = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True, help_text="When an admin had looked at it.")
    decision = serializers.ChoiceField(Report.Decision.choices, allow_null=True, help_text="What came of it.")


class NewReportSerializer(StrictSerializer):
    """What is wrong with a picture."""

    image = serializers.UUIDField()
    share = PlainTextField(
        max_length=LONGEST_TOKEN,
        required=False,
        default="",
        allow_blank=True,
        help_text="The end of the share's address, if it has one.",
    )
    reason = serializers.ChoiceField(Report.Reason.choices)
    note = PlainTextField(max_length=LONGEST_NOTE, required=False, default="", allow_blank=True)
