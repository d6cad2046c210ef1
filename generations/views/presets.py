"""``/presets``: what a person likes to order, under names."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from generations import prompts
from generations.forms import PresetForm, RenameForm
from generations.models import Preset
from generations.serializers.prompts import PresetOrderSerializer
from generations.views import composer
from generations.views.access import PageRequest, signed_in

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def presets(request: PageRequest) -> HttpResponse:
    """All of them; a POST keeps what the composer holds under a name."""
    if request.method != "POST":
        return _page(request)
    form = PresetForm(request.POST)
    if not _keep(request, form):
        if not request.htmx:
            return _asked(request, form, UNPROCESSABLE)
        response = render(request, "presets/_save.html", {"form": form}, status=UNPROCESSABLE)
        return reswap(retarget(response, "#save-preset-form"), "outerHTML")
    kept = _("Preset “%(name)s” kept") % {"name": form.cleaned_data["name"]}
    if not request.htmx:
        messages.success(request, kept)
        return redirect("presets")
    shown = composer.Composer(composer.blank({}), request.user)
    response = render(request, "presets/_menu.html", {"composer": shown})
    trigger_client_event(response, "toast", {"text": kept})
    return trigger_client_event(response, "dialog-done")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: PageRequest) -> HttpResponse:
    """Asks for a name: the inside of a dialog beside the composer, or a page that takes along what it sent."""
    if request.htmx:
        return render(request, "presets/_dialog.html", {"form": PresetForm()})
    if request.method != "POST":
        return redirect("create")
    return _asked(request, PresetForm(initial=request.POST.dict()))


@require_POST
@signed_in
def choose(request: PageRequest, pk: UUID) -> HttpResponse:
    """The composer as it stands, with what the preset names in place of what was there."""
    preset = own_preset(request, pk)
    if not request.htmx:
        return redirect(f"/create?preset={preset.pk}")
    written = {name: value for name, value in request.POST.items() if name in prompts.ORDERED | {"token", "lock"}}
    form = composer.blank(written | prompts.order_of_preset(preset))
    return render(request, "create/_composer.html", {"composer": composer.Composer(form, request.user)})


@require_POST
@signed_in
def rename(request: PageRequest, pk: UUID) -> HttpResponse:
    """Give one another name."""
    preset = own_preset(request, pk)
    form = RenameForm(request.POST)
    if form.is_valid():
        try:
            prompts.change_preset(preset, {"name": form.cleaned_data["name"]}, None)
        except prompts.NameTaken:
            form.add_error("name", _name_taken())
        else:
            return redirect("presets")
    return _page(request, {preset.pk: form}, UNPROCESSABLE)


@require_POST
@signed_in
def delete(request: PageRequest, pk: UUID) -> HttpResponse:
    """Forget one."""
    own_preset(request, pk).remove()
    return redirect("presets")


def own_preset(request: PageRequest, pk: UUID) -> Preset:
    """The person's own; 404 for anybody else's."""
    return get_object_or_404(Preset, pk=pk, user=request.user)


def _asked(request: PageRequest, form: PresetForm, status: int = 200) -> HttpResponse:
    return render(request, "presets/new.html", {"form": form, "kept": _sent(request)}, status=status)


def _sent(request: PageRequest) -> list[tuple[str, str]]:
    """What the composer holds, to be sent along with the name."""
    return [(name, request.POST[name]) for name in sorted(prompts.ORDERED) if name in request.POST]


def _page(request: PageRequest, refused: dict[UUID, RenameForm] | None = None, status: int = 200) -> HttpResponse:
    refused = refused or {}
    rows = [
        (preset, refused.get(preset.pk) or RenameForm(initial={"name": preset.name}), _values(preset))
        for preset in prompts.presets(request.user)
    ]
    return render(request, "presets/page.html", {"presets": rows}, status=status)


def _values(preset: Preset) -> list[str]:
    """What it chooses, always in the same order."""
    return [str(preset.parameters[name]) for name in ("model", *prompts.PARAMETERS) if name in preset.parameters]


def _keep(request: PageRequest, form: PresetForm) -> bool:
    """Whether it was kept; if not, the form says why."""
    if not form.is_valid():
        return False
    order = PresetOrderSerializer(data=form.values)
    if not order.is_valid():
        form.add_error(None, _("Choose a model, shape and format that exist."))
        return False
    try:
        prompts.keep_preset(request.user, order.validated_data)
    except prompts.NameTaken:
        form.add_error("name", _name_taken())
    except prompts.TooMany:
        form.add_error(None, _("You have %(most)s presets; delete one first.") % {"most": prompts.MOST_PRESETS})
    return not form.errors


def _name_taken() -> str:
    return _("Another preset has this name.")
