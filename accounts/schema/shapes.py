"""How the schema speaks of strict shapes: what they do not name is an error."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema


class StrictShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """A body without any other field."""

    target_class = "accounts.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        """As it is, and closed."""
        plain: Any = auto_schema._map_serializer  # noqa: SLF001 - what an extension calls, drf-spectacular's own too
        shape: dict[str, Any] = plain(self.target, direction, bypass_extensions=True)
        return {**shape, "additionalProperties": False}
