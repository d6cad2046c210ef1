"""``/explore``: what people published, and what others say against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from generations import exploring, reporting
from generations.forms import ReportForm
from generations.keyset import BadCursor
from generations.media import Addresses
from generations.models import Image
from generations.views import filters
from generations.views.access import PageRequest, signed_in

P = ParamSpec("P")
PAGE = 30
INVALID = 422
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with addresses that work for whoever sees the page, for a quarter of an hour."""

    image: Image
    small: str
    medium: str


def shown(request: HttpRequest, images: Iterable[Image]) -> list[Shown]:
    """Pictures for a wall."""
    address = Addresses(request).of
    return [Shown(image, address(image, "320.webp"), address(image, "640.webp")) for image in images]


def open_to_all(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets everybody look, or only those who are signed in where the studio keeps its pictures to its people."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if exploring.is_open_to(request.user):
            return view(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path())

    return guarded


@require_safe
@vary_on_headers("HX-Request")
@open_to_all
def explore(request: HttpRequest) -> HttpResponse:
    """The latest first; a part of the wall when the wall asks for more."""
    cursor = request.GET.get("cursor", "")
    try:
        page = exploring.page(cursor=cursor, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("cursor") from error
    template = "explore/_more.html" if request.headers.get("HX-Request") else "explore/page.html"
    context = {"pictures": shown(request, page.rows), "next": page.next, "cursor": cursor}
    return render(request, template, context)


@require_safe
@open_to_all
def explore_frames(request: HttpRequest) -> HttpResponse:
    """Pictures that the wall names, to fill the places that it has for them, with addresses that work again."""
    images = exploring.shown().filter(pk__in=filters.ids(request.GET)).with_origin()
    return render(request, "explore/_pictures.html", {"pictures": shown(request, images)})


@require_safe
@open_to_all
def explored(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One published picture; nothing says who made it."""
    image = get_object_or_404(exploring.shown().with_origin(), pk=pk)
    later, earlier = exploring.neighbours(image)
    address = Addresses(request).of
    context: dict[str, Any] = {
        "image": image,
        "generation": image.generation,
        "with_prompt": True,
        "address": address(image, "original"),
        "newer": (reverse("explored", args=[later.pk]), address(later, "original")) if later else None,
        "older": (reverse("explored", args=[earlier.pk]), address(earlier, "original")) if earlier else None,
        "back": reverse("explore"),
        "back_text": _("Explore"),
        "remix": f"{reverse('create')}?{urlencode({'published': pk})}",
        "report": reverse("report", args=[pk]),
    }
    return render(request, "share/picture.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: PageRequest, pk: UUID) -> HttpResponse:
    """Tell the admins what is wrong with a published picture, or with one of the share that ``share`` names."""
    token = request.GET.get("share", "")[:LONGEST_TOKEN]
    if not reporting.is_shown(pk, token=token):
        raise Http404
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "back": _back(token)}
        return render(request, "explore/report.html", context, status=INVALID if form.errors else 200)
    _report(request, pk, token, form)
    return redirect(_back(token))


def _report(request: PageRequest, pk: UUID, token: str, form: ReportForm) -> None:
    try:
        reporting.report(request.user, pk, **form.cleaned_data, token=token)
    except reporting.NotShown as error:
        raise Http404 from error
    except reporting.ReportedBefore:
        messages.success(request, _("You have reported this picture before. An admin looks at it."))
    else:
        messages.success(request, _("Reported. An admin looks at it."))


def _back(token: str) -> str:
    return reverse("shared", args=[token]) if token else reverse("explore")
