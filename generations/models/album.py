"""Albums: named collections of a person's images."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.image import Image

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 1_000


class Album(models.Model):
    """A person's collection; an image may be in any number of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, db_index=False, related_name="albums", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    description = models.CharField(_("description"), max_length=LONGEST_DESCRIPTION, blank=True, db_default="")
    cover = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(_("version"), default=1, db_default=1)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("album")
        verbose_name_plural = _("albums")
        # albums.of(): a person's albums, newest first
        indexes = [models.Index(fields=["user", "-id"], name="album_list")]

    def __str__(self) -> str:
        return self.name


class AlbumImage(models.Model):
    """An image's place in an album."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, db_index=False, related_name="places")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="places")
    position = models.BigIntegerField()

    class Meta:
        verbose_name = _("picture of an album")
        verbose_name_plural = _("pictures of albums")
        # albums.images_of(): an album is a walk down this index
        indexes = [models.Index(fields=["album", "position", "image"], name="album_order")]
        constraints = [models.UniqueConstraint(fields=["album", "image"], name="album_image_once")]

    def __str__(self) -> str:
        return f"{self.album_id} {self.image_id}"
