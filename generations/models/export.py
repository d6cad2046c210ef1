"""Archives of what a person has, made for them to take away."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User


class ExportQuerySet(models.QuerySet["Export"]):
    """Sets of exports; time is always the database's."""

    def due(self) -> ExportQuerySet:
        """To be made, with no worker on them."""
        idle = models.Q(lease_until=None) | models.Q(lease_until__lt=Now())
        return self.filter(idle, status__in=Export.UNFINISHED)


class Export(models.Model):
    """One archive: of these images, and with ``whole`` of everything else that the account has."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports", verbose_name=_("user"))
    whole = models.BooleanField(_("whole"), default=False)
    images = ArrayField(models.UUIDField(), default=list)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"))
    size = models.BigIntegerField(_("size"), null=True, blank=True, help_text=_("Bytes of the archive."))
    key = models.CharField(max_length=100, blank=True, help_text=_("Where the archive is in the storage."))
    error = models.CharField(_("error"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    expires = models.DateTimeField(_("expires"), null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            # due(): what waits to be made
            models.Index(fields=["created"], name="export_due", condition=models.Q(status__in=["queued", "running"])),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], name="export_one_at_a_time", condition=models.Q(status__in=["queued", "running"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def move(self, to: Status, **changes: object) -> bool:
        """Go on, by the worker that has it; False when it has it no more, or the export is gone."""
        mine = Export.objects.filter(pk=self.pk, status=Export.Status.RUNNING, lease_token=self.lease_token)
        return bool(mine.update(status=to, **changes))
