"""The vendors' accounts: how they are and did, what the operator allows them, and their circuit."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Field, QuerySet
from django.forms import Field as FormField
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import acts
from accounts.admin import WrittenAdmin
from accounts.languages import pgettext_noop
from accounts.models import User
from generations.admin import overview
from generations.models import ProviderAccount
from generations.providers import registry

SEEING = ("generations.view_provideraccount", "generations.change_provideraccount")
LEAST = {"max_in_flight": 1, "submits_per_minute": 1, "loss_budget_usd": 0, "warn_below": 0}


def may_see_providers(user: User | AnonymousUser) -> bool:
    """Whether the providers are any business of theirs."""
    return any(map(user.has_perm, SEEING))


@admin.register(ProviderAccount)
class ProviderAdmin(WrittenAdmin):
    """The providers that the environment configures, with their figures."""

    fieldsets = (
        (_("Requests"), {"fields": ("enabled", "max_in_flight", "submits_per_minute")}),
        (_("Answers that are lost"), {"fields": ("unknown_policy", "loss_budget_usd")}),
        (_("Balance"), {"fields": ("warn_below",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """With the address that closes a circuit."""
        reset = self.admin_site.admin_view(self.reset_view)
        return [path("<slug:name>/reset", reset, name="generations_provideraccount_reset"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderAccount]:
        """As they stand now."""
        return ProviderAccount.objects.current()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The environment adds them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProviderAccount | None = None) -> bool:
        """And takes them away."""
        return False

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: Any, **kwargs: Any) -> FormField | None:
        """With the least that makes sense: who is to get nothing is switched off."""
        if db_field.name in LEAST:
            kwargs["min_value"] = LEAST[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A row for each, whatever Django's list could show."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **self._figures(request),
            "title": _("Providers"),
            "opts": self.opts,
            "absent": sorted(registry.CLIENTS.keys() - registry.enabled()),
        }
        context["rows"] = overview.rows(context["span"])
        return render(request, "admin/generations/provideraccount/change_list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form, below the figures of the account and its routes."""
        context = {**(extra_context or {}), **self._figures(request), "token": uuid.uuid4()}
        if self.has_view_or_change_permission(request):
            context["row"] = next(iter(overview.rows(context["span"], [object_id])), None)
            context["routes"] = overview.route_rows(object_id, context["span"])
            context["configured"] = object_id in registry.enabled()
            context["may_test"] = request.user.has_perm("generations.change_route")
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: ProviderAccount, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001 - Django's
        """Only what was changed: the rest of the row is the workers'."""
        obj.save(update_fields=form.changed_data)

    @method_decorator(require_POST)
    def reset_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Close the circuit by hand."""
        account = self.get_queryset(request).filter(name=name).first()
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if account is None:
            raise Http404
        account.reset()
        acts.record(pgettext_noop("act", "close circuit"), account)
        messages.success(request, _("Requests go to %(name)s again.") % {"name": name})
        return HttpResponseRedirect(reverse("admin:generations_provideraccount_change", args=[name]))

    def _figures(self, request: HttpRequest) -> dict[str, Any]:
        """The span of time that was asked for, and what there is to choose from."""
        asked = request.GET.get("span", "")
        span = asked if asked in overview.SPANS else overview.USUAL_SPAN
        spans = [(name, words, name == span) for name, (_span, words) in overview.SPANS.items()]
        return {"span": span, "spans": spans, "meanings": overview.MEANINGS.items()}
