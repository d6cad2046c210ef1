"""``/``: what this is, for those who are not signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from generations import pricing
from generations.types import MAX_IMAGES
from generations.views import composer, samples


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page; those who are signed in go to their studio."""
    if request.user.is_authenticated:
        return redirect("create")
    offered = composer.choices()
    usual = next((choice for choice in offered if choice.model.slug == composer.DEFAULT_MODEL), None)
    chosen = usual or next(iter(offered), None)
    context = {
        "chosen": chosen,
        "count": MAX_IMAGES,
        "total": pricing.total(chosen.model.price_1k, MAX_IMAGES) if chosen else 0,
        "samples": samples.WALL,
    }
    return render(request, "landing.html", context)
