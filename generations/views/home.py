"""``/``: what this is, for those who are not signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from generations import exploring, pricing
from generations.types import MAX_IMAGES
from generations.views import composer, samples
from generations.views.explore import Shown, shown

ON_THE_WALL = 14


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page; those who are signed in go to their studio."""
    if request.user.is_authenticated:
        return redirect("create")
    offered = composer.choices()
    usual = next((choice for choice in offered if choice.model.slug == composer.DEFAULT_MODEL), None)
    chosen = usual or next(iter(offered), None)
    published = _published(request)
    context = {
        "chosen": chosen,
        "count": MAX_IMAGES,
        "total": pricing.total(chosen.model.price_1k, MAX_IMAGES) if chosen else 0,
        "published": published,
        "samples": samples.WALL[: ON_THE_WALL - len(published)],
    }
    return render(request, "landing.html", context)


def _published(request: HttpRequest) -> list[Shown]:
    """The latest pictures that people show everybody, where everybody may look."""
    if not exploring.is_open_to(request.user):
        return []
    return shown(request, exploring.page(cursor="", limit=ON_THE_WALL).rows)
