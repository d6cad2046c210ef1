"""How a line of the log is written: for people, or as JSON for programs. Both say whom and what it is about."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from django.http import HttpRequest

from accounts.telemetry import context, traces

Record = logging.LogRecord
PROBE = "readyz"  # being asked is no event, not even in vain


class Line(logging.Formatter):
    """``2026-11-21 18:00:00,000 INFO access: GET create 200 … [request=… user=7]``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: Record) -> str:  # noqa: N802 - logging's
        """The line, without a traceback."""
        known = " ".join(f"{name}={value}" for name, value in context.known().items())
        return super().formatMessage(record) + (f" [{known}]" if known else "")


class Json(logging.Formatter):
    """One object in one line: ``time level logger message``, what it is about, and the figures that came with it."""

    def format(self, record: Record) -> str:
        """The object; a traceback is in ``error``."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **context.known(),
            **traces.known(),
            **getattr(record, "figures", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def without_addresses(record: Record) -> bool:
    """Django names the address that a request was for, which may be a secret: its view is named instead."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        match = request.resolver_match
        name = (match.view_name or match.route) if match else "an unknown address"
        if name == PROBE:
            return False
        address = request.path.encode("unicode_escape").decode("ascii")  # as Django has it there
        record.args = tuple(name if argument == address else argument for argument in record.args)
    return True
