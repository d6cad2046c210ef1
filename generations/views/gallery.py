"""``/gallery``: a person's pictures in justified rows, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from generations import arranging, searching
from generations import gallery as pictures
from generations.keyset import BadCursor, Page
from generations.models import Image
from generations.searching import Sort
from generations.templatetags.studio import day_name
from generations.views import filters
from generations.views.access import PageRequest, signed_in
from generations.views.filters import Asked, Filters

PAGE = 30
FOUND = "found"  # the one section of what is in no order of days


@dataclass(frozen=True, slots=True)
class Section:
    """Pictures under one heading. ``continues`` when the page before had begun it; ``named`` is where all are named."""

    name: str
    title: str
    images: list[Image]
    total: int | None
    continues: bool
    named: str = ""


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def gallery(request: PageRequest) -> HttpResponse:
    """A page of pictures; a part of the wall when the wall asks for more, all that was found when the search does."""
    asked, before = filters.read(request.GET), request.GET.get("before", "")
    page = _page(request.user, asked, before)
    sections = _sections(request.user, asked, page.rows, request.GET.get("day", "") if request.htmx else "")
    context = {
        "sections": sections,
        "asked": asked,
        "before": before,
        "next": asked.address(before=page.next, day=sections[-1].name) if page.next else "",
    }
    if request.htmx and before:
        return render(request, "gallery/_more.html", context)
    context |= {"filters": Filters(request.user, asked), **asdict(searching.count(request.user, asked.search))}
    context["selecting"] = "select" in request.GET
    return render(request, "gallery/_found.html" if request.htmx else "gallery/page.html", context)


@require_safe
@signed_in
def frames(request: PageRequest) -> HttpResponse:
    """Pictures that a wall names, to fill the places that it has for them; those that are not kept are left out."""
    images = Image.objects.kept().filter(user=request.user, pk__in=filters.ids(request.GET)).with_origin()
    return render(request, "gallery/_pictures.html", {"images": images})


@require_safe
@signed_in
def day(request: PageRequest, date: str) -> JsonResponse:
    """The ids of all that was found of one day, newest first, to be selected; and a note if they are too many."""
    given = request.GET.copy()
    given["from"] = given["to"] = date
    asked, of_day = filters.read(request.GET).search, filters.read(given).search
    found = searching.matching(request.user, asked.within(of_day)).order_by("-pk")
    ids = list(found.values_list("pk", flat=True)[: arranging.MOST_NAMED + 1])
    note = ""
    if len(ids) > arranging.MOST_NAMED:
        note = _("The newest %(count)s of this day are selected; more is not possible at once.") % {
            "count": intcomma(arranging.MOST_NAMED)
        }
    return JsonResponse({"ids": ids[: arranging.MOST_NAMED], "note": note})


def _page(user: User, asked: Asked, before: str) -> Page[Image]:
    try:
        return searching.page(user, asked.search, sort=asked.sort, cursor=before, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("before") from error


def _sections(user: User, asked: Asked, images: Sequence[Image], begun: str) -> list[Section]:
    if asked.sort == Sort.RELEVANCE:
        return [Section(FOUND, _("Best match first"), list(images), None, begun == FOUND)] if images else []
    grouped = [
        (date, list(found)) for date, found in groupby(images, key=lambda image: timezone.localdate(image.created))
    ]
    totals = {} if asked.is_filtered else pictures.count_by_day(user, [date for date, _ in grouped])
    return [_day(asked, date, found, totals.get(date), begun) for date, found in grouped]


def _day(asked: Asked, date: dt.date, images: list[Image], total: int | None, begun: str) -> Section:
    name = date.isoformat()
    named = filters.address("gallery_day", asked.query, name)
    return Section(name, day_name(date), images, total, name == begun, named)
