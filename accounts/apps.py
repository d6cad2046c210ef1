"""People, their keys and their credits."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Knows nothing of generations."""

    name = "accounts"
