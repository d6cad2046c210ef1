"""The same prompt on several models, side by side."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.generation import Generation
from generations.models.image import Image


class Comparison(models.Model):
    """Generations that were ordered together to be compared, and the picture that was picked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="comparisons")
    generations = models.ManyToManyField(Generation, related_name="comparisons")
    winner = models.ForeignKey(
        Image, on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        indexes = [
            # comparing.recent(): a person's, newest first; ids are time-ordered
            models.Index(fields=["user", "-id"], name="comparison_recent"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
