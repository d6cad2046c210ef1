"""``/trash``: what was thrown away, for as long as it is kept."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from generations import arranging, searching
from generations.erasing import TRASH
from generations.keyset import BadCursor
from generations.models import Image
from generations.searching import Search
from generations.views.access import PageRequest, signed_in

PAGE = 30
THROWN = Search(trashed=True)
DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Thrown:
    """A picture of the trash, and how many days it has left there."""

    image: Image
    days: int


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def trash(request: PageRequest) -> HttpResponse:
    """What is in it, newest first; a part of the wall when the wall asks for more."""
    before = request.GET.get("before", "")
    try:
        page = searching.page(request.user, THROWN, cursor=before, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("before") from error
    context = {
        "thrown": [_thrown(image) for image in page.rows],
        "before": before,
        "next": f"{reverse('trash')}?before={page.next}" if page.next else "",
        "kept": TRASH.days,
        "most": arranging.MOST_NAMED,
    }
    if request.htmx:
        return render(request, "gallery/_more_trash.html", context)
    context |= {"selecting": "select" in request.GET, **asdict(searching.count(request.user, THROWN))}
    return render(request, "gallery/trash.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def empty(request: PageRequest) -> HttpResponse:
    """Asks once, then deletes all of it."""
    if request.method != "POST":
        return render(request, "gallery/empty_trash.html", asdict(searching.count(request.user, THROWN)))
    count = arranging.empty_trash(request.user)
    text = ngettext("%(count)s image deleted for good", "%(count)s images deleted for good", count)
    messages.success(request, text % {"count": count})
    return redirect("trash")


def _thrown(image: Image) -> Thrown:
    left = image.trashed_at + TRASH - timezone.now() if image.trashed_at else TRASH
    return Thrown(image, max(0, math.ceil(left.total_seconds() / DAY)))
