"""How the storage stands: the walks through it, and the pictures that are gone from it."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin, second_look
from accounts.languages import pgettext_noop
from generations.models import Image, StorageSweep, StoredFile

OWNERS = 5


@admin.register(StorageSweep)
class StorageSweepAdmin(ReadOnlyAdmin):
    """Walks, newest first."""

    list_display = ("started", "finished", "objects_seen", "weight", "left_over", "foreign", "missing", "stopped")
    ordering = ("-id",)

    @admin.display(description=_("size"))
    def weight(self, sweep: StorageSweep) -> str:
        """Of everything that was looked at, in a unit that is easily read."""
        return filesizeformat(sweep.bytes_seen)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Bytes in the storage, those that are missing at the top; each may be the picture of several people."""

    list_display = ("sha256", "media_type", "people", "missing_since", "sought_at", "erasing_since", "claimed_at")
    list_filter = (("missing_since", admin.EmptyFieldListFilter),)
    search_fields = ("sha256",)
    ordering = ("missing_since", "sha256")
    show_full_result_count = False
    actions = ("seek",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredFile]:
        """With some of those who have the picture still."""
        having = Image.objects.existing().filter(sha256=OuterRef("pk")).order_by("user__email")
        found: QuerySet[StoredFile] = super().get_queryset(request)
        return found.annotate(owners=ArraySubquery(having.values("user__email").distinct()[:OWNERS]))

    @admin.display(description=_("whose"))
    def people(self, stored: StoredFile) -> str:
        """Their addresses."""
        return ", ".join(stored.owners)  # type: ignore[attr-defined]  # annotated

    @second_look.action(
        pgettext_noop("act", "seek"),
        _("Try to get them again"),
        _("Workers look for those that are missing within a minute: at the vendor, or by drawing them again."),
    )
    def seek(self, request: HttpRequest, queryset: QuerySet[StoredFile]) -> list[StoredFile]:
        """Before their time; of what is not missing nothing is done."""
        chosen = queryset.filter(missing_since__isnull=False)
        chosen.update(sought_at=None)
        return list(chosen)
