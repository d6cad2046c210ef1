"""What every shape that is taken is made of: no field is guessed, none is lost."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import Field


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt wish is an error, not a surprise."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; every unknown name is an error of its own."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {str(name)[:100]: serializers.ErrorDetail("There is no such field.", "unknown") for name in unknown}
            )
        return super().to_internal_value(data)


class PlainIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; neither text nor true or false."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class PlainBooleanField(serializers.BooleanField):
    """A JSON true or false, and nothing that might stand for one."""

    def to_internal_value(self, data: Any) -> bool:
        """The truth."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class PlainTextField(serializers.CharField):
    """A JSON string; numbers are not turned into text. It is as long as it was sent, spaces at its ends included."""

    def to_internal_value(self, data: Any) -> str:
        """The text."""
        if not isinstance(data, str):
            self.fail("invalid")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.STR)
class NamesField(Field[Any, Any, Any, Any]):
    """Names between commas, each one of ``choices``."""

    default_error_messages = {"invalid_choice": "There is no “{name}”; there are: {choices}."}

    def __init__(self, choices: tuple[str, ...], **options: Any) -> None:
        self.choices = choices
        super().__init__(required=False, default=(), **options)

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """The names."""
        names = tuple(filter(None, str(data).split(",")))
        for name in names:
            if name not in self.choices:
                self.fail("invalid_choice", name=name[:50], choices=", ".join(self.choices))
        return names

    def to_representation(self, value: tuple[str, ...]) -> str:
        """As they are sent."""
        return ",".join(value)
