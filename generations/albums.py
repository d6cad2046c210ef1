"""Albums: what is in them, in which order, and what they look like from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from generations import keyset
from generations.keyset import NEWEST, Key, Page
from generations.models import Album, AlbumImage, Image
from generations.models.image import ImageQuerySet

MOST = 1_000  # albums of one person
ORDER = (Key("place", int, descending=False), Key("id", UUID, descending=False))
BACKWARDS = (Key("place", int), Key("id", UUID))

# What comes in stands last, oldest picture first. The album itself is written to after its pictures, here and wherever
# both are, so that no two wait for each other: PostgreSQL leaves to the end what nothing else in a statement reads.
ADD = """
WITH chosen AS ({images}), added AS (
    INSERT INTO generations_albumimage (album_id, image_id, position)
    SELECT %s, c.id, row_number() OVER (ORDER BY c.id) + (
        SELECT coalesce(max(position), 0) FROM generations_albumimage WHERE album_id = %s
    )
    FROM chosen c ON CONFLICT DO NOTHING RETURNING image_id
), noted AS (
    UPDATE generations_album SET version = version + 1 WHERE id = %s AND EXISTS (SELECT FROM added)
)
UPDATE generations_image SET version = version + 1 WHERE id IN (SELECT image_id FROM added)
"""
REMOVE = """
WITH removed AS (
    DELETE FROM generations_albumimage WHERE album_id = %s AND image_id IN ({images}) RETURNING image_id
), noted AS (
    UPDATE generations_album SET version = version + 1 WHERE id = %s AND EXISTS (SELECT FROM removed)
)
UPDATE generations_image SET version = version + 1 WHERE id IN (SELECT image_id FROM removed)
"""
# Those that are named, in this order, behind the one they are to follow or else in front; all others as they stood.
ARRANGE = """
UPDATE generations_albumimage place SET position = arranged.position
FROM (
    SELECT p.id, row_number() OVER (ORDER BY
        CASE WHEN named.number IS NULL THEN p.position ELSE anchor.position END NULLS FIRST,
        CASE WHEN named.number IS NULL THEN p.image_id ELSE anchor.image_id END NULLS FIRST,
        named.number NULLS FIRST
    ) AS position
    FROM generations_albumimage p
    LEFT JOIN unnest(%s::uuid[]) WITH ORDINALITY AS named (image, number) ON named.image = p.image_id
    LEFT JOIN generations_albumimage anchor ON anchor.album_id = p.album_id AND anchor.image_id = %s
    WHERE p.album_id = %s
) AS arranged
WHERE place.id = arranged.id AND place.position <> arranged.position
"""


# The first few of each album, by a short walk down each one's order.
FIRST_OF_EACH = """
SELECT album.id, shown.image_id FROM unnest(%s::uuid[]) AS album (id) CROSS JOIN LATERAL (
    SELECT p.image_id FROM generations_albumimage p JOIN generations_image i ON i.id = p.image_id
    WHERE p.album_id = album.id AND i.trashed_at IS NULL ORDER BY p.position, p.image_id LIMIT %s
) AS shown
"""


class TooMany(Exception):
    """A person has as many albums as anybody may."""


def create(user: User, **values: object) -> Album:
    """A new album with nothing in it yet; raises ``TooMany``."""
    if user.albums.count() >= MOST:
        raise TooMany
    return Album.objects.create(user=user, **values)


def of(user: User) -> QuerySet[Album]:
    """A person's albums, each with how many images it shows and which is its cover: the one chosen, or the first."""
    kept = AlbumImage.objects.filter(album=OuterRef("pk"), image__trashed_at=None)
    count = kept.order_by().values("album").annotate(number=Count("pk")).values("number")
    chosen = kept.filter(image=OuterRef("cover")).values("image")[:1]
    first = kept.order_by("position", "image").values("image")[:1]
    return Album.objects.filter(user=user).annotate(
        images=Coalesce(Subquery(count), 0), shown_cover=Coalesce(Subquery(chosen), Subquery(first))
    )


