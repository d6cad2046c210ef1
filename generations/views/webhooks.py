"""``/account/webhooks``: who is told of one's generations, and how that went."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.sealing import Unreadable
from generations import endpoints, keyset
from generations.models import Delivery, Endpoint
from generations.views.access import PageRequest, signed_in
from generations.webhooks import ENDS, LONGEST_URL, kind

PAGE = 30
INVALID = 422
PAGE_METHODS = ["GET", "HEAD", "POST"]
MISSED = dt.timedelta(days=3)
EVENTS = [(kind(ends), ends.label) for ends in ENDS]


class EndpointForm(forms.Form):
    """Where it listens, and what it is told."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the address that is to be told, beginning with https://.")},
    )
    description = forms.CharField(label=gettext_lazy("What it is for"), max_length=200, required=False)
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it of generations that are"),
        choices=EVENTS,
        widget=forms.CheckboxSelectMultiple,
        initial=[name for name, _label in EVENTS],
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def clean_url(self) -> str:
        """An address that can be told something."""
        url: str = self.cleaned_data["url"]
        if problem := endpoints.problem(url):
            raise forms.ValidationError(problem)
        return url

    @property
    def wishes(self) -> dict[str, Any]:
        """What the endpoint is to be; all events are none in particular."""
        events = self.cleaned_data["events"]
        return self.cleaned_data | {"events": [] if len(events) == len(EVENTS) else events}


@require_http_methods(PAGE_METHODS)
@never_cache
@signed_in
def webhooks(request: PageRequest) -> HttpResponse:
    """One's endpoints. A new one's secret is in the answer to its form."""
    form, made = EndpointForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        try:
            made = endpoints.create(request.user, **form.wishes)
        except endpoints.TooMany:
            form.add_error(None, _("You can have %(most)s endpoints. Remove one first.") % {"most": endpoints.MOST})
        else:
            form = EndpointForm()
    context = {
        "form": form,
        "made": made,
        "secret": endpoints.shown(made) if made else "",
        "endpoints": request.user.endpoints.order_by("-pk"),
    }
    return render(request, "webhooks/list.html", context, status=INVALID if form.errors else 200)


@require_http_methods(PAGE_METHODS)
@never_cache
@signed_in
def webhook(request: PageRequest, pk: UUID) -> HttpResponse:
    """One endpoint: what it is told, and everything that it was sent."""
    endpoint = _own(request, pk)
    form = _form_of(endpoint, request.POST if request.method == "POST" else None)
    if form.is_valid():
        endpoint.change(**form.wishes)
        messages.success(request, _("Saved"))
        return redirect("webhook", pk)
    return _shown(request, endpoint, form=form, status=INVALID if form.errors else 200)


@require_POST
@never_cache
@signed_in
def webhook_secret(request: PageRequest, pk: UUID) -> HttpResponse:
    """Draw a new secret; it is in this answer and nowhere else."""
    endpoint = _own(request, pk)
    if not endpoints.rotate(endpoint):
        messages.error(request, _("A new secret was drawn a moment ago, in another window or by a program."))
        return redirect("webhook", pk)
    try:
        secret = endpoints.shown(endpoint)
    except Unreadable:
        messages.error(request, _("The studio's own key has changed since; draw it again."))
        return redirect("webhook", pk)
    return _shown(request, endpoint, secret=secret)


@require_POST
@signed_in
def webhook_switch(request: PageRequest, pk: UUID) -> HttpResponse:
    """Pause it, or have it told again."""
    endpoint = _own(request, pk)
    on = request.POST.get("on") == "1"
    endpoint.change(disabled="" if on else Endpoint.Disabled.BY_OWNER)
    messages.success(request, _("It is sent again") if on else _("Paused"))
    return redirect("webhook", pk)


@require_POST
@signed_in
def webhook_remove(request: PageRequest, pk: UUID) -> HttpResponse:
    """Remove it, with its log."""
    _own(request, pk).remove()
    messages.success(request, _("The endpoint is removed"))
    return redirect("webhooks")


@require_POST
@signed_in
def webhook_test(request: PageRequest, pk: UUID) -> HttpResponse:
    """Send it a message that tells of nothing."""
    try:
        endpoints.test(_own(request, pk))
    except endpoints.Disabled:
        messages.error(request, _("Nothing is sent to it now. Switch it on first."))
    return redirect("webhook", pk)


@require_POST
@signed_in
def webhook_replay(request: PageRequest, pk: UUID) -> HttpResponse:
    """Send again what failed in the last days."""
    try:
        count = endpoints.replay_failed(_own(request, pk), timezone.now() - MISSED)
    except endpoints.Disabled:
        messages.error(request, _("Nothing is sent to it now. Switch it on first."))
    else:
        messages.success(request, _("Messages to be sent again: %(count)s") % {"count": count})
    return redirect("webhook", pk)


@require_safe
@signed_in
def delivery(request: PageRequest, pk: UUID, delivery: UUID) -> HttpResponse:
    """One message with every try."""
    endpoint = _own(request, pk)
    found = get_object_or_404(endpoint.deliveries.prefetch_related("log"), pk=delivery)
    return render(
        request, "webhooks/delivery.html", {"endpoint": endpoint, "delivery": found, "kind": kind(found.event)}
    )


@require_POST
@signed_in
def delivery_replay(request: PageRequest, pk: UUID, delivery: UUID) -> HttpResponse:
    """Send it once more, under the same id."""
    endpoint = _own(request, pk)
    try:
        endpoints.replay(endpoint, get_object_or_404(endpoint.deliveries, pk=delivery))
    except endpoints.Disabled:
        messages.error(request, _("Nothing is sent to it now. Switch it on first."))
    except endpoints.StillPending:
        messages.error(request, _("It is on its way already."))
    return redirect("webhook_delivery", pk, delivery)


def _own(request: PageRequest, pk: UUID) -> Endpoint:
    return get_object_or_404(Endpoint, pk=pk, user=request.user)


def _form_of(endpoint: Endpoint, sent: QueryDict | None = None) -> EndpointForm:
    told = endpoint.events or [name for name, _label in EVENTS]
    return EndpointForm(sent, initial={"url": endpoint.url, "description": endpoint.description, "events": told})


def _shown(
    request: PageRequest, endpoint: Endpoint, *, form: EndpointForm | None = None, secret: str = "", status: int = 200
) -> HttpResponse:
    """The page of an endpoint, or the part of it that changes to those who ask for that."""
    state, cursor = request.GET.get("state", ""), request.GET.get("before", "")
    log = endpoint.deliveries.all()
    if state in Delivery.State.values:
        log = log.filter(state=state)
    try:
        page = keyset.page(log, keyset.NEWEST, cursor=cursor, limit=PAGE)
    except keyset.BadCursor as error:
        raise BadRequest("before") from error
    context = {
        "endpoint": endpoint,
        "form": form or _form_of(endpoint),
        "secret": secret,
        "messages_sent": [(one, kind(one.event)) for one in page.rows],
        "next": page.next,
        "state": state,
        "states": Delivery.State.choices,
        "busy": any(one.state == Delivery.State.PENDING for one in page.rows),
    }
    return render(request, "webhooks/_log.html" if request.htmx else "webhooks/endpoint.html", context, status=status)
