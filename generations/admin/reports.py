"""What people reported, for admins to decide."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin, second_look
from accounts.http import UserRequest
from accounts.languages import pgettext_noop
from generations import reporting
from generations.media import Addresses
from generations.models import Report

DECIDED = ("resolved_at", "decision", "decided_by", "grounds")


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, the open ones first."""

    list_display = ("created", "picture", "reason", "note", "user", "owner", "resolved_at", "decision")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter), "decision", "reason")
    search_fields = ("image__id", "user__email", "image__user__email")
    list_select_related = ("user", "image__user")
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
        return format_html('<a href="{}"><img src="{}" width="96" alt="{}"></a>', original, small, _("picture"))

    @admin.display(description=_("owner"))
    def owner(self, report: Report) -> str:
        """Whose it is."""
        return report.image.user.email

    @second_look.action(
        pgettext_noop("act", "dismiss report"),
        _("Nothing has to be done"),
        _("These reports are closed, and who wrote them is told."),
    )
    def dismiss(self, request: UserRequest, queryset: QuerySet[Report]) -> list[Report]:
        """Close them."""
        return reporting.dismiss(queryset, request.user)

    @second_look.action(
        pgettext_noop("act", "take down"),
        _("Take down: nobody but the owner sees the picture"),
        _("For good: the pictures cannot be published or shared again, and everybody concerned is told."),
    )
    def take_down(self, request: UserRequest, queryset: QuerySet[Report]) -> list[Report]:
        """With every report of the same pictures."""
        return reporting.take_down(queryset, request.user, grounds=self._grounds(queryset))

    @second_look.action(
        pgettext_noop("act", "delete picture"),
        _("Delete: the owner loses the picture, too"),
        _("For good: the pictures are deleted for their owners as well, and everybody concerned is told."),
    )
    def remove(self, request: UserRequest, queryset: QuerySet[Report]) -> list[Report]:
        """With every report of the same pictures."""
        return reporting.take_down(queryset, request.user, remove=True, grounds=self._grounds(queryset))

    def _grounds(self, queryset: QuerySet[Report]) -> str:
        """What was reported, in the words of the form; the notes are not for the owner."""
        reasons = queryset.order_by().values_list("reason", flat=True).distinct()
        return ", ".join(str(Report.Reason(reason).label) for reason in reasons)
