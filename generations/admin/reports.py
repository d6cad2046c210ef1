"""What people reported, for admins to decide."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from generations import reporting
from generations.media import Addresses
from generations.models import Report


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, the open ones first."""

    list_display = ("created", "picture", "reason", "note", "user", "owner", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "reason")
    search_fields = ("image__id", "user__email", "image__user__email")
    list_select_related = ("user", "image__user")
    ordering = ("-resolved_at", "-id")
    actions = ("resolve", "take_down")
    fields = ("picture", "image", "reason", "note", "user", "owner", "share", "created", "resolved_at")

    @admin.display(description=_("picture"))
    def picture(self, report: Report) -> str:
        """Small, or what became of it."""
        if report.image.deleted_at:
            return "–"
        addresses = Addresses("")  # of the host that the admin is at
        small, original = (addresses.of(report.image, variant) for variant in ("320.webp", "original"))
        return format_html('<a href="{}"><img src="{}" width="120" alt=""></a>', original, small)

    @admin.display(description=_("owner"))
    def owner(self, report: Report) -> str:
        """Whose it is."""
        return report.image.user.email

    @admin.action(description=_("Nothing has to be done"), permissions=["end"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Close them."""
        self._say(request, reporting.resolve(queryset))

    @admin.action(description=_("Take down: unpublish and end the shares"), permissions=["end"])
    def take_down(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Nobody but the owner sees the pictures any more."""
        self._say(request, reporting.take_down(queryset))

    def _say(self, request: HttpRequest, settled: int) -> None:
        said = ngettext("%(n)s report settled.", "%(n)s reports settled.", settled)
        messages.success(request, said % {"n": settled})
