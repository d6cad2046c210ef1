"""What a person shares: made, listed and ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import albums, sharing
from generations.forms import ShareForm
from generations.keyset import BadCursor
from generations.models import Image, Share
from generations.views.access import PageRequest, signed_in

PAGE = 30
SHOWN = 50  # shares of one thing
INVALID = 422
PAGE_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE_METHODS)
@signed_in
@never_cache
def image_share(request: PageRequest, pk: UUID) -> HttpResponse:
    """How one's picture is shown to others."""
    image = get_object_or_404(Image.objects.kept().filter(user=request.user).with_origin(), pk=pk)
    return _share(request, {"image": image})


@require_http_methods(PAGE_METHODS)
@signed_in
@never_cache
def album_share(request: PageRequest, pk: UUID) -> HttpResponse:
    """How one's album is shown to others."""
    return _share(request, {"album": get_object_or_404(albums.of(request.user), pk=pk)})


@require_safe
@signed_in
def shares(request: PageRequest) -> HttpResponse:
    """Everything that one shares, the latest first."""
    cursor = request.GET.get("cursor", "")
    try:
        page = sharing.page(request.user, cursor=cursor, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("cursor") from error
    return render(request, "share/list.html", {"shares": _addressed(request, page.rows), "next": page.next})


@require_POST
@signed_in
def share_end(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show nothing there any more; back to where the share was listed."""
    if not sharing.of(request.user).filter(pk=pk).end():
        raise Http404
    if request.htmx:
        return HttpResponse()
    messages.success(request, _("The share has ended"))
    return redirect("shares")


def _share(request: PageRequest, thing: dict[str, Any]) -> HttpResponse:
    """``thing`` is the image or the album, under its name."""
    form = ShareForm(request.POST if request.method == "POST" else None)
    named = {name: row.pk for name, row in thing.items()}
    made = None
    if form.is_valid():
        try:
            made = sharing.create(
                request.user, **named, with_prompt=form.cleaned_data["with_prompt"], expires_at=form.expires_at
            )
        except sharing.TooMany:
            form.add_error("lasts", _("You share as many things as anybody may. End one first."))
        except sharing.NothingToShare:
            return redirect(request.path)  # which says why, or that it is gone
    if made and not request.htmx:
        messages.success(request, _("Shared"))
        return redirect(request.path)
    listed = sharing.of(request.user, **named).order_by("-pk")[:SHOWN]
    context = {**thing, "form": form, "made": made, "shares": _addressed(request, listed)}
    template = "share/_own.html" if request.htmx else "share/own.html"
    return render(request, template, context, status=INVALID if form.errors else 200)


def _addressed(request: PageRequest, shown: Iterable[Share]) -> list[tuple[Share, str]]:
    """Shares, each with the address to give to others."""
    return [(share, request.build_absolute_uri(reverse("shared", args=[sharing.token_of(share)]))) for share in shown]
