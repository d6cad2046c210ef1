"""A person's pictures, page by page. Pages are walks down an index: page 10,000 costs what the first does."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import User
from generations.models import Image

PAGE = 30
COUNTED = 10_000


class BadCursor(Exception):
    """The cursor is none that a page gave."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some images, newest first, and the cursor of the next page, empty at the end."""

    images: list[Image]
    next: str


def page(user: User, *, before: str = "", limit: int = PAGE, search: str = "") -> Page:
    """Images older than the cursor ``before``, at most ``limit`` (1–100), whose prompt has the words of ``search``."""
    images = Image.objects.of(user)
    if before:
        images = images.filter(pk__lt=_position(before))
    if search:
        query = SearchQuery(search, config="simple", search_type="websearch")
        images = images.filter(generation__prompt__words=query)
    found = list(images[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], str(found[limit - 1].pk) if more else "")


def neighbours(image: Image) -> tuple[Image | None, Image | None]:
    """The next newer and the next older image of the same person."""
    own = Image.objects.filter(user=image.user_id)
    return own.filter(pk__gt=image.pk).order_by("id").first(), own.filter(pk__lt=image.pk).order_by("-id").first()


def count(user: User) -> int:
    """How many images a person has; counting stops at ``COUNTED``, because counting a million takes long."""
    return Image.objects.filter(user=user)[:COUNTED].count()


def count_by_day(user: User, days: list[dt.date]) -> dict[dt.date, int]:
    """How many images each of these days has, in the current time zone; only their part of the index is read."""
    if not days:
        return {}
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time.min)) for day in (min(days), max(days)))
    own = Image.objects.filter(user=user, pk__gte=first_id(start), pk__lt=first_id(end + dt.timedelta(days=1)))
    by_day = own.annotate(day=TruncDate("created")).values("day").order_by("day").annotate(images=Count("pk"))
    return {row["day"]: row["images"] for row in by_day}


def first_id(moment: dt.datetime) -> uuid.UUID:
    """The least UUIDv7 of a moment: what was made before it has a smaller one."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def _position(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(cursor)
    except ValueError as error:
        raise BadCursor(cursor) from error
