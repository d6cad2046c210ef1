"""What receivers of people's own are told when something happens to a generation, and how that went."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from generations.models.generation import Generation
from generations.models.push import Subscription


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Sets of endpoints."""

    def wanting(self, user: int, event: str) -> EndpointQuerySet:
        """A person's endpoints that want to hear of this kind of event."""
        wanted = models.Q(events__contains=[event]) | models.Q(events=[])
        return self.filter(wanted, user=user, disabled="")


class Endpoint(models.Model):
    """A receiver that is told of all of a person's generations, by Standard Webhooks."""

    class Disabled(models.TextChoices):
        BY_OWNER = "by_owner", _("switched off")
        GONE = "gone", _("the receiver answered that it is gone")
        FAILING = "failing", _("the receiver took nothing for days")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="endpoints", verbose_name=_("user"))
    url = models.CharField(_("address"), max_length=2000)
    description = models.CharField(_("description"), max_length=200, blank=True)
    events = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text=_("What is told; empty for everything."),
        verbose_name=_("events"),
    )
    secret = models.TextField(help_text=_("What signs, sealed."))
    earlier_secret = models.TextField(blank=True, help_text=_("What signed before and still does for a while, sealed."))
    earlier_until = models.DateTimeField(_("earlier secret until"), null=True, blank=True)
    disabled = models.CharField(
        _("disabled"), max_length=10, choices=Disabled, blank=True, help_text=_("Why nothing is sent.")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")

    def __str__(self) -> str:
        return self.description or str(self.pk)

    def change(self, version: int | None = None, **changes: object) -> bool:
        """Write changes, as of this version where one is named; False when it has another by now, or is gone."""
        if not self._as_of(version).update(version=models.F("version") + 1, **changes):
            return False
        self.refresh_from_db()
        return True

    def remove(self, version: int | None = None) -> bool:
        """Delete it, as of this version where one is named; False as ``change`` says it."""
        return bool(self._as_of(version).delete()[0])

    def _as_of(self, version: int | None) -> EndpointQuerySet:
        same = Endpoint.objects.filter(pk=self.pk)
        return same if version is None else same.filter(version=version)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Sets of deliveries; time is always the database's."""

    def due(self) -> DeliveryQuerySet:
        """To be tried now, with no worker on it."""
        return self.filter(state=Delivery.State.PENDING, next_try_at__lte=Now())

    def again(self) -> int:
        """Have those that are over sent once more, with a schedule of tries of their own; how many."""
        over = self.exclude(state=Delivery.State.PENDING)
        return over.update(
            state=Delivery.State.PENDING, spent=models.F("tries"), next_try_at=Now(), hinted_at=None, finished=None
        )


class Delivery(models.Model):
    """One message to one receiver. Its row is written with what it tells of, so that neither is there alone.

    The receiver came with the submit or, where there is an ``endpoint`` or a ``subscription``, is that.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    PROGRESS = "progress"  # the one event of a generation that is no ending
    TEST = "test"  # of an endpoint, and of no generation

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(
        Generation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("generation"),
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("user"))
    endpoint = models.ForeignKey(
        Endpoint,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("endpoint"),
    )
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="deliveries"
    )
    format = models.CharField(_("format"), max_length=20)
    event = models.CharField(_("event"), max_length=20)
    url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    spent = models.PositiveSmallIntegerField(
        default=0, help_text=_("Tries that were made before it was asked for again.")
    )
    next_try_at = models.DateTimeField(
        _("next try"), db_default=Now(), help_text=_("While a worker tries: when another may, should it have died.")
    )
    hinted_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(
        _("status"), null=True, blank=True, help_text=_("What was answered last.")
    )
    error = models.CharField(_("error"), max_length=200, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # due(): what the sweeper looks for
            models.Index(fields=["next_try_at"], name="delivery_due", condition=models.Q(state="pending")),
            # endpoints.log(): an endpoint's messages, newest first; ids are time-ordered
            models.Index(fields=["endpoint", "-id"], name="delivery_log", condition=models.Q(endpoint__isnull=False)),
            # pushing.unsubscribe(): what goes with a subscription
            models.Index(
                fields=["subscription"], name="delivery_pushed", condition=models.Q(subscription__isnull=False)
            ),
            # endpoints.forget(): what is old
            models.Index(fields=["finished"], name="delivery_old", condition=models.Q(finished__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "format", "event"],
                name="delivery_once",
                condition=models.Q(endpoint__isnull=True, subscription__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["generation", "subscription", "event"],
                name="delivery_once_pushed",
                condition=models.Q(subscription__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["generation", "endpoint", "event"],
                name="delivery_once_each",
                condition=models.Q(endpoint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id or self.endpoint_id} {self.event}"

    @property
    def address(self) -> str:
        """Where it is sent now: an endpoint's owner may have moved it."""
        if self.subscription:
            return self.subscription.address
        return self.endpoint.url if self.endpoint else self.url

    def move(self, to: State, **changes: object) -> bool:
        """Write how this try ended; False when another has begun meanwhile."""
        mine = Delivery.objects.filter(pk=self.pk, state=Delivery.State.PENDING, tries=self.tries)
        return bool(mine.update(state=to, **changes))


class DeliveryTry(models.Model):
    """One try to deliver a message to an endpoint, and what came of it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveSmallIntegerField(_("number"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    answer = models.CharField(max_length=1000, blank=True, help_text=_("How the answer began."))
    seconds = models.FloatField(_("seconds"))
    created = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("try to deliver")
        verbose_name_plural = _("tries to deliver")
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="delivery_try_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.number}"
