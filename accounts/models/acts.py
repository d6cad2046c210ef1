"""What admins did, and what was done by commands on the server: written once, and never changed by anybody."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.models.money import Entry
from accounts.models.user import User


class Act(models.Model):
    """One act: who did what to which row, what it was before and after, why, and from where.

    ``subject`` is the person whom it concerns. Nothing of theirs is in the words, as rows are kept after they leave.
    """

    class By(models.TextChoices):
        ADMIN = "admin", _("in the admin")
        COMMAND = "command", _("command line")

    by = models.CharField(_("how"), max_length=10, choices=By)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="acts", verbose_name=_("who"), db_index=False
    )
    verb = models.CharField(_("act"), max_length=40)
    kind = models.CharField(_("of what"), max_length=80, blank=True, help_text=_("The model of the row."))
    target = models.CharField(_("which"), max_length=80, blank=True, help_text=_("The id of the row."))
    name = models.CharField(_("name"), max_length=200, blank=True)
    subject = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("whom it concerns"), db_index=False
    )
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, related_name="act", verbose_name=_("entry in the ledger")
    )
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("before"), default=dict, encoder=DjangoJSONEncoder
    )
    after: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("after"), default=dict, encoder=DjangoJSONEncoder
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("from where"), null=True)
    request = models.CharField(_("request"), max_length=64, blank=True, help_text=_("As X-Request-Id says it."))
    created = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        indexes = [
            # the admin's list of one person's acts, of what was done to one person, and of one row's
            models.Index(fields=["actor", "-id"], name="act_of_actor"),
            models.Index(fields=["subject", "-id"], name="act_on_subject"),
            models.Index(fields=["kind", "target", "-id"], name="act_on_target"),
            models.Index(fields=["created"], name="act_when"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by="admin", actor__isnull=False) | models.Q(by="command", actor__isnull=True),
                name="act_has_an_actor",
            )
        ]

    def __str__(self) -> str:
        return f"{self.done} {self.kind} {self.target}".strip()

    @property
    def done(self) -> str:
        """The verb, as its reader says it; commands are called what they are everywhere."""
        return pgettext("act", self.verb)
