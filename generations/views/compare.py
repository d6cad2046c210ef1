"""``/compare``: the same prompt on two or three models, and the page where one picks from what they made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import Throttled

from accounts.ledger import NotEnoughCredits
from accounts.limits import count_submit
from accounts.models import User
from generations import arranging, comparing, pricing, submission, timing
from generations.forms import CompareForm
from generations.models import Comparison, Generation
from generations.views import feed
from generations.views.access import PageRequest, own_generation, signed_in
from generations.views.cards import Card
from generations.views.composer import DEFAULT_MODEL, Choice, Composer

UNPROCESSABLE = 422
RECENT = 12


class Comparer(Composer):
    """The composer of a comparison: several models are chosen."""

    defaults = {**Composer.defaults, "count": 1}

    def __init__(self, form: CompareForm, user: User) -> None:
        super().__init__(form, user)
        self.wanted = form["models"].value() or []

    @cached_property
    def compared(self) -> list[Choice]:
        """The chosen models; before anything is chosen the usual one and its neighbour."""
        chosen = [choice for choice in self.choices if choice.model.slug in self.wanted]
        if chosen or self.form.is_bound:
            return chosen
        able = [choice for choice in self.choices if choice.open]
        return sorted(able, key=lambda choice: choice.model.slug != DEFAULT_MODEL)[: comparing.FEWEST]

    @property
    def slugs(self) -> list[str]:
        """Of the chosen models."""
        return [choice.model.slug for choice in self.compared]

    @property
    def total(self) -> int:
        """Credits for all that would be made."""
        prices = (choice.model.price(self.order.resolution) for choice in self.compared)
        return sum(pricing.total(price, self.order.count) for price in prices)

    def _has(self, capability: str, value: str) -> bool:
        return any(value in getattr(choice.model, capability) for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Side:
    """One model's part of a comparison."""

    comparison: Comparison
    card: Card

    @property
    def seconds(self) -> float | None:
        """From submit to the end."""
        generation = self.card.generation
        return (generation.finished - generation.created).total_seconds() if generation.finished else None

    @property
    def stamp(self) -> str:
        """Equal as long as its head shows the same."""
        return self.card.stamp


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def compare(request: PageRequest) -> HttpResponse:
    """The form, and what was compared before; a POST orders a comparison."""
    if request.method != "POST":
        return _form(request, CompareForm(initial=_initial(request)))
    form = CompareForm(request.POST)
    comparison = _ordered(request, form)
    return redirect("comparison", comparison.pk) if comparison else _form(request, form, UNPROCESSABLE)


@require_safe
@signed_in
def comparison(request: PageRequest, pk: UUID) -> HttpResponse:
    """The models side by side."""
    shown = _own(request, pk)
    generations = Generation.objects.of(request.user).filter(comparisons=shown).order_by("id")
    context = {
        "comparison": shown,
        "sides": [_side(shown, generation) for generation in generations],
        "others": comparing.others(shown).count(),
    }
    return render(request, "compare/page.html", context)


@require_safe
@signed_in
def side(request: PageRequest, pk: UUID, generation: UUID) -> HttpResponse:
    """One model's part, as it stands now."""
    shown = _own(request, pk)
    found = own_generation(request, generation)
    if not shown.generations.filter(pk=generation).exists():
        raise Http404
    return render(request, "compare/_side.html", {"side": _side(shown, found)})


@require_POST
@signed_in
def pick(request: PageRequest, pk: UUID) -> HttpResponse:
    """Make a picture the winner."""
    try:
        comparing.pick(_own(request, pk), UUID(request.POST.get("image", "")))
    except ValueError as error:
        raise BadRequest("image") from error
    except arranging.NotThere as error:
        raise Http404 from error
    except arranging.InTrash:
        messages.error(request, _("It is in the trash."))
    return redirect("comparison", pk)


@require_POST
@signed_in
def trash_others(request: PageRequest, pk: UUID) -> HttpResponse:
    """Put what was not picked into the trash."""
    count = comparing.trash_others(_own(request, pk))
    text = ngettext("%(count)s image moved to trash", "%(count)s images moved to trash", count)
    messages.success(request, text % {"count": count})
    return redirect("comparison", pk)


def _form(request: PageRequest, form: CompareForm, status: int = 200) -> HttpResponse:
    context = {"composer": Comparer(form, request.user), "recent": comparing.recent(request.user)[:RECENT]}
    return render(request, "compare/form.html", context, status=status)


def _initial(request: PageRequest) -> dict[str, Any]:
    """What a link brings along: a generation whose order is to be compared, or what stood in the composer."""
    initial: dict[str, Any] = {}
    if remixed := request.GET.get("remix"):
        initial = _order_of(request, remixed)
    given = {name: request.GET[name] for name in CompareForm.base_fields if name in request.GET}
    models = [slug for slug in [initial.get("model"), *request.GET.getlist("models")] if slug]
    return initial | given | {"models": models}


def _order_of(request: PageRequest, name: str) -> dict[str, Any]:
    try:
        generation = own_generation(request, UUID(name))
    except ValueError as error:
        raise BadRequest("remix") from error
    return asdict(submission.order_of(generation))


def _ordered(request: PageRequest, form: CompareForm) -> Comparison | None:
    """The new comparison, or None with the reasons in the form."""
    if not form.is_valid():
        return None
    models = form.cleaned_data["models"]
    try:
        for _each in models:
            count_submit(request.user)
        entrance = submission.Entrance(Generation.Source.WEB, idempotency_key=form.idempotency_key)
        return comparing.compare(request.user, form.order, models, entrance).comparison
    except submission.InvalidOrder as error:
        for name, problem in error.errors.items():
            form.add_error("models" if name == "model" else name, problem)
    except (NotEnoughCredits, submission.IdempotencyConflict, Throttled) as error:
        form.add_error(None, feed.refusal(error))
    return None


def _side(shown: Comparison, generation: Generation) -> Side:
    return Side(shown, Card(generation, place=timing.place_in_line(generation)))


def _own(request: PageRequest, pk: UUID) -> Comparison:
    """The person's own comparison; 404 for anybody else's."""
    return get_object_or_404(Comparison.objects.select_related("winner", "user"), pk=pk, user=request.user)
