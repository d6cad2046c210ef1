"""What people do to their pictures, one by one or many at once: star, publish, put into albums, throw away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import User
from generations import albums
from generations.models import Album, Image
from generations.models.image import ImageQuerySet

MOST_NAMED = 1_000  # of whose ids a body has room for
MOST_AT_ONCE = 10_000


class NotThere(Exception):
    """The person has no such picture."""


class Changed(Exception):
    """It is no longer at the version that was to be changed."""


class TakenDown(Exception):
    """An admin has taken it down: it is shown to nobody but its owner."""


class InTrash(Exception):
    """It is in the trash, where nothing can be done to it but to restore or delete it."""


class NotInTrash(Exception):
    """Only what is in the trash can be deleted."""


class NoSuchAlbum(Exception):
    """The person has no such album."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of a picture; None and nothing leave it as it is."""

    starred: bool | None = None
    published: bool | None = None
    add: Sequence[UUID] = ()
    remove: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done to many pictures: to those that it would change, by one statement."""

    changes: Callable[[ImageQuerySet], ImageQuerySet]
    act: Callable[[ImageQuerySet], int]


@dataclass(frozen=True, slots=True)
class Thrown:
    """What was thrown away together, and when: what ``take_back`` knows it by."""

    count: int
    moment: dt.datetime


ACTIONS: Mapping[str, Action] = {
    "star": Action(lambda images: images.kept().filter(starred=False), partial(ImageQuerySet.star, starred=True)),
    "unstar": Action(lambda images: images.kept().filter(starred=True), partial(ImageQuerySet.star, starred=False)),
    "publish": Action(lambda images: images.kept().filter(published_at=None, barred_at=None), ImageQuerySet.publish),
    "unpublish": Action(ImageQuerySet.published, ImageQuerySet.unpublish),
    "trash": Action(ImageQuerySet.kept, ImageQuerySet.trash),
    "restore": Action(ImageQuerySet.trashed, ImageQuerySet.restore),
    "delete": Action(ImageQuerySet.trashed, ImageQuerySet.delete_for_good),
}
ALBUM_ACTIONS = ("add_to_album", "remove_from_album")


def change(user: User, pk: UUID, wanted: Change, *, version: int | None = None) -> None:
    """Change a picture, all of it or nothing; raises what is said of it above or ``NoSuchAlbum``."""
    values: dict[str, object] = {}
    if wanted.starred is not None:
        values["starred"] = wanted.starred
    if wanted.published is not None:
        values["published_at"] = Coalesce("published_at", Now()) if wanted.published else None
    with transaction.atomic():
        kept = _at(user, pk, version).kept()
        allowed = kept.filter(barred_at=None) if wanted.published else kept
        if not allowed.change(**values):
            raise _why_not(user, pk, version, there=TakenDown if kept.exists() else InTrash)
        image = Image.objects.filter(pk=pk)
        _move(image, _own_albums(user, wanted.add), _own_albums(user, wanted.remove))


def trash(user: User, pk: UUID, *, version: int | None = None) -> None:
    """Put a picture into the trash, unless it is there; raises ``NotThere`` or ``Changed``."""
    if not _at(user, pk, version).trash() and not _at(user, pk, version).trashed().exists():
        raise _why_not(user, pk, version)


def restore(user: User, pk: UUID, *, version: int | None = None) -> None:
    """Take a picture out of the trash, unless it is not there; raises ``NotThere`` or ``Changed``."""
    if not _at(user, pk, version).restore() and not _at(user, pk, version).kept().exists():
        raise _why_not(user, pk, version)


def delete(user: User, pk: UUID, *, version: int | None = None) -> None:
    """Delete a picture of the trash for good; raises ``NotThere``, ``NotInTrash`` or ``Changed``."""
    if not _at(user, pk, version).delete_for_good():
        raise _why_not(user, pk, version, there=NotInTrash)


def act(user: User, action: str, images: QuerySet[Image], album: UUID | None = None) -> int:
    """Do something to these pictures of the person's, ``MOST_AT_ONCE`` of them at most; how many that changed.

    Raises ``NoSuchAlbum``.
    """
    own = Image.objects.filter(user=user, pk__in=images.values("pk"))
    if album is None:
        known = ACTIONS[action]
        return known.act(_chosen(known.changes(own)))
    [own_album] = _own_albums(user, [album])
    if action == "add_to_album":
        return albums.add(own_album, _chosen(own.kept().exclude(places__album=own_album)))
    return albums.remove(own_album, _chosen(own.existing().filter(places__album=own_album)))


def throw_away(user: User, images: QuerySet[Image]) -> Thrown:
    """Put these pictures of the person's into the trash, ``MOST_AT_ONCE`` of them at most, so that it can be undone."""
    moment = timezone.now()
    kept = Image.objects.kept().filter(user=user, pk__in=images.values("pk"))
    return Thrown(_chosen(kept).kept().change(trashed_at=moment), moment)


def take_back(user: User, moment: dt.datetime) -> int:
    """Restore what was thrown away together at this moment; how many pictures that were."""
    return Image.objects.filter(user=user, trashed_at=moment).restore()


def empty_trash(user: User) -> int:
    """Delete all that is in the person's trash for good; how many pictures that were."""
    return Image.objects.filter(user=user).delete_for_good()


def _move(image: QuerySet[Image], into: Sequence[UUID], out_of: Sequence[UUID]) -> None:
    """Album by album in the order of their ids, so that no two who do so wait for each other."""
    for album in sorted({*into, *out_of}):
        if album in into:
            albums.add(album, image)
        if album in out_of:
            albums.remove(album, image)


def _chosen(images: ImageQuerySet) -> ImageQuerySet:
    """As many as can be changed at once, by their ids alone."""
    return Image.objects.filter(pk__in=images.order_by("-pk").values("pk")[:MOST_AT_ONCE])


def _at(user: User, pk: UUID, version: int | None) -> ImageQuerySet:
    """The person's picture as long as it is at this version."""
    own = Image.objects.existing().filter(user=user, pk=pk)
    return own if version is None else own.filter(version=version)


def _own_albums(user: User, wanted: Sequence[UUID]) -> Sequence[UUID]:
    """The albums, which are all the person's; raises ``NoSuchAlbum``."""
    found = set(Album.objects.filter(user=user, pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if missing := [album for album in wanted if album not in found]:
        raise NoSuchAlbum(str(missing[0]))
    return wanted


def _why_not(user: User, pk: UUID, version: int | None, *, there: type[Exception] = NotThere) -> Exception:
    """Why nothing was changed: ``there`` when it stands at this version."""
    if not _at(user, pk, None).exists():
        return NotThere()
    return there() if _at(user, pk, version).exists() else Changed()
