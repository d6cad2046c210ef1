"""What the operator decides: what nobody may ask for, and who may keep more than others."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import WrittenAdmin
from generations import quotas
from generations.models import Allowance, Announcement, PromptRule


@admin.register(Announcement)
class AnnouncementAdmin(WrittenAdmin):
    """What is said above every page, the latest first. Every process says it within seconds."""

    list_display = ("text", "begins", "ends", "stops_orders")
    list_filter = ("stops_orders",)
    ordering = ("-pk",)


@admin.register(PromptRule)
class PromptRuleAdmin(WrittenAdmin):
    """Words, those that refused most at the top. Every process goes by a change within seconds."""

    list_display = ("text", "allowed", "refusals", "note", "changed")
    list_filter = ("allowed",)
    search_fields = ("text", "note")
    ordering = ("-refusals", "text")
    readonly_fields = ("refusals", "created", "changed")


@admin.register(Allowance)
class AllowanceAdmin(WrittenAdmin):
    """People who may keep more or fewer pictures than the settings say of everybody."""

    list_display = ("user", "most_images", "most_megabytes")
    fields = ("user", "most_images", "most_megabytes", "kept")
    readonly_fields = ("kept",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    ordering = ("user__email",)

    @admin.display(description=_("has"))
    def kept(self, allowance: Allowance) -> str:
        """What they keep now."""
        if allowance.pk is None:
            return "–"
        quota = quotas.of(allowance.user)
        return f"{quota.images} · {quota.bytes // quotas.MEGABYTE} MB" if quota.bounded else "–"
