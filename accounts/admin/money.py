"""The ledger and its holds, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts import acts, ledgerfile, tables
from accounts.admin.reading import ReadOnlyAdmin
from accounts.daterange import DaysForm
from accounts.languages import pgettext_noop
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
    change_list_template = "admin/entries.html"

    def get_urls(self) -> list[URLPattern]:
        """With the file of them."""
        export = path("export", self.admin_site.admin_view(self.export_view), name="accounts_entry_export")
        return [export, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the days that a file may be of."""
        return super().changelist_view(request, {**(extra_context or {}), "days": DaysForm({})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Every entry of some days as CSV, oldest first, however many there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = DaysForm(request.GET.dict())
        if not days.is_valid():
            messages.error(request, " ".join(str(said) for each in days.errors.values() for said in each))
            return HttpResponseRedirect(reverse("admin:accounts_entry_changelist"))
        acts.record(pgettext_noop("act", "export"), name="ledger", after=days.cleaned_data)
        return tables.answer("atelier-ledger", ledgerfile.lines(days.first, days.end))

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
