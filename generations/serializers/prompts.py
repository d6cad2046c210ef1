"""Prompts and presets, as they are asked for, and for the schema what ``bodies`` gives of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import PlainBooleanField, PlainIntegerField, PlainTextField, StrictSerializer
from accounts.pages import PageQuerySerializer
from generations.types import MAX_IMAGES, MAX_PROMPT_LENGTH, MAX_SEED, PIXEL_SIZES


class PromptsQuerySerializer(PageQuerySerializer):
    """A page of the history."""

    q = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Words of the prompt.")
    starred = serializers.BooleanField(default=None, allow_null=True, help_text="With a star, or without.")
    before = serializers.CharField(
        max_length=200, default="", allow_blank=True, help_text="Where the page starts; taken from `next`."
    )


class OrderedSerializer(serializers.Serializer[Any]):
    """How a prompt was used."""

    model = serializers.CharField()
    aspect_ratio = serializers.CharField()
    resolution = serializers.CharField()
    count = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True)
    output_format = serializers.CharField()


class PromptSerializer(serializers.Serializer[Any]):
    """A text that was written once or more often."""

    id = serializers.IntegerField()
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField(allow_blank=True)
    starred = serializers.BooleanField()
    created = serializers.DateTimeField()
    last_used = serializers.DateTimeField()


class PromptWithOrderSerializer(PromptSerializer):
    """A text, and how it was used last."""

    last_order = OrderedSerializer(allow_null=True)


class PromptChangeSerializer(StrictSerializer):
    """What can be changed of it."""

    starred = PlainBooleanField()


class PresetParametersSerializer(StrictSerializer):
    """Parameters of an order, as many as are always the same."""

    model = PlainTextField(max_length=120, required=False)
    aspect_ratio = serializers.ChoiceField(list(PIXEL_SIZES), required=False)
    resolution = serializers.ChoiceField(["1K", "2K"], required=False)
    count = PlainIntegerField(min_value=1, max_value=MAX_IMAGES, required=False)
    seed = PlainIntegerField(min_value=0, max_value=MAX_SEED, required=False)
    output_format = serializers.ChoiceField(["png", "jpeg", "webp"], required=False)


class PresetOrderSerializer(StrictSerializer):
    """A preset as it should be."""

    name = PlainTextField(max_length=80)
    prompt = PlainTextField(max_length=MAX_PROMPT_LENGTH, default="", allow_blank=True, trim_whitespace=False)
    negative_prompt = PlainTextField(max_length=MAX_PROMPT_LENGTH, default="", allow_blank=True, trim_whitespace=False)
    parameters = PresetParametersSerializer(default=dict)


class PresetSerializer(serializers.Serializer[Any]):
    """What is ordered under a name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    prompt = serializers.CharField(allow_blank=True)
    negative_prompt = serializers.CharField(allow_blank=True)
    parameters = PresetParametersSerializer()
    version = serializers.IntegerField(help_text="Grows with every change.")
    created = serializers.DateTimeField()
