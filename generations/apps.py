"""Generations: what is asked for, how it is made, and where it is kept."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationsConfig(AppConfig):
    """Imports of ``accounts`` only."""

    name = "generations"
    verbose_name = _("Generations")

    def ready(self) -> None:
        """Register the checks."""
        from generations import checks  # noqa: F401, PLC0415
