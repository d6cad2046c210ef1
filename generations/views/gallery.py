"""``/gallery``: a person's pictures in justified rows, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from generations import gallery as pictures
from generations import searching
from generations.keyset import BadCursor
from generations.models import Image
from generations.searching import Search
from generations.views.access import PageRequest, signed_in

LONGEST_SEARCH = 200
PAGE = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One day's pictures on this page. ``continues`` when the page before had begun the day."""

    date: dt.date
    images: list[Image]
    total: int | None
    continues: bool


@require_safe
@vary_on_headers("HX-Request")
@signed_in
def gallery(request: PageRequest) -> HttpResponse:
    """A page of pictures; a part of the wall when the wall asks for more, all of it when the search does."""
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH].replace("\0", "")
    before = request.GET.get("before", "")
    try:
        page = searching.page(request.user, Search(text=search), cursor=before, limit=PAGE)
    except BadCursor as error:
        raise BadRequest("before") from error
    begun = request.GET.get("day", "") if request.htmx else ""
    days = _by_day(request.user, page.rows, search, begun)
    total = None if search or (request.htmx and before) else pictures.count(request.user)
    context = {
        "days": days,
        "search": search,
        "before": before,
        "next": _next(page.next, search, days),
        "total": total,
        "and_more": total == pictures.COUNTED,
    }
    return render(request, _template(request, before), context)


def _template(request: PageRequest, before: str) -> str:
    if not request.htmx:
        return "gallery/page.html"
    return "gallery/_more.html" if before else "gallery/_wall.html"


def _by_day(user: User, images: Iterable[Image], search: str, begun: str) -> list[Day]:
    grouped = [
        (date, list(found)) for date, found in groupby(images, key=lambda image: timezone.localdate(image.created))
    ]
    totals = {} if search else pictures.count_by_day(user, [date for date, _ in grouped])
    return [Day(date, found, totals.get(date), date.isoformat() == begun) for date, found in grouped]


def _next(cursor: str, search: str, days: list[Day]) -> str:
    """The query of the next page; it names the last day, so that the wall goes on where it stopped."""
    if not cursor:
        return ""
    return urlencode({"before": cursor, "day": days[-1].date.isoformat()} | ({"q": search} if search else {}))
