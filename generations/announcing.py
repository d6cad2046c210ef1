"""What the operator says above every page, and whether new orders are taken; every process knows within seconds."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from generations.models import Announcement
from generations.seldom import Seldom

LONGEST_WAIT = 600  # seconds after which programs are to ask again


def _read(_before: list[Announcement] | None) -> list[Announcement]:
    return list(Announcement.objects.filter(Q(ends=None) | Q(ends__gt=timezone.now())).order_by("begins", "pk"))


planned = Seldom(_read)


def standing() -> list[Announcement]:
    """What is to be said now."""
    now = timezone.now()
    return [one for one in planned() if one.stands(now)]


def stops_orders() -> Announcement | None:
    """What keeps new orders away, if anything does."""
    return next((one for one in standing() if one.stops_orders), None)


def seconds_left(announcement: Announcement) -> int:
    """How long programs are to wait before they ask again."""
    if announcement.ends is None:
        return LONGEST_WAIT
    return max(1, min(LONGEST_WAIT, int((announcement.ends - timezone.now()).total_seconds())))
