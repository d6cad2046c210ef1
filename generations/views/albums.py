"""``/albums``: collections with an order of their own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from generations import albums as collections
from generations import arranging
from generations.forms import AlbumForm
from generations.keyset import BadCursor, Page
from generations.models import Album, Image
from generations.views import filters
from generations.views.access import PageRequest, signed_in

PAGE = 24
PICTURES = 30
ARRANGED = 200  # pictures on a page where they are put in order
MOSAIC = 3
INVALID, NO_CONTENT = 422, 204
PAGE_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE_METHODS)
@signed_in
def albums(request: PageRequest) -> HttpResponse:
    """One's albums; a POST makes one."""
    form = AlbumForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return redirect("album", collections.create(request.user, **form.cleaned_data).pk)
        except collections.TooMany:
            form.add_error("name", _("You have as many albums as anybody may."))
    try:
        page = collections.page(request.user, cursor=request.GET.get("cursor", ""), limit=PAGE)
    except BadCursor as error:
        raise BadRequest("cursor") from error
    mosaics = collections.mosaics(page.rows, MOSAIC)
    shown = [(album, mosaics.get(album.pk, [])) for album in page.rows]
    context = {"albums": shown, "next": page.next, "form": form}
    return render(request, "albums/list.html", context, status=INVALID if form.errors else 200)


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def album(request: PageRequest, pk: UUID) -> HttpResponse:
    """What is in an album, in its order; a part of it when the wall asks for more."""
    own = own_album(request, pk)
    page = _images(request, own, PICTURES)
    template = "albums/_more.html" if request.htmx else "albums/page.html"
    return render(request, template, {"album": own, "images": page.rows, "next": page.next})


@require_safe
@signed_in
def album_frames(request: PageRequest, pk: UUID) -> HttpResponse:
    """Pictures that the album's wall names, to fill the places that it has for them."""
    own = own_album(request, pk)
    images = collections.images_of(pk).filter(pk__in=filters.ids(request.GET)).with_origin()
    return render(request, "albums/_pictures.html", {"album": str(own.pk), "images": images})


@require_http_methods(PAGE_METHODS)
@signed_in
def album_edit(request: PageRequest, pk: UUID) -> HttpResponse:
    """Its name and description."""
    own = own_album(request, pk)
    form = AlbumForm(request.POST if request.method == "POST" else None, instance=own)
    if form.is_valid():
        collections.change(pk, version=None, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("album", pk)
    return render(request, "albums/edit.html", {"album": own, "form": form}, status=INVALID if form.errors else 200)


@require_http_methods(PAGE_METHODS)
@signed_in
def album_delete(request: PageRequest, pk: UUID) -> HttpResponse:
    """Asks once, then removes the album and leaves its pictures."""
    own = own_album(request, pk)
    if request.method != "POST":
        return render(request, "albums/delete.html", {"album": own})
    collections.delete(pk, version=None)
    messages.success(request, _("%(name)s is deleted. Its pictures are still in the gallery.") % {"name": own.name})
    return redirect("albums")


@require_safe
@signed_in
def album_arrange(request: PageRequest, pk: UUID) -> HttpResponse:
    """Where its pictures are put in order, taken out, and one of them becomes the cover."""
    own = own_album(request, pk)
    page = _images(request, own, ARRANGED)
    before = _before(pk, page) if _cursor(request) else ""
    ids = [str(image.pk) for image in page.rows]
    # what each is to follow when it moves one place forward, and one back
    places = zip(page.rows, ["", before, *ids], [*ids[1:], ""], strict=False)
    context: dict[str, Any] = {
        "album": own,
        "places": list(places),
        "before": before,
        "next": page.next,
        "cursor": _cursor(request),
    }
    return render(request, "albums/arrange.html", context)


@require_POST
@signed_in
def album_order(request: PageRequest, pk: UUID) -> HttpResponse:
    """Put ``image`` behind ``after``, or in front of all."""
    own_album(request, pk)
    image, after = _named(request, "image"), _named(request, "after") if request.POST.get("after") else None
    _require_inside(pk, image)
    if after:
        _require_inside(pk, after)
    if image != after:
        collections.arrange(pk, [image], after=after, version=None)
    return _arranged(request, pk)


@require_POST
@signed_in
def album_cover(request: PageRequest, pk: UUID) -> HttpResponse:
    """Make ``image`` what stands for the album."""
    own_album(request, pk)
    image = _named(request, "image")
    _require_inside(pk, image)
    collections.change(pk, version=None, cover=image)
    messages.success(request, _("This is the cover now"))
    return _arranged(request, pk)


@require_POST
@signed_in
def album_remove(request: PageRequest, pk: UUID) -> HttpResponse:
    """Take ``image`` out of the album; it stays in the gallery."""
    own_album(request, pk)
    image = _named(request, "image")
    arranging.act(request.user, "remove_from_album", Image.objects.filter(pk=image), pk)
    messages.success(request, _("Taken out of the album"))
    return _arranged(request, pk)


def own_album(request: PageRequest, pk: UUID) -> Album:
    """The person's own album; 404 for anybody else's."""
    return get_object_or_404(collections.of(request.user), pk=pk)


def _images(request: PageRequest, album: Album, limit: int) -> Page[Image]:
    try:
        return collections.images(album.pk, cursor=_cursor(request), limit=limit)
    except BadCursor as error:
        raise BadRequest("cursor") from error


def _before(album: UUID, page: Page[Image]) -> str:
    """What the first picture of a page follows."""
    before = collections.neighbours(album, page.rows[0].pk)[0] if page.rows else None
    return str(before.pk) if before else ""


def _cursor(request: PageRequest) -> str:
    return request.GET.get("cursor", "")


def _named(request: PageRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as error:
        raise BadRequest(name) from error


def _require_inside(album: UUID, image: UUID) -> None:
    if not collections.images_of(album).filter(pk=image).exists():
        raise BadRequest("image")


def _arranged(request: PageRequest, pk: UUID) -> HttpResponse:
    """Scripts have moved it already; forms see the page again, where they were."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=NO_CONTENT)
    cursor = request.POST.get("cursor", "")
    return redirect(reverse("album_arrange", args=[pk]) + (f"?{urlencode({'cursor': cursor})}" if cursor else ""))
