"""``/create``: the composer and the feed."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget, trigger_client_event
from rest_framework.exceptions import Throttled

from accounts.ledger import NotEnoughCredits
from accounts.limits import count_submit
from generations import exploring, prompts, submission
from generations.forms import OrderForm
from generations.models import Generation
from generations.views import composer, feed, history, presets
from generations.views.access import PageRequest, own_generation, signed_in

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@signed_in
def create(request: PageRequest) -> HttpResponse:
    """The page; a POST submits what the composer holds."""
    if request.method != "POST":
        return _page(request, composer.blank(_initial(request)))
    form = OrderForm(request.POST)
    generation = _submit(request, form)
    if generation is None:
        return _refused(request, form)
    if not request.htmx:
        return redirect("create")
    response = feed.card_response(request, own_generation(request, generation.pk))
    return trigger_client_event(response, "composed", {"token": composer.new_token()})


@require_POST
@signed_in
def preview(request: PageRequest) -> HttpResponse:
    """The notes for what stands in the composer now."""
    return render(request, "create/_notes.html", {"composer": composer.Composer(OrderForm(request.POST), request.user)})


def _page(request: PageRequest, form: OrderForm, status: int = 200) -> HttpResponse:
    shown = feed.page(request.user, before=request.GET.get("before", ""))
    context = {"composer": composer.Composer(form, request.user), "feed": shown, "wallet": request.user.wallet}
    template = "create/_older.html" if request.htmx and request.method == "GET" else "create/page.html"
    return render(request, template, context, status=status)


def _initial(request: PageRequest) -> dict[str, Any]:
    """What a link brings into the composer: an order, a published picture, a prompt or a preset to use, a text."""
    initial: dict[str, Any] = {}
    if remixed := request.GET.get("remix"):
        initial |= dataclasses.asdict(submission.order_of(own_generation(request, _id(remixed))))
    if published := request.GET.get("published"):
        initial |= _published(published)
    if again := request.GET.get("again"):
        initial |= history.order_again(request, again)
    if preset := request.GET.get("preset"):
        initial |= prompts.order_of_preset(presets.own_preset(request, _id(preset)))
    if title := request.GET.get("title"):  # all that some apps share
        initial |= {"prompt": title}
    return initial | {name: request.GET[name] for name in ("prompt", "model") if request.GET.get(name)}


def _id(name: str) -> UUID:
    try:
        return UUID(name)
    except ValueError as error:
        raise BadRequest(name[:40]) from error


def _published(name: str) -> dict[str, Any]:
    """What everybody is shown of a published picture; nothing once it is not published any more."""
    image = exploring.shown().with_origin().filter(pk=_id(name)).first()
    if image is None:
        return {}
    generation = image.generation
    return {
        "prompt": generation.prompt.text,
        "model": generation.model.slug,
        "aspect_ratio": generation.aspect_ratio,
    }


def _submit(request: PageRequest, form: OrderForm) -> Generation | None:
    """The new generation, or None with the reasons in the form."""
    readable = form.is_valid()
    try:
        if not readable:
            submission.check(request.user, form.order)  # says what else is wrong
            return None
        count_submit(request.user)
        return submission.submit(
            request.user,
            form.order,
            submission.Entrance(Generation.Source.WEB, idempotency_key=form.idempotency_key),
        ).generation
    except submission.InvalidOrder as error:
        for name, problem in error.errors.items():
            form.add_error(name, problem)
    except (NotEnoughCredits, submission.IdempotencyConflict, Throttled) as error:
        form.add_error(None, feed.refusal(error))
    return None


def _refused(request: PageRequest, form: OrderForm) -> HttpResponse:
    if not request.htmx:
        return _page(request, form, UNPROCESSABLE)
    context = {"composer": composer.Composer(form, request.user)}
    response = render(request, "create/_composer.html", context, status=UNPROCESSABLE)
    return reswap(retarget(response, "#composer"), "outerHTML")
