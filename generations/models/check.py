"""What came of looking through the books."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LedgerCheck(models.Model):
    """One look at every invariant. ``broken`` has those that were, by name: how often, the rule, and some of what."""

    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    seconds = models.FloatField(_("seconds"), help_text=_("What it took."))
    broken = models.JSONField(_("broken"), default=dict)

    class Meta:
        verbose_name = _("ledger check")
        verbose_name_plural = _("ledger checks")
        ordering = ("-created",)

    def __str__(self) -> str:
        return f"{self.created:%Y-%m-%d %H:%M} {', '.join(self.broken) or _('sound')}"
