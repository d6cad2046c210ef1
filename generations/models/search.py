"""Searches that people keep."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.versioned import Versioned

LONGEST_NAME = 80


class SavedSearch(Versioned):
    """What a person looks for again and again, under a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=LONGEST_NAME)
    filter = models.JSONField(default=dict, help_text=_("By the names that the list of pictures is filtered by."))
    sort = models.CharField(max_length=10)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints = [models.UniqueConstraint("user", Lower("name"), name="search_name_once")]

    def __str__(self) -> str:
        return self.name
