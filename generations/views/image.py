"""``/i/<id>``: one picture, as large as the window allows, with everything that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generations import gallery, timing
from generations.models import Image
from generations.storage import THUMBNAIL_WIDTHS
from generations.types import Parameter
from generations.views import words
from generations.views.access import PageRequest, signed_in


@dataclass(frozen=True, slots=True)
class Wish:
    """A row of what was asked and what was sent."""

    label: str
    asked: str
    verdict: str
    sent: str


@require_safe
@signed_in
def image(request: PageRequest, pk: UUID) -> HttpResponse:
    """The owner's picture."""
    shown = get_object_or_404(Image.objects.of(request.user).select_related("attempt__route__model"), pk=pk)
    newer, older = gallery.neighbours(shown)
    parameters = [Parameter(**found) for found in shown.attempt.parameters]
    context: dict[str, Any] = {
        "image": shown,
        "generation": shown.generation,
        "attempt": shown.attempt,
        "newer": newer,
        "older": older,
        "maker": words.maker(shown.generation, shown.attempt),
        "wishes": [_wish(parameter) for parameter in parameters],
        "notes": words.notes(parameters),
        "seconds": (shown.created - shown.generation.created).total_seconds(),
        "typical": timing.typical_seconds(shown.generation.model),
        "thumbnails": THUMBNAIL_WIDTHS,
    }
    return render(request, "image/page.html", context)


def _wish(parameter: Parameter) -> Wish:
    asked, sent = str(parameter.asked), str(parameter.sent)
    if parameter.name == "output_format":
        asked, sent = asked.upper(), sent.upper()
    if parameter.name == "negative_prompt":
        asked = f"“{asked}”"
    return Wish(words.label(parameter.name), asked, parameter.verdict, sent)
