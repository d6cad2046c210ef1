"""A person's pictures, page by page. Pages are walks down an index: page 10,000 costs what the first does."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery

from accounts.models import User
from generations.models import Image

PAGE = 30
MOST = 100


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


def _position(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(cursor)
    except ValueError as error:
        raise BadCursor(cursor) from error
