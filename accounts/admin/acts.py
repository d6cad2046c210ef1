"""The log of what admins did: to search, to filter, to take along; nobody changes it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts import acts, tables
from accounts.admin.reading import ReadOnlyAdmin
from accounts.languages import pgettext_noop
from accounts.models import Act

COLUMNS = ["when", "by", "who", "act", "of", "which", "name", "whom", "before", "after", "reason", "from", "request"]
SHOWN = 120


class KindFilter(admin.SimpleListFilter):
    """By what was acted on: anything that the admin has, which nobody has to look up in a long log."""

    title = _("of what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        """Models by the names that admins know."""
        kinds = [model._meta for model in model_admin.admin_site._registry]  # noqa: SLF001 - Django's
        named = ((kind.label_lower, capfirst(str(kind.verbose_name_plural))) for kind in kinds)
        return sorted(named, key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Act]) -> QuerySet[Act]:
        """Acts on rows of this model."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Act)
class ActAdmin(ReadOnlyAdmin):
    """Acts, newest first."""

    list_display = ("created", "done_by", "done", "of_what", "subject", "what_changed", "reason", "address")
    list_display_links = ("created",)
    list_filter = ("by", KindFilter, "created")
    search_fields = ("=target", "name", "verb", "reason", "actor__email", "subject__email", "=request", "=address")
    list_select_related = ("actor", "subject")
    ordering = ("-id",)
    date_hierarchy = "created"
    show_full_result_count = False
    change_list_template = "admin/acts.html"
    fields = (
        *("created", "by", "actor", "address", "request", "done", "kind", "target", "name", "subject", "entry"),
        *("changes", "reason"),
    )
    readonly_fields = ("done", "changes")

    def get_urls(self) -> list[URLPattern]:
        """With the file of them."""
        export = path("export", self.admin_site.admin_view(self.export_view), name="accounts_act_export")
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows with the same search and filters, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse("admin:accounts_act_changelist"))
        acts.record(pgettext_noop("act", "export"), name="acts", after={"asked": request.GET.urlencode()[:SHOWN]})
        return tables.answer("atelier-acts", tables.lines(COLUMNS, map(_row, found.iterator(tables.BATCH))))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the query, which the link to the file repeats."""
        return super().changelist_view(request, {**(extra_context or {}), "query": request.GET.urlencode()})

    @admin.display(description=_("who"), ordering="actor")
    def done_by(self, act: Act) -> str:
        """The admin, or that it was a command."""
        return act.actor.email if act.actor else act.get_by_display()

    @admin.display(description=_("act"), ordering="verb")
    def done(self, act: Act) -> str:
        """The verb."""
        return act.done

    @admin.display(description=_("of what"), ordering="kind")
    def of_what(self, act: Act) -> str:
        """The row."""
        return " ".join(filter(None, (_kind(act.kind), act.name or act.target)))

    @admin.display(description=_("what changed"))
    def what_changed(self, act: Act) -> str:
        """In short."""
        text = ", ".join(f"{name}: {_told(act.before, name)} → {_told(act.after, name)}" for name in _names(act))
        return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

    @admin.display(description=_("what changed"))
    def changes(self, act: Act) -> str:
        """Every field, before and after."""
        rows = ((name, _told(act.before, name), _told(act.after, name)) for name in _names(act))
        return format_html(
            '<table class="changes"><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>',
            _("field"),
            _("before"),
            _("after"),
            format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows),
        )


def _kind(label: str) -> str:
    """What such rows are called, as long as there are any."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)  # noqa: SLF001 - Django's
    except (LookupError, ValueError):
        return label.partition(".")[2]


def _names(act: Act) -> Iterable[str]:
    return sorted({*act.before, *act.after})


def _told(values: dict[str, Any], name: str) -> str:
    if name not in values or values[name] is None:
        return "–"
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _row(act: Act) -> list[object]:
    return [
        act.created.isoformat(timespec="seconds"),
        act.by,
        act.actor.email if act.actor else "",
        act.verb,
        act.kind,
        act.target,
        act.name,
        act.subject.email if act.subject else "",
        json.dumps(act.before, ensure_ascii=False),
        json.dumps(act.after, ensure_ascii=False),
        act.reason,
        act.address or "",
        act.request,
    ]
