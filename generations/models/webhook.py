"""What receivers of people's own are told when something happens to a generation, and how that went."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.generation import Generation


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Sets of deliveries; time is always the database's."""

    def due(self) -> DeliveryQuerySet:
        """To be tried now, with no worker on it."""
        return self.filter(state=Delivery.State.PENDING, next_try_at__lte=Now())


class Delivery(models.Model):
    """One message to one receiver. Its row is written with what it tells of, so that neither is there alone."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    PROGRESS = "progress"  # the one event that is no ending

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, db_index=False, related_name="deliveries")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=20)
    event = models.CharField(max_length=20)
    url = models.CharField(max_length=2000)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(
        db_default=Now(), help_text=_("While a worker tries: when another may, should it have died.")
    )
    hinted_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("What was answered last."))
    error = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    finished = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            # due(): what the sweeper looks for
            models.Index(fields=["next_try_at"], name="delivery_due", condition=models.Q(state="pending"))
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "format", "event"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.event}"

    def move(self, to: State, **changes: object) -> bool:
        """Write how this try ended; False when another has begun meanwhile."""
        mine = Delivery.objects.filter(pk=self.pk, state=Delivery.State.PENDING, tries=self.tries)
        return bool(mine.update(state=to, **changes))
