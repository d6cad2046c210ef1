"""What Apiframe's addresses take: fields that they do not know are refused, by their place in the body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.settings import api_settings

from accounts.fields import PlainTextField, StrictSerializer
from generations import remembered, webhooks
from generations.providers.apiframe import wire
from generations.submission import Order


class ParametersSerializer(StrictSerializer):
    """The block that all Imagen models have there, and every model of ours has here."""

    aspect_ratio = serializers.ChoiceField(wire.RATIOS, required=False)
    image_size = serializers.ChoiceField(wire.SIZES, required=False)
    output_format = serializers.ChoiceField([*wire.OUR_FORMATS], required=False)


class GenerateSerializer(StrictSerializer):
    """The body of a submit."""

    prompt = PlainTextField(trim_whitespace=False)
    model = PlainTextField(max_length=120)
    webhookUrl = PlainTextField(required=False)  # noqa: N815 - its name there
    webhookEvents = serializers.ListField(  # noqa: N815
        child=serializers.ChoiceField([*wire.HAPPENINGS]), required=False, min_length=1
    )
    imagenParams = ParametersSerializer(required=False)  # noqa: N815

    def validate_prompt(self, prompt: str) -> str:
        """Counted as JavaScript does."""
        if not wire.fits(prompt):
            raise serializers.ValidationError(f"At most {wire.PROMPT_UNITS} characters.")
        return prompt

    def validate_webhookUrl(self, url: str) -> str:  # noqa: N802
        """One that can be called."""
        if problem := webhooks.problem(url):
            raise serializers.ValidationError(problem)
        return url


class JobsQuerySerializer(serializers.Serializer[Any]):
    """What a list of jobs is asked for. A person's team here is the person."""

    status = serializers.ChoiceField(sorted(wire.STATUSES.values()), required=False)
    model = serializers.CharField(required=False, max_length=120)
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)
    cursor = serializers.CharField(required=False)
    scope = serializers.ChoiceField(["user", "team"], default="user")
    search = serializers.UUIDField(required=False)
    include_models = serializers.ChoiceField(["true", "false"], default="false")

    def validate_cursor(self, cursor: str) -> UUID:
        """The job after which the page begins."""
        try:
            return wire.cursor_read(cursor)
        except ValueError as error:
            raise serializers.ValidationError("No cursor of this list's.") from error


class ModelsQuerySerializer(serializers.Serializer[Any]):
    """What a list of models is asked for."""

    modality = serializers.ChoiceField(["image", "video", "music"], required=False)


GENERATE = GenerateSerializer()


def order_of(values: Mapping[str, Any]) -> Order:
    """The order in a body that was found to be good: one picture, as JPEG unless the model makes none."""
    parameters = values.get("imagenParams", {})
    ratio = parameters.get("aspect_ratio", wire.RATIOS[0])
    chosen = parameters.get("output_format")
    return Order(
        model=values["model"],
        prompt=values["prompt"],
        aspect_ratio=ratio,
        resolution=parameters.get("image_size", wire.SIZES[0]),
        output_format=wire.OUR_FORMATS[chosen] if chosen else _usual_format(values["model"], ratio),
    )


def _usual_format(name: str, ratio: str) -> str:
    model = remembered.serving(name, ratio)
    formats = model.formats if model else []
    return "jpeg" if "jpeg" in formats or not formats else formats[0]


def problems(detail: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every error with its place, in which names are joined by dots."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            names = [place, "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)]
            yield from problems(inner, ".".join(filter(None, names)))
    elif isinstance(detail, list):
        for inner in detail:
            yield from problems(inner, place)
    else:
        yield place, str(detail)
