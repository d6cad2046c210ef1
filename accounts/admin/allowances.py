"""What groups are given every month, and what people got of it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.reading import ReadOnlyAdmin
from accounts.admin.writing import WrittenAdmin
from accounts.models import Allotment, MonthlyAllowance


@admin.register(MonthlyAllowance)
class MonthlyAllowanceAdmin(WrittenAdmin):
    """One for each group that has any."""

    list_display = ("group", "amount", "active")
    list_select_related = ("group",)
    list_filter = ("active",)
    search_fields = ("group__name",)


@admin.register(Allotment)
class AllotmentAdmin(ReadOnlyAdmin):
    """Who had which month's, newest first."""

    list_display = ("month", "user", "group", "credits", "created")
    list_filter = ("month", "group")
    search_fields = ("user__email",)
    list_select_related = ("user", "group", "entry")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description=_("credits"))
    def credits(self, allotment: Allotment) -> int:
        """None for whoever had enough."""
        return allotment.entry.amount if allotment.entry else 0
