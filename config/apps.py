from __future__ import annotations

import logging

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Tasks are published through the Celery app, whichever process publishes. Warnings are lines of the log.

        Loaded here, not with the package: what starts the studio needs neither Celery nor Django.
        """
        from config import celery  # noqa: F401, PLC0415

        logging.captureWarnings(capture=True)
