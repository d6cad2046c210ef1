"""People, their keys and their credits."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Knows nothing of generations."""

    name = "accounts"

    def ready(self) -> None:
        """Let the schema know what a key is."""
        from accounts import schema  # noqa: F401, PLC0415
