"""The catalogue to edit, and every generation with its attempts and events to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from generations import submission
from generations.models import Attempt, Event, Generation, Image, Model, Route
from generations.providers import registry


class RouteInline(admin.StackedInline[Route, Model]):
    """How a model is served."""

    model = Route
    extra = 0


@admin.register(Model)
class ModelAdmin(admin.ModelAdmin[Model]):
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


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin[Route]):
    """Every route, to switch and reorder across models."""

    list_display = ("model", "provider", "provider_model", "enabled", "priority", "cost_usd", "stand_in")
    list_editable = ("enabled", "priority", "cost_usd")
    list_filter = ("provider", "enabled")
    list_select_related = ("model",)


class LookOnlyInline(admin.TabularInline[Any, Generation]):
    """Rows that the product writes."""

    extra = 0
    can_delete = False
    show_change_link = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All that is shown."""
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class AttemptInline(LookOnlyInline):
    """What was tried where."""

    model = Attempt
    fields = (
        "number",
        "provider",
        "provider_model",
        "state",
        "job",
        "seed",
        "cost_usd",
        "error_code",
        "error_detail",
        "sent",
        "accepted",
        "ready",
        "finished",
    )


class EventInline(LookOnlyInline):
    """What happened when."""

    model = Event
    fields = ("id", "kind", "data", "created")


class ImageInline(LookOnlyInline):
    """What was delivered."""

    model = Image
    fields = ("position", "id", "width", "height", "media_type", "size", "seed", "sha256", "created")


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """Generations, newest first."""

    list_display = ("short_id", "user", "model", "state", "images_made", "price", "source", "created", "error_code")
    list_filter = ("status", "model", "source", "error_code")
    search_fields = ("id", "user__email", "prompt__text", "attempts__job")
    list_select_related = ("user", "model")
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (AttemptInline, ImageInline, EventInline)
    actions = ("cancel",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        """With the images, which the list counts."""
        found: QuerySet[Generation] = super().get_queryset(request)
        return found.prefetch_related("images")

    @admin.display(description=_("generation"))
    def short_id(self, generation: Generation) -> str:
        """Enough of the id to tell them apart."""
        return f"…{str(generation.pk)[-12:]}"

    @admin.display(description=_("status"), ordering="status")
    def state(self, generation: Generation) -> str:
        """In a word."""
        return format_html(
            '<span class="status status-{}">{}</span>', generation.status, generation.get_status_display()
        )

    @admin.display(description=_("images"))
    def images_made(self, generation: Generation) -> str:
        """Made of asked."""
        return f"{len(generation.images.all())} / {generation.count}"

    @admin.action(description=_("Cancel and give the credits back"), permissions=["end"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Generation]) -> None:
        """Stop those that have not ended."""
        stopped = sum(submission.cancel(generation) for generation in queryset)
        said = ngettext("%(n)s generation cancelled.", "%(n)s generations cancelled.", stopped)
        messages.success(request, said % {"n": stopped})
