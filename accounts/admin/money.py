"""The ledger and its holds, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.reading import ReadOnlyAdmin
from accounts.models import Entry, Hold


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """The ledger, newest first."""

    list_display = (
        "created",
        "user",
        "kind",
        "amount",
        "posted_after",
        "held_after",
        "version_after",
        "reason",
        "actor",
        "key",
    )
    list_filter = ("kind", "created")
    search_fields = ("wallet__user__email", "key", "reason")
    list_select_related = ("wallet__user", "actor")
    ordering = ("-id",)
    date_hierarchy = "created"
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """One person's entries, which the page of a person links to."""
        return lookup == "wallet__user__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("user"), ordering="wallet__user__email")
    def user(self, entry: Entry) -> str:
        """Whose."""
        return entry.wallet.user.email


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """What is set aside for which generation."""

    list_display = ("generation", "wallet", "amount", "captured", "released")
    search_fields = ("generation", "wallet__user__email")
    list_select_related = ("wallet__user",)
    ordering = ("-id",)
