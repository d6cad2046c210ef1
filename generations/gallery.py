"""What surrounds a page of a person's pictures: neighbours, counts of days, and where a moment is among the ids."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import User
from generations.models import Image


def neighbours(image: Image) -> tuple[Image | None, Image | None]:
    """The next newer and the next older image of the same person."""
    own = Image.objects.kept().filter(user=image.user_id)
    return own.filter(pk__gt=image.pk).order_by("id").first(), own.filter(pk__lt=image.pk).order_by("-id").first()


def count_by_day(user: User, days: list[dt.date]) -> dict[dt.date, int]:
    """How many images each of these days has, in the current time zone; only their part of the index is read."""
    if not days:
        return {}
    start, end = (timezone.make_aware(dt.datetime.combine(day, dt.time.min)) for day in (min(days), max(days)))
    own = Image.objects.kept().filter(user=user, pk__gte=first_id(start), pk__lt=first_id(end + dt.timedelta(days=1)))
    by_day = own.annotate(day=TruncDate("created")).values("day").order_by("day").annotate(images=Count("pk"))
    return {row["day"]: row["images"] for row in by_day}


def first_id(moment: dt.datetime) -> uuid.UUID:
    """The least UUIDv7 of a moment: what was made before it has a smaller one."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
