"""Every generation with what happened to it, to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin, second_look
from accounts.http import UserRequest
from accounts.languages import pgettext_noop
from generations import late, refunding, submission
from generations.admin import timeline
from generations.models import Generation

LOOKS_AGAIN = "4"  # seconds, while there is more to come
TONES = {"completed": "good", "failed": "bad", "cancelled": "off"}


class CodesFilter(admin.AllValuesFieldListFilter):
    """By code, where none has a name as well."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """What there is to choose."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("none")}


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    """Generations, newest first."""

    list_display = ("short_id", "user", "model", "state", "images_made", "price", "source", "created", "error_code")
    list_filter = ("status", "model", "source", ("error_code", CodesFilter))
    search_fields = ("id", "user__email", "prompt__text", "attempts__job")
    list_select_related = ("user", "model")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("cancel", "refetch", "refund")
    told_with = ("user", "model")
    fieldsets = (
        (None, {"fields": ("id", "user", "source", "status", "error_code", "error_detail", "price")}),
        (
            _("Asked for"),
            {"fields": ("model", "text", "negative", "aspect_ratio", "resolution", "count", "seed", "output_format")},
        ),
        (
            _("Work"),
            {
                "classes": ("collapse",),
                "fields": (
                    *("asked_model", "allow_successor", "only_route", "api_key", "idempotency_key"),
                    *("created", "started", "finished", "deadline", "next_step_at", "lease_until", "claims", "faults"),
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        """With the images, which the list counts."""
        found: QuerySet[Generation] = super().get_queryset(request)
        return found.prefetch_related("images")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With its pictures, and the line of time."""
        context = dict(extra_context or {})
        generation = self.get_object(request, object_id)
        if isinstance(generation, Generation) and self.has_view_permission(request, generation):
            attempts = list(generation.attempts.select_related("route__model"))
            context |= {
                "moments": timeline.moments(generation, attempts),
                "images": generation.images.existing().order_by("position"),
                "own": generation.user == request.user,
            }
        response = super().change_view(request, object_id, form_url, context)
        if isinstance(generation, Generation) and not generation.is_finished:
            response["Refresh"] = LOOKS_AGAIN
        return response

    @admin.display(description=_("prompt"))
    def text(self, generation: Generation) -> str:
        """What was written."""
        return generation.prompt.text

    @admin.display(description=_("negative prompt"))
    def negative(self, generation: Generation) -> str:
        """What was not wanted."""
        return generation.prompt.negative or "–"

    @admin.display(description=_("generation"))
    def short_id(self, generation: Generation) -> str:
        """Enough of the id to tell them apart."""
        return f"…{str(generation.pk)[-12:]}"

    @admin.display(description=_("status"), ordering="status")
    def state(self, generation: Generation) -> str:
        """In a word."""
        return format_html(
            '<span class="state state-{}">{}</span>',
            TONES.get(generation.status, "waiting"),
            generation.get_status_display(),
        )

    @admin.display(description=_("images"))
    def images_made(self, generation: Generation) -> str:
        """Made of asked."""
        return f"{len(generation.images.all())} / {generation.count}"

    @second_look.action(
        pgettext_noop("act", "cancel"),
        _("Cancel and give the credits back"),
        _("Those that have not ended are stopped. What is delivered stays, and the rest of the credits goes back."),
    )
    def cancel(self, request: HttpRequest, queryset: QuerySet[Generation]) -> list[Generation]:
        """Stop those that have not ended. Rows are locked before wallets, and in one order, as workers do."""
        locked = queryset.select_for_update(of=("self",)).order_by("pk")
        return [generation for generation in locked if submission.cancel(generation)]

    @second_look.action(
        pgettext_noop("act", "re-fetch"),
        _("Get the pictures that did not come"),
        _(
            "Workers ask the vendors for what they made, within two minutes, and order nothing. What still comes is "
            "its owner's, late and free: what was held for it has gone back. The page of each says what came of it."
        ),
    )
    def refetch(self, request: HttpRequest, queryset: QuerySet[Generation]) -> list[Generation]:
        """Ask for those that lack any and that a vendor may have made; of all others nothing is done."""
        return [generation for generation in queryset if late.ask(generation)]

    def has_refund_permission(self, request: HttpRequest) -> bool:
        """Whoever may give credits."""
        return request.user.has_perm("accounts.give_credits")

    @second_look.action(
        pgettext_noop("act", "refund"),
        _("Refund"),
        _("What was paid for their pictures goes back, once. The pictures stay with whoever has them."),
        permission="refund",
    )
    def refund(self, request: UserRequest, queryset: QuerySet[Generation]) -> list[Generation]:
        """Give back what the delivered pictures cost."""
        reason, found = request.POST["_reason"], queryset.prefetch_related("images")
        return [generation for generation in found if refunding.refund(generation, reason, request.user)]
