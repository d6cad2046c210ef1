"""A person's pictures by what is known of them: the gallery page, the API's lists and what is done to many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast

from accounts.models import User
from generations import keyset
from generations.gallery import first_id
from generations.keyset import NEWEST, OLDEST, Key, Page
from generations.models import AlbumImage, Image, Model, Prompt
from generations.models.image import ImageQuerySet


class Sort(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


KEYS = {Sort.NEWEST: NEWEST, Sort.OLDEST: OLDEST, Sort.RELEVANCE: (Key("rank", float), Key("id", UUID))}


@dataclass(frozen=True, slots=True)
class Search:
    """What pictures must have in common; what is left out is not asked for.

    ``since`` belongs to the span, ``until`` does not. ``model`` is the one that took the order.
    """

    text: str = ""
    model: str = ""
    provider: str = ""
    aspect_ratio: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    starred: bool | None = None
    published: bool | None = None
    album: UUID | None = None
    seed: int | None = None
    trashed: bool = False


EVERYTHING = Search()


def matching(user: User, search: Search) -> ImageQuerySet:
    """The person's images that the search is for, in no order."""
    own = Image.objects.filter(user=user)
    own = own.trashed() if search.trashed else own.kept()
    return own.filter(*_wanted(user, search))


def page(
    user: User, search: Search = EVERYTHING, *, sort: Sort = Sort.NEWEST, cursor: str = "", limit: int
) -> Page[Image]:
    """Some of them with all that a list shows; raises ``BadCursor``. By relevance needs a text."""
    found = matching(user, search)
    if sort == Sort.RELEVANCE:
        return _most_relevant(found, _query(search.text), cursor, limit)
    return keyset.page(found.with_origin(), KEYS[sort], cursor=cursor, limit=limit)


def _most_relevant(found: ImageQuerySet, query: SearchQuery, cursor: str, limit: int) -> Page[Image]:
    """All that match are put in order, so that is done with nothing but their ids."""
    rank = Cast(SearchRank(F("generation__prompt__words"), query), FloatField())
    ranked = keyset.page(found.annotate(rank=rank).only("id"), KEYS[Sort.RELEVANCE], cursor=cursor, limit=limit)
    shown = Image.objects.with_origin().in_bulk([image.pk for image in ranked.rows])
    return Page([shown[image.pk] for image in ranked.rows], ranked.next)


def _wanted(user: User, search: Search) -> Iterator[Q]:
    if search.since:
        yield Q(pk__gte=first_id(search.since))
    if search.until:
        yield Q(pk__lt=first_id(search.until))
    if search.text:
        prompts = Prompt.objects.filter(user=user, words=_query(search.text))
        yield Q(generation__prompt__in=prompts)
    if search.model:
        # asked for before, because the planner can tell how many pictures a known model has
        yield Q(model=Model.objects.named(search.model).values_list("pk", flat=True).first())
    if search.published is not None:
        yield Q(published_at__isnull=not search.published)
    if search.album:
        yield Q(pk__in=AlbumImage.objects.filter(album=search.album).values("image"))
    exact = {"provider": search.provider, "aspect_ratio": search.aspect_ratio}
    yield Q(**{name: value for name, value in exact.items() if value})
    given = {"starred": search.starred, "seed": search.seed}
    yield Q(**{name: value for name, value in given.items() if value is not None})


def _query(text: str) -> SearchQuery:
    return SearchQuery(text, config="simple", search_type="websearch")
