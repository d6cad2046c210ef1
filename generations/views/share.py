"""``/s/<token>``: what somebody shared, for anybody who was given the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from generations import media, records, sharing
from generations.keyset import BadCursor
from generations.models import Image, Share

PAGE = 30
KEPT = 300  # seconds that a browser may keep a picture of a share


@require_safe
@cache_control(private=True, no_cache=True)
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """A picture, or a page of an album's; search engines are asked to pass by."""
    share = _share(token)
    cursor = request.GET.get("cursor", "")
    try:
        page = sharing.images(share, cursor=cursor, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("cursor") from error
    if not page.rows and not cursor and share.image_id:
        raise Http404
    if request.method == "GET":
        sharing.count_view(share)
    addresses = media.SharedAddresses(request, token)
    context: dict[str, Any] = {
        "share": share,
        "token": token,
        "images": page.rows,
        "first": page.rows[0] if page.rows else None,
        "trained": any(records.is_trained(image) for image in page.rows),
        "preview": addresses.of(page.rows[0], "full.jpg") if page.rows else "",
        "address": request.build_absolute_uri(request.path),
        "next": page.next,
    }
    response = render(request, "share/page.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@cache_control(private=True, no_cache=True)
def shared_picture(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """One picture of what is shared, as large as the window allows."""
    share = _share(token)
    image = get_object_or_404(sharing.images_of(share).with_origin(), pk=pk)
    before, behind = sharing.neighbours(share, pk)
    context: dict[str, Any] = {
        "image": image,
        "generation": image.generation,
        "with_prompt": share.with_prompt,
        "address": reverse("shared_file", args=[token, pk, "original"]),
        "newer": _beside(token, before),
        "older": _beside(token, behind),
        "back": reverse("shared", args=[token]),
        "back_text": share.album.name if share.album else _("Shared"),
        "report": f"{reverse('report', args=[pk])}?{urlencode({'share': token})}",
    }
    response = render(request, "share/picture.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def shared_file(request: HttpRequest, token: str, pk: UUID, variant: str) -> HttpResponse | FileResponse:
    """One picture's file, as long as it is shared."""
    image = get_object_or_404(sharing.images_of(_share(token)), pk=pk)
    response = media.answer(request, image, variant, KEPT, download="download" in request.GET)
    response["X-Robots-Tag"] = "noindex"
    return response


def _beside(token: str, image: Image | None) -> tuple[str, str] | None:
    """The page of a neighbour, and its file."""
    if image is None:
        return None
    return reverse("shared_picture", args=[token, image.pk]), reverse("shared_file", args=[token, image.pk, "original"])


def _share(token: str) -> Share:
    share = sharing.find(token)
    if share is None:
        raise Http404
    return share
