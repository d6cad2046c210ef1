"""What is older than the studio keeps it goes into the trash: never without a mail, nor sooner than it said."""

from __future__ import annotations

import datetime as dt
import logging
import time

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import letters
from accounts.models import User
from generations.erasing import TRASH
from generations.models import Image
from generations.models.image import ImageQuerySet

logger = logging.getLogger(__name__)

PEOPLE = 100  # in one run; the rest is told in the next, and so loses nothing earlier
BATCH = 1_000
SPAN = 30.0  # seconds in one run


def retain() -> tuple[int, int]:
    """Warn, and put away what was warned of; how many people, and how many pictures."""
    if not settings.RETENTION_DAYS:
        return 0, 0
    away = _put_away()
    return _warn(), away


def _old(since: dt.datetime) -> ImageQuerySet:
    """Made before that, and not asked to be kept: a star or an album is asking."""
    return Image.objects.kept().filter(created__lt=since, starred=False, places=None, user__is_active=True)


def _warn() -> int:
    """Of whole days, so that nobody who makes pictures all day long has a mail every hour."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    days = max(0, settings.RETENTION_DAYS - settings.RETENTION_WARNING_DAYS)
    soon = _old(today - dt.timedelta(days=days)).filter(warned_at=None)
    people = User.objects.filter(pk__in=soon.order_by().values("user").distinct()[:PEOPLE])
    return sum(_told(user, soon.filter(user=user)) for user in people)


def _told(user: User, images: ImageQuerySet) -> bool:
    """Whether the mail went; only what it was about counts as warned of."""
    day = timezone.localdate() + dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
    said = {"pictures": images.count(), "day": day, "days": settings.RETENTION_DAYS, "trash": TRASH.days}
    try:
        letters.send(user, _("Pictures that go into the trash"), "gallery/email/retention.txt", said)
    except OSError:
        logger.exception("person %s could not be warned; their pictures stay", user.pk)
        return False
    images.update(warned_at=Now())
    return True


def _put_away() -> int:
    now, away, began = timezone.now(), 0, time.monotonic()
    old = _old(now - dt.timedelta(days=settings.RETENTION_DAYS))
    warned = old.filter(warned_at__lt=now - dt.timedelta(days=settings.RETENTION_WARNING_DAYS))
    while time.monotonic() < began + SPAN and (due := list(warned.values_list("pk", flat=True)[:BATCH])):
        away += Image.objects.filter(pk__in=due).trash()
    if away:
        logger.info("%s pictures went into the trash by their age", away)
    return away
