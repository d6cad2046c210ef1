"""What is done to the pictures that were selected in the gallery or in the trash: named, or all that match."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.contrib.messages import get_messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from generations import albums, arranging, bodies, exports, searching
from generations.models import Export, Image
from generations.models.album import LONGEST_NAME
from generations.searching import Search
from generations.views import filters
from generations.views.access import PageRequest, signed_in
from generations.views.filters import Asked

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
OF_THE_GALLERY = ("star", "unstar", "publish", "unpublish")
OF_THE_TRASH = ("restore", "delete")
REFUSED, NO_CONTENT = 422, 204


@require_POST
@signed_in
def act(request: PageRequest) -> HttpResponse:
    """Do something to pictures of the gallery."""
    asked, action = filters.read(request.POST), request.POST.get("action", "")
    if one := _one(request):
        _act(request, one, Image.objects.filter(pk__in=filters.uuids([request.POST[one]], most=1)))
        return HttpResponse(status=NO_CONTENT) if request.htmx else redirect(asked.address())
    images = _selected(request, asked.search)
    if images is None:
        return _refused(request, asked.address(), _("Nothing is selected."))
    if action == "download":
        return _download(request, asked)
    if action == "trash":
        _throw_away(request, images)
    elif action == "add_to_album":
        return _add(request, asked, images)
    elif action == "remove_from_album" and asked.search.album:
        _say(request, action, _act(request, action, images, asked.search.album))
    elif action in OF_THE_GALLERY:
        _say(request, action, _act(request, action, images))
    else:
        raise BadRequest("action")
    return _done(request, asked.address())


@require_POST
@signed_in
def act_on_trash(request: PageRequest) -> HttpResponse:
    """Restore pictures of the trash, or delete them for good."""
    images, action = _selected(request, Search(trashed=True)), request.POST.get("action", "")
    if images is None:
        return _refused(request, reverse("trash"), _("Nothing is selected."))
    if action not in OF_THE_TRASH:
        raise BadRequest("action")
    _say(request, action, _act(request, action, images))
    return _done(request, reverse("trash"))


@require_POST
@signed_in
def undo(request: PageRequest, moment: int) -> HttpResponse:
    """Take back what was thrown away together."""
    try:
        found = arranging.take_back(request.user, EPOCH + moment * MICROSECOND)
    except OverflowError as error:
        raise BadRequest("moment") from error
    _say(request, "restore", found)
    return _done(request, reverse("gallery"))


@require_safe
@signed_in
def download(request: PageRequest, pk: UUID) -> HttpResponse:
    """How far an archive of pictures is, and where it is when it is ready."""
    export = get_object_or_404(Export.objects.filter(user=request.user, whole=False).defer("images"), pk=pk)
    return render(request, "gallery/download.html", {"export": bodies.export(export, request)})


def _selected(request: PageRequest, search: Search) -> QuerySet[Image] | None:
    """The pictures that are named or, with ``all``, those that match; None where none is."""
    if request.POST.get("all"):
        return searching.matching(request.user, search)
    named = _named(request)
    return Image.objects.filter(pk__in=named) if named else None


def _named(request: PageRequest) -> list[UUID]:
    """As a form's boxes name them, one by one, or a script's all in one."""
    texts = [text for given in request.POST.getlist("ids") for text in given.split(",") if text]
    return filters.uuids(texts, most=arranging.MOST_NAMED)


def _one(request: PageRequest) -> str:
    """What the star of a single picture asks for."""
    return next((action for action in ("star", "unstar") if action in request.POST), "")


def _act(request: PageRequest, action: str, images: QuerySet[Image], album: UUID | None = None) -> int:
    return arranging.act(request.user, action, images, album)


def _throw_away(request: PageRequest, images: QuerySet[Image]) -> None:
    thrown = arranging.throw_away(request.user, images)
    text = _told("trash", thrown.count)
    undone = reverse("undo", args=[(thrown.moment - EPOCH) // MICROSECOND])
    messages.success(request, text, extra_tags=undone if thrown.count else "")


def _add(request: PageRequest, asked: Asked, images: QuerySet[Image]) -> HttpResponse:
    """Into the album that is named, or into a new one of this name."""
    name = request.POST.get("album_name", "").strip().replace("\0", "")[:LONGEST_NAME]
    given = request.POST.get("album_chosen", "")
    if not (name or given):
        return _refused(request, asked.address(), _("Choose an album, or write a name for a new one."))
    try:
        with transaction.atomic():
            album = UUID(given) if given else albums.create(request.user, name=name).pk
            _say(request, "add_to_album", _act(request, "add_to_album", images, album))
    except albums.TooMany:
        return _refused(request, asked.address(), _("You have as many albums as anybody may."))
    except (ValueError, arranging.NoSuchAlbum):
        return _refused(request, asked.address(), _("This album is gone."))
    return _done(request, asked.address())


def _download(request: PageRequest, asked: Asked) -> HttpResponse:
    search = asked.search if request.POST.get("all") else None
    try:
        export = exports.ask(request.user, ids=() if search else _named(request), search=search)
    except exports.OneAtATime:
        return _refused(request, asked.address(), _("Another archive is being made. Wait for it to be ready."))
    except exports.TooMany:
        text = _("One archive holds %(most)s images at most. Select fewer.") % {"most": exports.MOST}
        return _refused(request, asked.address(), text)
    if not request.htmx:
        return redirect("gallery_download", export.pk)
    address = reverse("api:export", args=[export.pk])
    return trigger_client_event(_toasts(request), "export", {"address": address})


def _say(request: PageRequest, action: str, count: int) -> None:
    messages.success(request, _told(action, count))


def _told(action: str, count: int) -> str:
    """What was done to so many, and whether there may be more."""
    told = {
        "star": ngettext("%(count)s image starred", "%(count)s images starred", count),
        "unstar": ngettext("Star taken from %(count)s image", "Star taken from %(count)s images", count),
        "publish": ngettext("%(count)s image published", "%(count)s images published", count),
        "unpublish": ngettext("%(count)s image private again", "%(count)s images private again", count),
        "trash": ngettext("%(count)s image moved to trash", "%(count)s images moved to trash", count),
        "restore": ngettext("%(count)s image restored", "%(count)s images restored", count),
        "delete": ngettext("%(count)s image deleted for good", "%(count)s images deleted for good", count),
        "add_to_album": ngettext("%(count)s image added to the album", "%(count)s images added to the album", count),
        "remove_from_album": ngettext(
            "%(count)s image taken out of the album", "%(count)s images taken out of the album", count
        ),
    }[action] % {"count": count}
    return told if count < arranging.MOST_AT_ONCE else _("%(told)s. There may be more: do it again.") % {"told": told}


def _done(request: PageRequest, back: str) -> HttpResponse:
    return _toasts(request) if request.htmx else redirect(back)


def _refused(request: PageRequest, back: str, reason: str) -> HttpResponse:
    messages.error(request, reason)
    return _toasts(request, REFUSED) if request.htmx else redirect(back)


def _toasts(request: PageRequest, status: int = 200) -> HttpResponse:
    return render(request, "components/_toasts.html", {"messages": get_messages(request)}, status=status)
