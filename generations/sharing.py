"""Pictures and albums at addresses that anybody may open who was given them, until the share ends."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from uuid import UUID

from django.core import signing
from django.db.models import F

from accounts.models import User
from generations import albums, keyset
from generations.keyset import NEWEST, Page
from generations.models import Album, Image, Share
from generations.models.image import ImageQuerySet
from generations.models.share import ShareQuerySet

MOST = 1_000  # that one person has and that last
SALT = "share"
SEPARATOR = "."


class NothingToShare(Exception):
    """The person has no such picture or album."""


class TooMany(Exception):
    """A person has as many shares as anybody may."""


def token_of(share: Share) -> str:
    """What its address ends in: nobody can make one but we, and it needs no keeping."""
    name = base64.urlsafe_b64encode(share.pk.bytes).decode().rstrip("=")
    return signing.Signer(salt=SALT, sep=SEPARATOR).sign(name)


def create(
    user: User,
    *,
    image: UUID | None = None,
    album: UUID | None = None,
    with_prompt: bool = False,
    expires_at: dt.datetime | None = None,
) -> Share:
    """Share one of the person's kept images, or one of their albums; raises ``NothingToShare`` or ``TooMany``."""
    images = Image.objects.kept().filter(user=user, pk=image, barred_at=None) if image else Image.objects.none()
    own_albums = Album.objects.filter(user=user, pk=album) if album else Album.objects.none()
    if not (images.exists() or own_albums.exists()):
        raise NothingToShare
    if of(user).count() >= MOST:
        raise TooMany
    return Share.objects.create(
        user=user, image_id=image, album_id=album, with_prompt=with_prompt, expires_at=expires_at
    )


def of(user: User, *, image: UUID | None = None, album: UUID | None = None) -> ShareQuerySet:
    """The person's live shares, of one thing if it is named."""
    wanted = {"image": image, "album": album}
    return Share.objects.live().filter(user=user, **{name: pk for name, pk in wanted.items() if pk})


def page(user: User, *, cursor: str, limit: int) -> Page[Share]:
    """Some of the person's live shares, newest first; raises ``BadCursor``."""
    return keyset.page(
        of(user).select_related("album", "image__generation__prompt"), NEWEST, cursor=cursor, limit=limit
    )


def find(token: str) -> Share | None:
    """The live share that has this token."""
    try:
        name = signing.Signer(salt=SALT, sep=SEPARATOR).unsign(token)
        pk = UUID(bytes=base64.urlsafe_b64decode(name + "=="))
    except (signing.BadSignature, binascii.Error, ValueError):
        return None
    return Share.objects.live().select_related("album").filter(pk=pk).first()


def images_of(share: Share) -> ImageQuerySet:
    """What it shows now: neither what is in the trash nor what was taken down."""
    if share.album_id:
        return albums.images_of(share.album_id).filter(barred_at=None)
    return Image.objects.kept().filter(shares=share, barred_at=None)


def images(share: Share, *, cursor: str, limit: int) -> Page[Image]:
    """Some of what it shows, in its order; raises ``BadCursor``."""
    order = albums.ORDER if share.album_id else NEWEST
    return keyset.page(images_of(share).with_origin(), order, cursor=cursor, limit=limit)


def neighbours(share: Share, image: UUID) -> tuple[Image | None, Image | None]:
    """What is shown before and behind one of its images."""
    if not share.album_id:
        return None, None
    return albums.neighbours(share.album_id, image, among=images_of(share))


def count_view(share: Share) -> None:
    """Somebody has looked at it."""
    Share.objects.filter(pk=share.pk).update(views=F("views") + 1)
