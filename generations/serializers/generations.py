"""Generations, for the schema: ``bodies`` gives what these describe."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.pages import Listed
from generations.models import Generation
from generations.serializers.images import ImageSerializer


class ParameterSerializer(serializers.Serializer[Any]):
    """What became of one thing that was asked for."""

    name = serializers.CharField()
    asked = serializers.JSONField()
    verdict = serializers.ChoiceField(["sent", "adjusted", "ignored"])
    sent = serializers.JSONField(help_text="Null where nothing was.")
    reason = serializers.CharField(allow_blank=True)


class PriceSerializer(serializers.Serializer[Any]):
    """Credits: fixed per image at submit, and what became of the hold."""

    per_image = serializers.IntegerField()
    held = serializers.IntegerField()
    captured = serializers.IntegerField()
    released = serializers.IntegerField()


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a generation, or part of it, was not made."""

    code = serializers.CharField()
    detail = serializers.CharField()


class GenerationSerializer(serializers.Serializer[Any]):
    """A generation as it stands now."""

    id = serializers.UUIDField()
    url = serializers.URLField(help_text="Where it can be read again.")
    status = serializers.ChoiceField(Generation.Status.choices)
    model = serializers.CharField(help_text="The model that makes it.")
    asked_model = serializers.CharField(
        allow_null=True, help_text="What was asked for, where `model` is its successor; else null."
    )
    allow_successor = serializers.BooleanField(help_text="Whether a successor may make it if the model ends meanwhile.")
    prompt = serializers.CharField()
    negative_prompt = serializers.CharField(allow_blank=True)
    aspect_ratio = serializers.CharField()
    resolution = serializers.CharField()
    count = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True)
    output_format = serializers.CharField()
    provider = serializers.CharField(allow_null=True, help_text="Who makes it; `sketch` is arithmetic, not AI.")
    provider_model = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="The provider's own name for the model."
    )
    parameters = ParameterSerializer(
        many=True, help_text="What was sent, adjusted or ignored on the route that was taken; empty until one is."
    )
    price = PriceSerializer()
    error = ErrorSerializer(allow_null=True, help_text="Null unless something asked for was not made.")
    images = ImageSerializer(many=True, help_text="The pictures delivered so far, in order.")
    created = serializers.DateTimeField()
    started = serializers.DateTimeField(allow_null=True)
    finished = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField()


class ListedGenerationSerializer(Listed, GenerationSerializer):
    """A generation in a list."""
