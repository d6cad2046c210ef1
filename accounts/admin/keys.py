"""API keys, which admins can only end."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import keys
from accounts.admin.reading import ReadOnlyAdmin
from accounts.models import ApiKey


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys, which admins can only end."""

    list_display = ("prefix", "name", "user", "created", "last_used", "expires", "revoked")
    list_filter = ("revoked",)
    search_fields = ("prefix", "name", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["end"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End them for good."""
        ended = sum(keys.revoke(key) for key in queryset)
        messages.success(request, ngettext("%(n)s key revoked.", "%(n)s keys revoked.", ended) % {"n": ended})
