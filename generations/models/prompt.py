"""Prompts: what people wrote, kept once per person and text."""

from __future__ import annotations

import hashlib

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.versioned import Versioned
from generations.types import MAX_PROMPT_LENGTH


def digest_of(text: str, negative: str) -> bytes:
    """What a person's prompts are told apart by."""
    return hashlib.sha256(f"{text}\0{negative}".encode()).digest()


class PromptQuerySet(models.QuerySet["Prompt"]):
    """Remembers prompts."""

    def remember(self, user: User, text: str, negative: str) -> Prompt:
        """The person's prompt with these texts, new or used again; one statement."""
        digest = digest_of(text, negative)
        prompt = Prompt(
            user=user,
            text=text,
            negative=negative,
            digest=digest,
            last_used=timezone.now(),
            hidden=False,
            starred=False,
        )
        again = ["last_used", "hidden"]
        self.bulk_create([prompt], update_conflicts=True, unique_fields=["user", "digest"], update_fields=again)
        return prompt


class Prompt(models.Model):
    """A text that a user wrote, with what it should not show."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="prompts")
    text = models.CharField(max_length=MAX_PROMPT_LENGTH)
    negative = models.CharField(max_length=MAX_PROMPT_LENGTH, blank=True)
    digest = models.BinaryField(max_length=32, editable=False)
    words = models.GeneratedField(
        expression=SearchVector("text", config="simple"), output_field=SearchVectorField(), db_persist=True
    )
    created = models.DateTimeField(default=timezone.now, editable=False)
    last_used = models.DateTimeField(default=timezone.now, editable=False)
    starred = models.BooleanField(db_default=False)
    hidden = models.BooleanField(db_default=False, help_text=_("Whether it was taken out of the history."))

    objects = PromptQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        indexes = [
            # gallery.page(): pictures by the words of their prompt
            GinIndex(fields=["words"], name="prompt_words"),
            # prompts.history(): the last used first
            models.Index(fields=["user", "-last_used", "-id"], name="prompt_history", condition=models.Q(hidden=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="prompt_once")]

    def __str__(self) -> str:
        return self.text[:60]


class Preset(Versioned):
    """What a person likes to order, under a name: a prompt and parameters, as far as they are always the same."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=80)
    prompt = models.CharField(max_length=MAX_PROMPT_LENGTH, blank=True)
    negative_prompt = models.CharField(max_length=MAX_PROMPT_LENGTH, blank=True)
    parameters = models.JSONField(default=dict, help_text=_("Of an order, by name."))
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        constraints = [models.UniqueConstraint("user", Lower("name"), name="preset_name_once")]

    def __str__(self) -> str:
        return self.name
