"""The feed of generations, and what can be done with one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Case, Count, OuterRef, QuerySet, Subquery, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, trigger_client_event
from rest_framework.exceptions import Throttled

from accounts.ledger import NotEnoughCredits
from accounts.limits import count_submit
from accounts.models import User, Wallet
from generations import submission, timing
from generations.models import Generation
from generations.views.access import PageRequest, is_navigation, own_generation, signed_in
from generations.views.cards import Card, Day, by_day

PAGE = 12
MINUTE = 60
Refusal = NotEnoughCredits | submission.InvalidOrder | submission.IdempotencyConflict | Throttled


class Again(Protocol):
    """``submission.retry`` or ``submission.vary``."""

    def __call__(self, generation: Generation, *, source: Generation.Source) -> submission.Submitted: ...


@dataclass(frozen=True, slots=True)
class Feed:
    """Some days of generations, newest first; ``next`` is the cursor of what is older, empty at the end."""

    days: list[Day]
    next: str

    @property
    def in_progress(self) -> int:
        """How many of these are unfinished."""
        return sum(not card.generation.is_finished for day in self.days for card in day.cards)

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all."""
        return not any(day.cards for day in self.days)


def page(user: User, *, before: str = "") -> Feed:
    """A page of a person's feed."""
    own = _placed(Generation.objects.of(user))
    if before:
        own = own.filter(pk__lt=_position(before))
    found = list(own[: PAGE + 1])
    cards = [Card(generation, place=getattr(generation, "place", 0)) for generation in found[:PAGE]]
    return Feed(by_day(cards), str(found[PAGE - 1].pk) if len(found) > PAGE else "")


@require_safe
@vary_on_headers("Sec-Fetch-Dest")
@signed_in
def generation(request: PageRequest, pk: UUID) -> HttpResponse:
    """One generation's card, as it stands now; a page around it when a window asks."""
    found = own_generation(request, pk)
    if not is_navigation(request):
        return card_response(request, found)
    card = Card(found, place=timing.place_in_line(found))
    return render(request, "create/generation.html", {"card": card, "wallet": request.user.wallet})


@require_POST
@signed_in
def cancel(request: PageRequest, pk: UUID) -> HttpResponse:
    """Stop it; one that had ended is shown as it ended."""
    submission.cancel(own_generation(request, pk))
    if not request.htmx:
        return redirect("create")
    return card_response(request, own_generation(request, pk))


@require_POST
@signed_in
def retry(request: PageRequest, pk: UUID) -> HttpResponse:
    """The same order again."""
    return _again(request, pk, submission.retry)


@require_POST
@signed_in
def vary(request: PageRequest, pk: UUID) -> HttpResponse:
    """The same order with another seed."""
    return _again(request, pk, submission.vary)


def card_response(request: PageRequest, generation: Generation) -> HttpResponse:
    """The card alone, and the balance for the rest of the page."""
    card = Card(generation, place=timing.place_in_line(generation))
    wallet = Wallet.objects.get(user=request.user)
    balance = {
        "spendable": wallet.spendable,
        "held": wallet.held,
        "inProgress": Generation.objects.unfinished().filter(user=request.user).count(),
    }
    response = render(request, "create/_generation.html", {"card": card, "wallet": wallet})
    return trigger_client_event(response, "balance", balance)


def refusal(error: Refusal) -> str:
    """Why an order is not taken, in a sentence for people."""
    match error:
        case NotEnoughCredits():
            text = _("%(needed)s credits, you have %(available)s.")
            return text % {"needed": error.needed, "available": error.available}
        case Throttled():
            return _("Too many at once. Try again in %(wait)s s.") % {
                "wait": int(getattr(error, "wait", None) or MINUTE)
            }
        case submission.InvalidOrder():
            return str(error)
    return _("This was sent before with other words. Reload the page and send it again.")


def _again(request: PageRequest, pk: UUID, act: Again) -> HttpResponse:
    found = own_generation(request, pk)
    try:
        count_submit(request.user)
        made = act(found, source=Generation.Source.WEB).generation
    except (NotEnoughCredits, submission.InvalidOrder, Throttled) as error:
        return _not_again(request, refusal(error))
    if not request.htmx:
        return redirect("create")
    return card_response(request, own_generation(request, made.pk))


def _not_again(request: PageRequest, reason: str) -> HttpResponse:
    if not request.htmx:
        messages.error(request, reason)
        return redirect("create")
    return trigger_client_event(reswap(HttpResponse(), "none"), "toast", {"text": reason, "error": True})


def _placed(generations: QuerySet[Generation]) -> QuerySet[Generation]:
    """With their place in line, in the same query as themselves."""
    before = Generation.objects.filter(status=Generation.Status.QUEUED, id__lte=OuterRef("pk")).order_by()
    count = before.values("status").annotate(count=Count("*")).values("count")
    place = Case(When(status=Generation.Status.QUEUED, then=Subquery(count)), default=Value(0))
    return generations.annotate(place=place)


def _position(cursor: str) -> UUID:
    try:
        return UUID(cursor)
    except ValueError as error:
        raise BadRequest("cursor") from error
