"""What receivers were told, and whether they took it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from generations.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Messages to receivers, newest first. Of an address only what cannot be a secret is shown."""

    list_display = ("created", "user", "format", "event", "receiver", "state", "tries", "status", "error")
    list_filter = ("state", "format", "event")
    search_fields = ("generation__id", "user__email")
    list_select_related = ("user", "endpoint")
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        *("id", "generation", "user", "format", "event", "receiver", "state", "tries", "status", "error"),
        *("created", "next_try_at", "finished"),
    )

    @admin.display(description=_("receiver"))
    def receiver(self, delivery: Delivery) -> str:
        """Without the path, which often holds a token."""
        return urlsplit(delivery.address).netloc
