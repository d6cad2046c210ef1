"""What every shape that is taken is made of: no field is guessed, none is lost."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


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