def page(user: User, *, cursor: str, limit: int) -> Page[Album]:
    """Some of a person's albums, newest first; raises ``BadCursor``."""
    return keyset.page(of(user), NEWEST, cursor=cursor, limit=limit)


def covers(albums: Iterable[Album]) -> dict[UUID, Image]:
    """The covers of albums that ``of`` gave, by album; none of one that is empty."""
    wanted = {album.pk: image for album in albums if (image := getattr(album, "shown_cover", None))}
    images = Image.objects.kept().in_bulk(list(wanted.values()))
    return {album: images[image] for album, image in wanted.items() if image in images}


def mosaics(albums: Iterable[Album], size: int) -> dict[UUID, list[Image]]:
    """The cover and the first others of albums that ``of`` gave, by album; at most so many of each."""
    wanted = {album.pk: [cover] for album in albums if (cover := getattr(album, "shown_cover", None))}
    with connection.cursor() as cursor:
        cursor.execute(FIRST_OF_EACH, [list(wanted), size])
        for album, image in cursor.fetchall():
            if image not in wanted[album]:
                wanted[album].append(image)
    images = Image.objects.kept().in_bulk([image for chosen in wanted.values() for image in chosen[:size]])
    return {album: [images[image] for image in chosen[:size] if image in images] for album, chosen in wanted.items()}


def images_of(album: UUID) -> ImageQuerySet:
    """What an album shows, each with its ``place``."""
    return Image.objects.kept().filter(places__album=album).annotate(place=F("places__position"))


def images(album: UUID, *, cursor: str, limit: int) -> Page[Image]:
    """Some of an album's images in its order; raises ``BadCursor``."""
    return keyset.page(images_of(album).with_origin(), ORDER, cursor=cursor, limit=limit)


def neighbours(album: UUID, image: UUID, *, among: ImageQuerySet | None = None) -> tuple[Image | None, Image | None]:
    """What an album shows before and behind an image in it, of ``among`` alone if that is given; else nothing."""
    place = AlbumImage.objects.filter(album=album, image=image).values_list("position", flat=True).first()
    if place is None:
        return None, None
    shown, here = images_of(album) if among is None else among, keyset.packed([place, image])
    before, behind = (keyset.page(shown, order, cursor=here, limit=1).rows for order in (BACKWARDS, ORDER))
    return next(iter(before), None), next(iter(behind), None)


def of_images(images: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Which albums each of these images is in."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    places = AlbumImage.objects.filter(image__in=images).order_by("album")
    for image, album in places.values_list("image", "album"):
        found[image].append(album)
    return found


def add(album: UUID, images: QuerySet[Image]) -> int:
    """Put these images into an album; how many were not in it before."""
    sql, given = _ids_of(images)
    return _execute(ADD.format(images=sql), [*given, album, album, album])


def remove(album: UUID, images: QuerySet[Image]) -> int:
    """Take these images out of an album; how many were in it."""
    sql, given = _ids_of(images)
    return _execute(REMOVE.format(images=sql), [album, *given, album])


def change(album: UUID, *, version: int | None, **values: object) -> bool:
    """Set these values of an album; False when it is gone or has changed since it had this version."""
    standing = Album.objects.filter(pk=album)
    if version is not None:
        standing = standing.filter(version=version)
    return bool(standing.update(version=F("version") + 1, **values))


def delete(album: UUID, *, version: int | None) -> bool:
    """Remove an album and leave its images; False as ``change`` says."""
    standing = Album.objects.filter(pk=album)
    if version is not None:
        standing = standing.filter(version=version)
    return bool(standing.delete()[1].get(Album._meta.label))  # noqa: SLF001


def arrange(album: UUID, named: Sequence[UUID], *, after: UUID | None, version: int | None) -> bool:
    """Put these images of the album in this order behind ``after``, or in front; False as ``change`` says."""
    with transaction.atomic():
        if not change(album, version=version):
            return False
        _execute(ARRANGE, [list(named), after, album])
    return True


def _ids_of(images: QuerySet[Image]) -> tuple[str, tuple[Any, ...]]:
    return images.values("id").query.sql_with_params()


def _execute(sql: str, given: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        changed: int = cursor.rowcount
    return changed
