"""A person's pictures by what is known of them: the gallery page, the API's lists and what is done to many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, FloatField, Func, OuterRef, Q, UUIDField
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


COUNTED = 10_000
KEYS = {Sort.NEWEST: NEWEST, Sort.OLDEST: OLDEST}
RELEVANCE = (Key("rank", float), Key("prompt", int), Key("generation", UUID), Key("id", UUID))


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

    def within(self, other: Self) -> Self:
        """The same, of what was made in the other's span too."""
        begins = [moment for moment in (self.since, other.since) if moment]
        ends = [moment for moment in (self.until, other.until) if moment]
        return replace(self, since=max(begins, default=None), until=min(ends, default=None))


EVERYTHING = Search()


@dataclass(frozen=True, slots=True)
class Count:
    """How many pictures match, and whether there may be more than were counted."""

    total: int
    and_more: bool


def matching(user: User, search: Search) -> ImageQuerySet:
    """The person's images that the search is for, in no order."""
    own = Image.objects.filter(user=user)
    own = own.trashed() if search.trashed else own.kept()
    return own.filter(*_wanted(user, search))


def count(user: User, search: Search = EVERYTHING) -> Count:
    """How many they are; counting stops at ``COUNTED``, because counting a million takes long."""
    total = matching(user, search).order_by()[:COUNTED].count()
    return Count(total, and_more=total == COUNTED)


def page(
    user: User, search: Search = EVERYTHING, *, sort: Sort = Sort.NEWEST, cursor: str = "", limit: int
) -> Page[Image]:
    """Some of them with all that a list shows; raises ``BadCursor``. By relevance needs a text."""
    if sort == Sort.RELEVANCE:
        return _most_relevant(user, search, cursor, limit)
    return keyset.page(matching(user, search).with_origin(), KEYS[sort], cursor=cursor, limit=limit)


class _Unnest(Func):
    """A row for each member of an array."""

    function = "unnest"
    set_returning = True


def _most_relevant(user: User, search: Search, cursor: str, limit: int) -> Page[Image]:
    """A picture is as relevant as its prompt, and pictures of one prompt follow each other, newest first.

    So it is the prompts that are put in order, and of their pictures no more is read than the page shows.
    """
    query = _query(search.text)
    rank = Cast(SearchRank(F("words"), query), FloatField())
    prompts = Prompt.objects.filter(user=user, words=query).annotate(rank=rank).order_by("-rank", "-pk")
    images = matching(user, replace(search, text="")).filter(generation__prompt=OuterRef("pk"))
    if cursor:
        least, prompt, generation, image = keyset.values(RELEVANCE, cursor)
        prompts = prompts.filter(Q(rank__lt=least) | Q(rank=least, pk__lte=prompt))
        after = Q(generation__lt=generation) | Q(generation=generation, pk__lt=image)
        images = images.filter(~Q(generation__prompt=prompt) | after)
    newest = ArraySubquery(images.order_by("-generation", "-pk").values("pk")[: limit + 1])
    ranked = prompts.annotate(image=_Unnest(newest, output_field=UUIDField()))
    found = list(ranked.values_list("rank", "pk", "image")[: limit + 1])
    return _ranked_page(found[:limit], more=len(found) > limit)


def _ranked_page(found: list[tuple[float, int, UUID]], *, more: bool) -> Page[Image]:
    """The images that were found, with all that a list shows; the last of them is where the next page begins."""
    shown = Image.objects.with_origin().in_bulk([image for _, _, image in found])
    rows = [shown[image] for _, _, image in found]
    return Page(rows, keyset.packed([*found[-1][:2], rows[-1].generation_id, rows[-1].pk]) if more else "")


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
