"""The project: settings, the URL map, and what starts it."""

from __future__ import annotations

from config.celery import app as celery_app  # tasks are published through it, whichever process publishes

__all__ = ["celery_app"]
