"""Reading bodies. Apart from ``accounts.http``, because DRF imports what its settings name before its own views."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions, parsers


class JSONParser(parsers.JSONParser):
    """JSON as DRF reads it, which a body of 50,000 brackets does not bring down."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value; raises ``ParseError`` for anything that is none."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - nested too deeply") from error
