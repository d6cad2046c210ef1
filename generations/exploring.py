"""What people published, for everybody."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from generations import keyset
from generations.keyset import Key, Page
from generations.models import Image
from generations.models.image import ImageQuerySet

LATEST = (Key("published_at", keyset.moment), Key("id", UUID))


def is_open_to(user: User | AnonymousUser) -> bool:
    """Whether this person may look: anybody, unless the studio keeps its pictures to its people."""
    return settings.EXPLORE_PUBLIC or user.is_authenticated


def page(*, cursor: str, limit: int) -> Page[Image]:
    """Published pictures of people who are still here, the latest first; raises ``BadCursor``."""
    return keyset.page(shown().with_origin(), LATEST, cursor=cursor, limit=limit)


def shown() -> ImageQuerySet:
    """All of them."""
    return Image.objects.published().filter(user__is_active=True)


def neighbours(image: Image) -> tuple[Image | None, Image | None]:
    """What was published next after a picture, and next before it."""
    key = {"published_at": image.published_at}
    later = Q(published_at__gt=image.published_at) | Q(**key, pk__gt=image.pk)
    earlier = Q(published_at__lt=image.published_at) | Q(**key, pk__lt=image.pk)
    return (
        shown().filter(later, published_at__gte=image.published_at).order_by("published_at", "pk").first(),
        shown().filter(earlier, published_at__lte=image.published_at).order_by("-published_at", "-pk").first(),
    )
