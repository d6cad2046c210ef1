"""What became of each wish, in the words that are used before submit and again afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.languages import translated
from generations.models import Attempt, Generation, Model
from generations.routing import Preview
from generations.types import Parameter

LABELS = {
    "aspect_ratio": gettext_lazy("Shape"),
    "resolution": gettext_lazy("Resolution"),
    "output_format": gettext_lazy("Format"),
    "count": gettext_lazy("Images"),
    "seed": gettext_lazy("Seed"),
    "negative_prompt": gettext_lazy("Negative prompt"),
}
VERDICTS = {"adjusted": gettext_lazy("adjusted"), "ignored": gettext_lazy("ignored")}
FAILURES = {
    "no_route": gettext_lazy("No provider is configured for %(model)s."),
    "unavailable": gettext_lazy("Every route for %(model)s was busy."),
    "deadline": gettext_lazy("It took longer than it may."),
    "outcome_unknown": gettext_lazy("The provider stopped answering, and what it made cannot be found."),
    "rejected": gettext_lazy("The provider did not accept this."),
    "content_policy": gettext_lazy("Held back by the provider's safety check."),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One line about one wish: ``kind`` is a verdict, ``stand-in`` or ``error``; ``url`` is where to do something."""

    kind: str
    name: str
    text: str
    url: str = ""
    action: str = ""


def notes(parameters: Iterable[Parameter]) -> list[Note]:
    """A line for each wish that is not granted as it was asked."""
    return [
        Note(parameter.verdict, label(parameter.name), f"{_reason(parameter)}, {VERDICTS[parameter.verdict]}.")
        for parameter in parameters
        if parameter.verdict != "sent"
    ]


def preview_notes(model: Model, preview: Preview) -> list[Note]:
    """The same before submit, and who would draw it when that is not what one expects."""
    if preview.route is None:
        return [Note("error", model.name, _("no provider is configured for it."))]
    if not preview.route.stand_in:
        return notes(preview.parameters)
    text = _("No provider is configured for %(model)s yet: Sketch stands in. It is arithmetic, not AI.")
    return [Note("stand-in", "", text % {"model": model.name}), *notes(preview.parameters)]


def label(name: str) -> str:
    """What people call a parameter."""
    return str(LABELS.get(name, name))


def maker(generation: Generation, attempt: Attempt | None) -> str:
    """The model that makes it, and whose successor it is where it stands in."""
    model = generation.maker(attempt)
    asked = generation.asked_model or (generation.model.name if model != generation.model else "")
    if not asked:
        return model.name
    return _("made by %(model)s, the successor of %(asked)s") % {"model": model.name, "asked": asked}


def failure(generation: Generation) -> str:
    """Why something was not made, in a sentence."""
    known = FAILURES.get(generation.error_code)
    if known and not (generation.error_code == "rejected" and generation.error_detail):
        return str(known) % {"model": generation.model.name}
    return translated(generation.error_detail) or _("The provider's answer could not be used.")


def _reason(parameter: Parameter) -> str:
    if parameter.verdict == "ignored":
        return _("not supported by this route")
    return _("this route makes %(sent)s") % {"sent": parameter.sent}
