"""What is older than the studio keeps it goes into the trash: never without a mail, nor sooner than it said."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import letters
from accounts.models import User
from generations.models import Image
from generations.models.image import ImageQuerySet

logger = logging.getLogger(__name__)

PEOPLE = 100  # in one run; the rest is told in the next, and so loses nothing earlier
BATCH = 1_000


def retain() -> tuple[int, int]:
    """Warn, and put away what was warned of; how many people, and how many pictures."""
    if not settings.RETENTION_DAYS:
        return 0, 0
    away = _put_away()
    return _warn(), away


def _old(days: int) -> ImageQuerySet:
    """Kept for longer than so many days, and not asked to be: a star or an album is asking."""
    return Image.objects.kept().filter(
        created__lt=Now() - dt.timedelta(days=days), starred=False, places=None, user__is_active=True
    )


def _warn() -> int:
    soon = _old(max(0, settings.RETENTION_DAYS - settings.RETENTION_WARNING_DAYS)).filter(warned_at=None)
    people = User.objects.filter(pk__in=soon.order_by().values("user").distinct()[:PEOPLE])
    return sum(_told(user, soon.filter(user=user)) for user in people)


def _told(user: User, images: ImageQuerySet) -> bool:
    """Whether the mail went; only what it was about counts as warned of."""
    chosen = list(images.values_list("pk", flat=True)[:BATCH])
    day = timezone.localdate() + dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
    said = {"pictures": len(chosen), "day": day, "days": settings.RETENTION_DAYS}
    try:
        letters.send(user, _("Pictures that go into the trash"), "gallery/email/retention.txt", said)
    except OSError:
        logger.exception("person %s could not be warned; their pictures stay", user.pk)
        return False
    Image.objects.filter(pk__in=chosen).update(warned_at=Now())
    return True


def _put_away() -> int:
    warned = Now() - dt.timedelta(days=settings.RETENTION_WARNING_DAYS)
    away = 0
    while due := list(_old(settings.RETENTION_DAYS).filter(warned_at__lt=warned).values_list("pk", flat=True)[:BATCH]):
        away += Image.objects.filter(pk__in=due).trash()
    if away:
        logger.info("%s pictures went into the trash by their age", away)
    return away
