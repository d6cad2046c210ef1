"""``/i/<id>``: one picture, as large as the window allows, with everything that is known of it and can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from generations import albums, arranging, gallery, timing
from generations.erasing import TRASH
from generations.forms import AlbumForm
from generations.models import Album, Image
from generations.models.image import ImageQuerySet
from generations.storage import THUMBNAIL_WIDTHS
from generations.types import Parameter
from generations.views import words
from generations.views.access import PageRequest, signed_in

NO_CONTENT, INVALID = 204, 422
SAID = {"publish": gettext_lazy("Published on Explore"), "unpublish": gettext_lazy("No longer on Explore")}
TAKEN_DOWN = gettext_lazy("An admin has taken this picture down: it cannot be shared or published any more.")
ACTIONS = ("star", "unstar", "publish", "unpublish", "trash", "restore")
MOST_ALBUMS = 200  # to choose from


@dataclass(frozen=True, slots=True)
class Wish:
    """A row of what was asked and what was sent."""

    label: str
    asked: str
    verdict: str
    sent: str


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def image(request: PageRequest, pk: UUID) -> HttpResponse:
    """The owner's picture, among those of an album when one came from there; without its page for a neighbour's."""
    own = Image.objects.of(request.user).select_related("attempt__route__model")
    shown = get_object_or_404(own, pk=pk)
    album = album_of(request)
    newer, older = albums.neighbours(album.pk, pk) if album else gallery.neighbours(shown)
    parameters = [Parameter(**found) for found in shown.attempt.parameters]
    context: dict[str, Any] = {
        "image": shown,
        "generation": shown.generation,
        "attempt": shown.attempt,
        "album": album,
        "query": _query(album),
        "newer": newer,
        "older": older,
        "maker": words.maker(shown.generation, shown.attempt),
        "wishes": [_wish(parameter) for parameter in parameters],
        "notes": words.notes(parameters),
        "seconds": (shown.created - shown.generation.created).total_seconds(),
        "typical": timing.typical_seconds(shown.generation.model),
        "thumbnails": THUMBNAIL_WIDTHS,
    }
    return render(request, "image/_turned.html" if request.htmx else "image/page.html", context)


@require_POST
@signed_in
def act(request: PageRequest, pk: UUID, action: str) -> HttpResponse:
    """Star, publish, throw away, or take that back; repeating it changes nothing."""
    if action not in ACTIONS:
        raise Http404
    album = album_of(request)
    arranging.act(request.user, action, Image.objects.filter(pk=pk))
    own = own_image(request, pk)
    if action == "trash":
        return _thrown_away(request, own, album)
    if action in SAID:
        _say(request, action, own)
        return _go(request, (request.htmx and request.htmx.current_url_abs_path) or _place(pk, album))
    if not request.htmx:
        return redirect(_place(pk, album))
    return render(request, "image/_tools.html", {"image": own, "query": _query(album)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def image_albums(request: PageRequest, pk: UUID) -> HttpResponse:
    """In which albums a picture is; a name makes a new one."""
    own = get_object_or_404(_kept(request), pk=pk)
    offered = list(albums.of(request.user).order_by("-pk")[:MOST_ALBUMS])
    form = AlbumForm(request.POST if request.POST.get("name") else None, use_required_attribute=False)
    if request.method == "POST" and (not form.is_bound or form.is_valid()) and _put(request, own, offered, form):
        if not request.htmx:
            messages.success(request, _("Saved"))
            return redirect("image", pk)
        answer, said = HttpResponse(status=NO_CONTENT), {"text": _("Saved")}
        return trigger_client_event(trigger_client_event(answer, "toast", said), "dialog-done")
    chosen = albums.of_images([pk]).get(pk, [])
    context = {"image": own, "albums": offered, "chosen": chosen, "form": form}
    template = "image/_albums.html" if request.htmx else "image/albums.html"
    return render(request, template, context, status=INVALID if form.errors else 200)


def own_image(request: PageRequest, pk: UUID) -> Image:
    """The person's own picture, the trash included; 404 for anybody else's."""
    return get_object_or_404(Image.objects.of(request.user), pk=pk)


def album_of(request: PageRequest) -> Album | None:
    """The person's album that the address names, from which one came."""
    named = request.GET.get("album")
    if not named:
        return None
    try:
        return get_object_or_404(Album, user=request.user, pk=UUID(named))
    except ValueError as error:
        raise BadRequest("album") from error


def _kept(request: PageRequest) -> ImageQuerySet:
    return Image.objects.kept().filter(user=request.user).with_origin()


def _put(request: PageRequest, image: Image, offered: list[Album], form: AlbumForm) -> bool:
    """Into those that are ticked and the one that is named, out of the others; or why not, in the form."""
    ticked = set(request.POST.getlist("albums"))
    add = [album.pk for album in offered if str(album.pk) in ticked]
    remove = [album.pk for album in offered if album.pk not in add]
    try:
        with transaction.atomic():
            if form.is_bound:
                add.append(albums.create(request.user, **form.cleaned_data).pk)
            arranging.change(request.user, image.pk, arranging.Change(add=add, remove=remove))
    except albums.TooMany:
        form.add_error("name", _("You have as many albums as anybody may."))
        return False
    except (arranging.InTrash, arranging.NotThere, arranging.NoSuchAlbum) as error:  # gone since it was looked at
        raise Http404 from error
    return True


def _say(request: PageRequest, action: str, own: Image) -> None:
    """What became of being shown to everybody, which nothing in the trash is."""
    if not own.is_kept:
        raise Http404
    if action == "publish" and own.barred_at:
        messages.error(request, TAKEN_DOWN)
    else:
        messages.success(request, SAID[action])


def _thrown_away(request: PageRequest, gone: Image, album: Album | None) -> HttpResponse:
    """To the picture that takes its place, or to where one came from."""
    newer, older = albums.neighbours(album.pk, gone.pk) if album else gallery.neighbours(gone)
    following = older or newer
    address = _place(following.pk, album) if following else _around(album)
    messages.success(
        request,
        _("Moved to trash, kept %(days)s days") % {"days": TRASH.days},
        extra_tags=reverse("image_act", args=[gone.pk, "restore"]),
    )
    return _go(request, address, gone=str(gone.pk))


def _go(request: PageRequest, address: str, *, gone: str = "") -> HttpResponse:
    """There, in the place of this page: one step back leaves the lightbox still, to a wall without what is ``gone``."""
    if not request.htmx:
        return redirect(address)
    return trigger_client_event(HttpResponse(status=NO_CONTENT), "replace", {"address": address, "gone": gone})


def _place(pk: UUID, album: Album | None) -> str:
    return reverse("image", args=[pk]) + _query(album)


def _query(album: Album | None) -> str:
    return f"?album={album.pk}" if album else ""


def _around(album: Album | None) -> str:
    return reverse("album", args=[album.pk]) if album else reverse("gallery")


def _wish(parameter: Parameter) -> Wish:
    asked, sent = str(parameter.asked), str(parameter.sent)
    if parameter.name == "output_format":
        asked, sent = asked.upper(), sent.upper()
    if parameter.name == "negative_prompt":
        asked = f"“{asked}”"
    return Wish(words.label(parameter.name), asked, parameter.verdict, sent)
