"""How much of pictures people may keep, and whether there is room for more."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from generations.models import Allowance
from generations.seldom import Seldom

MEGABYTE = 1_000_000
EXPECTED = 2 * MEGABYTE  # of a picture that is not there yet

# In one statement, so that a picture which arrives meanwhile is counted once.
USAGE = """
SELECT count(*), COALESCE(sum(size), 0),
       (SELECT COALESCE(sum(g.count - (SELECT count(*) FROM generations_image i WHERE i.generation_id = g.id)), 0)
          FROM generations_generation g WHERE g.user_id = %(user)s AND g.status IN ('queued', 'running'))
FROM generations_image WHERE user_id = %(user)s AND deleted_at IS NULL
"""


# Whether anybody may keep another number than everybody.
exceptions: Seldom[bool] = Seldom(lambda _before: Allowance.objects.exists())


@dataclass(frozen=True, slots=True)
class Quota:
    """What somebody may keep, and keeps. None is no bound; what is ``coming`` was ordered already."""

    most_images: int | None
    most_bytes: int | None
    images: int = 0
    bytes: int = 0
    coming: int = 0

    @property
    def bounded(self) -> bool:
        """Whether there is any bound."""
        return self.most_images is not None or self.most_bytes is not None

    def refusal(self, more: int = 0) -> str:
        """Why everything that was ordered and so many pictures more do not fit, for the person; empty if they do."""
        images = self.images + self.coming
        if self.most_images is not None and images + more > self.most_images:
            full = _("You may keep %(most)s pictures and have %(have)s. Delete some for good in the trash.")
            many = _("You may keep %(most)s pictures and have %(have)s: these would be too many.")
            return (full if images >= self.most_images else many) % {"most": self.most_images, "have": self.images}
        if self.most_bytes is not None and self.bytes + (self.coming + more) * EXPECTED > self.most_bytes:
            text = _("You may keep %(most)s MB of pictures and have %(have)s MB. Delete some for good in the trash.")
            return text % {"most": self.most_bytes // MEGABYTE, "have": self.bytes // MEGABYTE}
        return ""


def of(user: User) -> Quota:
    """How a person stands; nothing is counted for who may keep any number."""
    own = Allowance.objects.filter(user=user).first() if exceptions() else None
    images = settings.QUOTA_IMAGES if own is None or own.most_images is None else own.most_images
    megabytes = settings.QUOTA_MB if own is None or own.most_megabytes is None else own.most_megabytes
    quota = Quota(images or None, megabytes * MEGABYTE or None)
    if not quota.bounded:
        return quota
    with connection.cursor() as cursor:
        cursor.execute(USAGE, {"user": user.pk})
        return Quota(quota.most_images, quota.most_bytes, *map(int, cursor.fetchone()))
