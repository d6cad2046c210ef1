"""The catalogue: models, prices, and the routes that serve them, each with a test."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import acts
from accounts.admin import ReadOnlyAdmin, WrittenAdmin, second_look
from accounts.http import UserRequest
from accounts.languages import pgettext_noop
from generations.admin import overview, testing, words
from generations.models import Generation, Model, PriceChange, Route
from generations.providers import registry


class RouteInline(admin.StackedInline[Route, Model]):
    """How a model is served."""

    model = Route
    extra = 0
    exclude = ("gone_since", "gone_detail")
    show_change_link = True


@admin.register(Model)
class ModelAdmin(WrittenAdmin):
    """Models, prices and routes."""

    list_display = ("name", "slug", "status", "retires", "price_1k", "price_2k", "served_by", "position")
    list_editable = ("price_1k", "price_2k", "position")
    list_filter = ("status",)
    search_fields = ("slug", "name", "aliases")
    inlines = (RouteInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """With the routes, which the list names."""
        return super().get_queryset(request).prefetch_related("routes")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Models are retired: generations name them for ever."""
        return False

    @admin.display(description=_("served by"))
    def served_by(self, model: Model) -> str:
        """The providers that are configured."""
        names = [route.provider for route in model.routes.all() if route.provider in registry.enabled()]
        return ", ".join(names) or "–"


@admin.register(PriceChange)
class PriceChangeAdmin(ReadOnlyAdmin):
    """What models cost since when, newest first; the present price is on the model's page."""

    list_display = ("created", "model", "resolution", "before", "after", "by")
    list_filter = ("model", "resolution")
    search_fields = ("model__slug", "model__name")
    list_select_related = ("model", "actor")
    ordering = ("-id",)

    @admin.display(description=_("who"))
    def by(self, change: PriceChange) -> str:
        """The admin, or the catalogue that came with a version."""
        return change.actor.email if change.actor else str(_("catalogue"))


@admin.register(Route)
class RouteAdmin(WrittenAdmin):
    """Every route, to switch, reorder and test across models."""

    list_display = ("model", "provider", "standing", "enabled", "priority", "cost_usd", "provider_model")
    list_editable = ("enabled", "priority", "cost_usd")
    list_filter = ("provider", "enabled", ("gone_since", admin.EmptyFieldListFilter))
    list_select_related = ("model",)
    readonly_fields = ("standing", "gone_since", "gone_detail", "unlisted_since")
    actions = ("reopen",)
    told_with = ("model",)

    def get_urls(self) -> list[URLPattern]:
        """With the address that tests are sent to."""
        test = path("<int:pk>/test", self.admin_site.admin_view(self.test_view), name="generations_route_test")
        return [test, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        """With a button, for those who may press it."""
        model, *others = self.list_display
        return (model, "test", *others) if self.has_change_permission(request) else self.list_display

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the token that makes one test of a button, however often it is pressed."""
        context = {"token": uuid.uuid4(), "may_test": self.has_change_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the test."""
        route = self.get_object(request, object_id)
        test = (
            testing.Test.of(route) if isinstance(route, Route) and self.has_change_permission(request, route) else None
        )
        context = {**(extra_context or {}), "token": uuid.uuid4(), "test": test, "configured": registry.enabled()}
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(require_POST)
    def test_view(self, request: UserRequest, pk: int) -> HttpResponse:
        """Submit the test of a route, and go where it can be watched."""
        route = Route.objects.select_related("model").filter(pk=pk).first()
        if not self.has_change_permission(request, route):
            raise PermissionDenied
        if route is None:
            raise Http404
        back = HttpResponseRedirect(reverse("admin:generations_route_change", args=[pk]))
        try:
            submitted = testing.Test.of(route).submit(request.user, _token(request))
        except testing.NotTested as error:
            messages.error(request, str(error))
            return back
        generation = submitted.generation
        if submitted.replayed:
            messages.info(request, _("This test was made before. For another, load the page of the button anew."))
        else:
            acts.record(pgettext_noop("act", "test"), route, after={"generation": str(generation.pk)})
            said = _("The test is under way and holds %(price)s of yours until it ends.")
            messages.success(request, said % {"price": words.credits_of(generation.total)})
        return _watched(request, generation) or back

    @admin.display(description=_("standing"))
    def standing(self, route: Route) -> str:
        """Whether requests take it."""
        found = overview.standing(route)
        return format_html('<span class="state state-{}">{}</span> {}', found.tone, found.word, found.detail)

    @admin.display(description=_("test"))
    def test(self, route: Route) -> str:
        """The button."""
        return testing.button(route)

    @second_look.action(
        pgettext_noop("act", "reopen"),
        _("Open again: the vendor has the model"),
        _("Requests are sent again to the routes that were thought gone."),
        permission="change",
    )
    def reopen(self, request: HttpRequest, queryset: QuerySet[Route]) -> list[Route]:
        """Send requests again to those that were thought gone."""
        return [route for route in queryset if route.reopen()]


def _token(request: HttpRequest) -> uuid.UUID:
    """The page's; a request that brings none is a test of its own."""
    try:
        return uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid.uuid4()


def _watched(request: HttpRequest, generation: Generation) -> HttpResponse | None:
    """The generation's page, for those who may see it."""
    names = ("generations.view_generation", "generations.change_generation")
    if not any(map(request.user.has_perm, names)):
        return None
    return HttpResponseRedirect(reverse("admin:generations_generation_change", args=[generation.pk]))
