"""The walks through the storage that compare what is there with what should be."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StorageSweep(models.Model):
    """One walk, in the order of the keys, and what it found; whoever goes on with it begins behind ``position``."""

    position = models.CharField(
        _("position"), max_length=1024, blank=True, help_text=_("The last key that was looked at.")
    )
    objects_seen = models.PositiveBigIntegerField(_("objects seen"), default=0)
    bytes_seen = models.PositiveBigIntegerField(_("bytes seen"), default=0)
    left_over = models.PositiveBigIntegerField(
        _("left over"), default=0, help_text=_("Objects that belong to nobody, to be removed.")
    )
    left_over_bytes = models.PositiveBigIntegerField(_("bytes left over"), default=0)
    foreign = models.PositiveBigIntegerField(
        _("foreign"), default=0, help_text=_("Objects that are not the studio's; they stay.")
    )
    missing = models.PositiveBigIntegerField(
        _("missing"), default=0, help_text=_("Pictures that are gone from the storage.")
    )
    stopped = models.CharField(_("given up"), max_length=300, blank=True, help_text=_("Why it was given up."))
    started = models.DateTimeField(_("started"), default=timezone.now, editable=False)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("storage sweep")
        verbose_name_plural = _("storage sweeps")
        constraints = [
            # two at once would find the same
            models.UniqueConstraint(
                models.Value(1), name="storagesweep_one_at_a_time", condition=models.Q(finished__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started:%Y-%m-%d %H:%M}"
