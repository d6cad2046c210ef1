"""Lists that are only looked at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Looks only: what it shows is written by the product alone, and what is done to it recorded where it is done."""

    audited = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whoever may change such rows: to look at them is not to end them."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")
