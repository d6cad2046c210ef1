"""Delivered pictures, and where their owners put them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.catalogue import Model
from generations.models.generation import Generation


class ImageQuerySet(models.QuerySet["Image"]):
    """Sets of images: kept, in the trash, or deleted for good, of which only the rows are left."""

    def of(self, user: User) -> ImageQuerySet:
        """This person's images, the trash included, with their generation, prompt and model."""
        return self.existing().filter(user=user).with_origin()

    def with_origin(self) -> ImageQuerySet:
        """With the generation, prompt and model that every list shows."""
        return self.select_related("generation__prompt", "generation__model").defer("generation__prompt__words")

    def existing(self) -> ImageQuerySet:
        """Whose bytes are there."""
        return self.filter(deleted_at=None)

    def kept(self) -> ImageQuerySet:
        """Neither in the trash nor deleted."""
        return self.filter(trashed_at=None)

    def trashed(self) -> ImageQuerySet:
        """In the trash."""
        return self.filter(trashed_at__isnull=False, deleted_at=None)

    def published(self) -> ImageQuerySet:
        """Shown to everybody."""
        return self.kept().filter(published_at__isnull=False)

    def change(self, **values: object) -> int:
        """Set these and count the change; how many there were."""
        return self.update(version=models.F("version") + 1, **values)

    def trash(self) -> int:
        """Put those that are kept into the trash."""
        return self.kept().change(trashed_at=Now())

    def restore(self) -> int:
        """Take those that are in the trash out of it; whoever would put them there again has to warn anew."""
        return self.trashed().change(trashed_at=None, warned_at=None)

    def star(self, *, starred: bool) -> int:
        """Mark those that are kept and not marked so yet."""
        return self.kept().exclude(starred=starred).change(starred=starred)

    def publish(self) -> int:
        """Show everybody those that are kept, not shown yet, and were not taken down."""
        return self.kept().filter(published_at=None, barred_at=None).change(published_at=Now())

    def unpublish(self) -> int:
        """Show nobody else those that are kept."""
        return self.published().change(published_at=None)

    def bar(self) -> int:
        """Show those to nobody but their owners any more, whatever these do; how many were not barred yet."""
        return self.existing().filter(barred_at=None).change(barred_at=Now(), published_at=None)

    def delete_for_good(self) -> int:
        """Give up those that are in the trash. Their rows stay, for what was paid; ``erasing`` removes the bytes."""
        return self.trashed().change(
            deleted_at=Now(), starred=False, published_at=None, effective_prompt="", placeholder=""
        )


class Image(models.Model):
    """One delivered picture. Its row exists only once its bytes are decoded, stored and paid for, and then for ever.

    What came ``late``, after its generation had been settled, is free.
    """

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("private")
        PUBLISHED = "published", _("published")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="images")
    attempt = models.ForeignKey("generations.Attempt", on_delete=models.PROTECT, related_name="images")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="images")
    position = models.PositiveSmallIntegerField()
    model = models.ForeignKey(
        Model, on_delete=models.PROTECT, db_index=False, related_name="+", help_text="what took the order"
    )
    provider = models.CharField(max_length=20)
    aspect_ratio = models.CharField(max_length=5)
    sha256 = models.CharField(max_length=64, editable=False)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="bytes of the original")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    placeholder = models.CharField(max_length=64, blank=True, help_text="ThumbHash, base64")
    seed = models.BigIntegerField(null=True, blank=True)
    effective_prompt = models.TextField(blank=True)
    late = models.BooleanField(
        default=False, db_default=False, help_text=_("Whether it came after the end, so that nobody paid for it.")
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    version = models.PositiveIntegerField(default=1, db_default=1)
    starred = models.BooleanField(default=False, db_default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    barred_at = models.DateTimeField(null=True, blank=True, help_text=_("When an admin took it down, for good."))
    warned_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When its owner was told that it goes into the trash by itself.")
    )
    trashed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased = models.BooleanField(
        default=False, db_default=False, help_text="whether the bytes of a deleted one are gone"
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        indexes = [
            # searching.page(): a gallery page is a walk down this index, ids being time-ordered; what is filtered by
            # is in it, so that pictures which do not match are not read
            models.Index(
                fields=["user", "-id", "model", "provider", "aspect_ratio", "seed"],
                name="image_gallery",
                condition=models.Q(trashed_at=None),
            ),
            # searching.page(): the few that were marked, or published
            models.Index(
                fields=["user", "-id"], name="image_starred", condition=models.Q(starred=True, trashed_at=None)
            ),
            models.Index(
                fields=["user", "-id"],
                name="image_shown",
                condition=models.Q(published_at__isnull=False, trashed_at=None),
            ),
            # searching.page(): the trash
            models.Index(
                fields=["user", "-id"],
                name="image_trash",
                condition=models.Q(trashed_at__isnull=False, deleted_at=None),
            ),
            # explore: what everybody is shown, newest first
            models.Index(
                fields=["-published_at", "-id"],
                name="image_published",
                condition=models.Q(published_at__isnull=False, trashed_at=None),
            ),
            # erasing.empty_trash(): what has been in the trash for long enough
            models.Index(
                fields=["trashed_at"],
                name="image_expiry",
                condition=models.Q(trashed_at__isnull=False, deleted_at=None),
            ),
            # erasing.erase(): what was deleted and still has bytes, and whether another image has the same
            models.Index(
                fields=["deleted_at"], name="image_to_erase", condition=models.Q(deleted_at__isnull=False, erased=False)
            ),
            models.Index(fields=["sha256"], name="image_bytes"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="image_position_once"),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(trashed_at__isnull=False),
                name="image_deleted_from_trash",
            ),
            models.CheckConstraint(
                condition=models.Q(erased=False) | models.Q(deleted_at__isnull=False), name="image_erased_when_deleted"
            ),
            models.CheckConstraint(
                condition=models.Q(barred_at=None) | models.Q(published_at=None), name="image_barred_is_not_published"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def number(self) -> int:
        """Its place among its generation's images, from 1."""
        return self.position + 1

    @property
    def is_kept(self) -> bool:
        """Whether lists show it."""
        return self.trashed_at is None

    @property
    def visibility(self) -> str:
        """Who is shown it."""
        return self.Visibility.PUBLISHED if self.published_at else self.Visibility.PRIVATE


class StoredFile(models.Model):
    """Bytes in the storage, under their hash, which any number of images may have.

    Whoever writes them claims them first, and whoever removes them says so first: the two never meet. An image is
    recorded together with that of its bytes; those that never were are left over from somebody who died.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    media_type = models.CharField(_("media type"), max_length=20)
    claimed_at = models.DateTimeField(_("claimed at"), db_default=Now())
    recorded = models.BooleanField(_("recorded"), db_default=False, help_text=_("Whether an image had them."))
    erasing_since = models.DateTimeField(_("erased since"), null=True, blank=True)
    missing_since = models.DateTimeField(
        _("missing since"),
        null=True,
        blank=True,
        help_text=_("When a picture that somebody has was found to be gone from the storage."),
    )
    sought_at = models.DateTimeField(
        _("sought at"), null=True, blank=True, help_text=_("When it was last tried to get it again.")
    )

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        indexes = [
            # missing.seek(): what is gone and was not looked for lately
            models.Index(
                fields=["sought_at"], name="storedfile_missing", condition=models.Q(missing_since__isnull=False)
            ),
            # erasing.erase(): what was written for an image that never came to be
            models.Index(fields=["claimed_at"], name="storedfile_left_over", condition=models.Q(recorded=False)),
        ]

    def __str__(self) -> str:
        return self.sha256
