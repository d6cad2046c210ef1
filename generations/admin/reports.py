"""What people reported, for admins to decide."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from generations import reporting
from generations.media import Addresses
from generations.models import Report

DECIDED = ("resolved_at", "decision", "decided_by", "grounds")


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, the open ones first."""

    list_display = ("created", "picture", "reason", "note", "user", "owner", "resolved_at", "decision", "decided_by")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "decision", "reason")
    search_fields = ("image__id", "user__email", "image__user__email")
    list_select_related = ("user", "image__user", "decided_by")
    ordering = ("-resolved_at", "-id")
    actions = ("dismiss", "take_down", "remove")
    fields = ("picture", "image", "reason", "note", "user", "owner", "share", "created", *DECIDED)

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
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """Close them; who wrote them is told."""
        self._say(request, reporting.dismiss(queryset, _admin(request)))

    @admin.action(description=_("Take down: nobody but the owner sees the picture"), permissions=["end"])
    def take_down(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """For good, and everybody concerned is told."""
        self._say(request, reporting.take_down(queryset, _admin(request), grounds=self._grounds(queryset)))

    @admin.action(description=_("Delete: the owner loses the picture, too"), permissions=["end"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        """For good, and everybody concerned is told."""
        grounds = self._grounds(queryset)
        self._say(request, reporting.take_down(queryset, _admin(request), remove=True, grounds=grounds))

    def _grounds(self, queryset: QuerySet[Report]) -> str:
        """What was reported, in the words of the form; the notes are not for the owner."""
        reasons = queryset.order_by().values_list("reason", flat=True).distinct()
        return ", ".join(str(Report.Reason(reason).label) for reason in reasons)

    def _say(self, request: HttpRequest, settled: int) -> None:
        said = ngettext("%(n)s report settled.", "%(n)s reports settled.", settled)
        messages.success(request, said % {"n": settled})


def _admin(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
