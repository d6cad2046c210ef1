"""Delivered pictures."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.generation import Generation


class ImageQuerySet(models.QuerySet["Image"]):
    """Images with what every list of them shows."""

    def of(self, user: User) -> ImageQuerySet:
        """This person's images, newest first, with their generation, prompt and model."""
        own = self.filter(user=user).select_related("generation__prompt", "generation__model")
        return own.defer("generation__prompt__words").order_by("-id")


class Image(models.Model):
    """One delivered picture. Its row exists only once its bytes are decoded, stored and paid for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="images")
    attempt = models.ForeignKey("generations.Attempt", on_delete=models.PROTECT, related_name="images")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="images")
    position = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64, editable=False)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="bytes of the original")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    placeholder = models.CharField(max_length=64, help_text="ThumbHash, base64")
    seed = models.BigIntegerField(null=True, blank=True)
    effective_prompt = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        # of(): a gallery page is a walk down this index; ids are time-ordered
        indexes = [models.Index(fields=["user", "-id"], name="image_gallery")]
        constraints = [models.UniqueConstraint(fields=["generation", "position"], name="image_position_once")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def number(self) -> int:
        """Its place among its generation's images, from 1."""
        return self.position + 1
