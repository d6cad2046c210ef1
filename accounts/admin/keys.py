"""API keys, which admins can only end."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.admin import second_look
from accounts.admin.reading import ReadOnlyAdmin
from accounts.languages import pgettext_noop
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
    told_with = ("user",)

    @second_look.action(
        pgettext_noop("act", "revoke"), _("Revoke"), _("Programs that use these keys are let in no more, for good.")
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> list[ApiKey]:
        """End them for good."""
        return [key for key in queryset if keys.revoke(key)]
