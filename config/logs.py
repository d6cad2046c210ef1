"""Where lines of the log go, and which there are: one handler for our own, Django's, Celery's and uvicorn's."""

from __future__ import annotations

from typing import Any

FORMATS = {"line": "accounts.telemetry.logs.Line", "json": "accounts.telemetry.logs.Json"}
UNHEARD = {"handlers": [], "propagate": True}  # its own handlers are taken away
TALKATIVE = (
    "httpx",
    "celery.beat",
    "celery.worker.strategy",
    "celery.app.trace",
    "celery.worker.request",
    "opentelemetry",
)


def logging(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING: lines of this form, one of ``FORMATS``, from this level on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATS[form]}},
        "filters": {
            "without_addresses": {
                "()": "django.utils.log.CallbackFilter",
                "callback": "ext://accounts.telemetry.logs.without_addresses",
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["without_addresses"]}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in TALKATIVE},
            "django": UNHEARD,
            "django.server": UNHEARD,
            "django.request": {"level": "ERROR"},  # whatever was refused has its line in the log of requests
            "uvicorn": UNHEARD,
            "uvicorn.error": UNHEARD,
            "uvicorn.access": {"handlers": [], "propagate": False},  # it would tell addresses; config.access tells more
        },
    }
