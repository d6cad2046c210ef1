"""What receivers were told, and whether they took it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from generations.models import Delivery, DeliveryTry, Endpoint


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    """Receivers of people's own, newest first, without what signs and without the paths of their addresses."""

    list_display = ("created", "user", "receiver", "description", "told", "disabled")
    list_filter = ("disabled",)
    search_fields = ("id", "description", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    show_full_result_count = False
    fields = ("id", "user", "receiver", "description", "told", "disabled", "earlier_until", "version", "created")

    @admin.display(description=_("receiver"))
    def receiver(self, endpoint: Endpoint) -> str:
        """Without the path, which often holds a token."""
        return host(endpoint.url)

    @admin.display(description=_("events"))
    def told(self, endpoint: Endpoint) -> str:
        """Of what it is told."""
        return ", ".join(endpoint.events) or str(_("everything"))


class Tries(admin.TabularInline[DeliveryTry, Delivery]):
    """Each try and what came of it; what the receiver said beyond that is its owner's."""

    model = DeliveryTry
    template = "admin/rows.html"
    fields = ("number", "created", "status", "error", "seconds")
    readonly_fields = fields
    ordering = ("number",)
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Messages to receivers, newest first. Of an address only what cannot be a secret is shown."""

    list_display = ("created", "user", "format", "event", "receiver", "state", "tries", "status", "error")
    list_filter = ("state", "format", "event")
    search_fields = ("generation__id", "user__email")
    list_select_related = ("user", "endpoint", "subscription")
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (Tries,)
    fields = (
        *("id", "generation", "endpoint", "user", "format", "event", "receiver", "state", "tries", "status", "error"),
        *("created", "next_try_at", "finished"),
    )

    @admin.display(description=_("receiver"))
    def receiver(self, delivery: Delivery) -> str:
        """Without the path, which often holds a token."""
        return host(delivery.address)


def host(address: str) -> str:
    """Where it leads, without what may be in it to sign in."""
    return urlsplit(address).netloc.rpartition("@")[2]
