"""What is shown to people who have no account: shares of pictures, and what others say is wrong with them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.album import Album
from generations.models.image import Image

LONGEST_NOTE = 1_000


class ShareQuerySet(models.QuerySet["Share"]):
    """Sets of shares; time is the database's."""

    def live(self) -> ShareQuerySet:
        """Those that show something still."""
        lasting = models.Q(expires_at=None) | models.Q(expires_at__gt=Now())
        return self.filter(lasting, ended_at=None, user__is_active=True)

    def end(self) -> int:
        """Stop showing anything; how many there were."""
        return self.filter(ended_at=None).update(ended_at=Now())


class Share(models.Model):
    """An address at which anybody sees one image or one album. The address is made of the id and is stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, db_index=False, related_name="shares", verbose_name=_("user")
    )
    image = models.ForeignKey(
        Image, on_delete=models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("image")
    )
    album = models.ForeignKey(
        Album, on_delete=models.CASCADE, null=True, blank=True, related_name="shares", verbose_name=_("album")
    )
    with_prompt = models.BooleanField(_("with prompt"), default=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    views = models.PositiveIntegerField(_("views"), default=0, db_default=0)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        # sharing.page(): a person's shares, newest first
        indexes = [models.Index(fields=["user", "-id"], name="share_list", condition=models.Q(ended_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(image__isnull=True, album__isnull=False)
                | models.Q(image__isnull=False, album__isnull=True),
                name="share_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Report(models.Model):
    """What somebody says is wrong with a picture that they were shown."""

    class Reason(models.TextChoices):
        ILLEGAL = "illegal", _("illegal")
        SEXUAL = "sexual", _("sexual")
        VIOLENT = "violent", _("violent")
        HATEFUL = "hateful", _("hateful")
        RIGHTS = "rights", _("somebody's rights")
        OTHER = "other", _("something else")

    class Decision(models.TextChoices):
        NOTHING = "nothing", _("nothing had to be done")
        TAKEN_DOWN = "taken_down", _("taken down; its owner keeps it")
        REMOVED = "removed", _("deleted")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reports", verbose_name=_("by"))
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="reports", verbose_name=_("image"))
    share = models.ForeignKey(
        Share, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("share")
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    grounds = models.CharField(
        _("grounds"), max_length=300, blank=True, default="", db_default="", help_text=_("What the owner is told.")
    )

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["user", "image"], name="report_once"),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, decision="")
                | models.Q(resolved_at__isnull=False) & ~models.Q(decision=""),
                name="report_decided_when_resolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} {self.get_reason_display()}"
