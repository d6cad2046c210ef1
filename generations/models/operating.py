"""What the operator of a studio decides about it: how much people may keep, and what nobody may ask for."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from generations.moderation import normal


class Allowance(models.Model):
    """How much one person may keep, where it is not what the settings say of everybody."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="allowance", verbose_name=_("user")
    )
    most_images = models.PositiveIntegerField(
        _("pictures"), null=True, blank=True, help_text=_("Empty: as the settings say. 0: any number.")
    )
    most_megabytes = models.PositiveIntegerField(
        _("megabytes"), null=True, blank=True, help_text=_("Empty: as the settings say. 0: any number.")
    )

    class Meta:
        verbose_name = _("storage quota")
        verbose_name_plural = _("storage quotas")

    def __str__(self) -> str:
        return str(self.user)


class Announcement(models.Model):
    """What the operator has to say above every page, and whether new orders are taken meanwhile."""

    text = models.CharField(_("text"), max_length=300, help_text=_("Shown as you write it, in no other language."))
    begins = models.DateTimeField(_("from"), null=True, blank=True, help_text=_("Empty: from now on."))
    ends = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until you delete it."))
    stops_orders = models.BooleanField(
        _("no new orders"),
        default=False,
        help_text=_("New orders are refused meanwhile, in the API too. What was ordered goes on."),
    )

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(begins=None) | models.Q(ends=None) | models.Q(ends__gt=models.F("begins")),
                name="announcement_ends_after_it_begins",
                violation_error_message=_("It has to end after it begins."),
            )
        ]

    def __str__(self) -> str:
        return self.text

    def stands(self, now: dt.datetime) -> bool:
        """Whether it is to be said now."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


class PromptRule(models.Model):
    """Words that nobody may ask for or, with ``allowed``, that anybody may although others of them are blocked."""

    text = models.CharField(
        _("words"),
        max_length=200,
        help_text=_("A word or several; a star at the end of a word stands for any letters. Capitals do not matter."),
    )
    words = models.TextField(editable=False, unique=True)
    allowed = models.BooleanField(
        _("allowed"), default=False, help_text=_("Stands above what is blocked: these very words may be asked for.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For yourselves; nobody else sees it."))
    refusals = models.PositiveBigIntegerField(_("refused"), default=0, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    changed = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("prompt rule")
        verbose_name_plural = _("prompt rules")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """No two of the same words."""
        self.write_words()
        if PromptRule.objects.filter(words=self.words).exclude(pk=self.pk).exists():
            raise ValidationError({"text": _("There is a rule for the same words.")})

    def write_words(self) -> None:
        """Keep the words as prompts are held against them."""
        self.words = " ".join(normal.pattern(self.text))
        if not self.words:
            raise ValidationError({"text": _("There is no word in it.")})
