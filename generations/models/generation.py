"""Generations, the attempts to fulfil them, and the events they leave."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import ApiKey, User
from generations.models.catalogue import Model, Route
from generations.models.prompt import Prompt


class GenerationQuerySet(models.QuerySet["Generation"]):
    """Sets of generations; time is always the database's."""

    def of(self, user: User) -> GenerationQuerySet:
        """This person's generations, newest first, with all that a list shows."""
        return (
            self.filter(user=user)
            .select_related("prompt", "model")
            .defer("prompt__words")
            .prefetch_related("images", models.Prefetch("attempts", Attempt.objects.with_models()))
            .order_by("-id")
        )

    def unfinished(self) -> GenerationQuerySet:
        """Queued or running."""
        return self.filter(status__in=Generation.UNFINISHED)

    def unleased(self) -> GenerationQuerySet:
        """Unfinished, with no worker on it."""
        return self.unfinished().filter(models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=Now()))

    def due(self) -> GenerationQuerySet:
        """Unfinished, with a step to take now and no worker on it."""
        return self.unleased().filter(next_step_at__lte=Now())


class Generation(models.Model):
    """One request for one to four images from one prompt on one model, and what became of it."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Source(models.TextChoices):
        WEB = "web", _("web page")
        API = "api", _("API")
        COMMAND = "command", _("command line")
        TEST = "test", _("test of a route")
        AIMLAPI = "aimlapi", _("AI/ML API's and OpenAI's format")
        FAL = "fal", _("fal's format")
        APIFRAME = "apiframe", _("Apiframe's format")
        ARCHIVE = "archive", _("archive")

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="generations", verbose_name=_("user"))
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("API key")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="generations", verbose_name=_("model"))
    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, db_index=False, related_name="generations")
    aspect_ratio = models.CharField(_("shape"), max_length=5)
    resolution = models.CharField(_("resolution"), max_length=2)
    count = models.PositiveSmallIntegerField(_("count"))
    seed = models.BigIntegerField(_("seed"), null=True, blank=True)
    output_format = models.CharField(_("format"), max_length=4)
    price = models.PositiveIntegerField(_("price"), help_text=_("Credits per image, fixed at submit."))
    asked_model = models.CharField(
        _("model asked for"),
        max_length=120,
        blank=True,
        help_text=_("The model that was asked for, where its successor was taken."),
    )
    allow_successor = models.BooleanField(
        _("successor allowed"), default=False, help_text=_("Whether a successor of the model may serve it.")
    )
    only_route = models.ForeignKey(
        Route,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        help_text=_("Where it is made or not at all: an operator's test of that route."),
        verbose_name=_("only on this route"),
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=255, blank=True)
    spoken = models.JSONField(
        null=True, blank=True, help_text=_("What was said in a vendor's format and is needed to answer in it.")
    )
    webhook = models.JSONField(
        null=True, blank=True, help_text=_("Who is to be told of what, and in which format: a `webhooks.Webhook`.")
    )
    fingerprint = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(
        max_length=32, blank=True, db_default="", help_text=_("Of the request that asked for it, as the log has it.")
    )
    traceparent = models.CharField(
        max_length=55, blank=True, db_default="", help_text=_("The trace that its steps belong to.")
    )

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    error_detail = models.CharField(_("error detail"), max_length=500, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started = models.DateTimeField(_("started"), null=True, blank=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"))

    next_step_at = models.DateTimeField(_("next step"), db_default=Now())
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    claims = models.PositiveIntegerField(_("claims"), default=0)
    faults = models.PositiveIntegerField(_("faults"), default=0)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        indexes = [
            # of(): the feed and the API's list; ids are time-ordered
            models.Index(fields=["user", "-id"], name="generation_feed"),
            # searching.page(): what was made of a prompt, newest first
            models.Index(fields=["prompt", "-id"], name="generation_of_prompt"),
            # due(): what the sweeper looks for, and how many wait
            models.Index(
                fields=["next_step_at"], name="generation_due", condition=models.Q(status__in=["queued", "running"])
            ),
            # deleting a route: the few that were tests of it
            models.Index(fields=["only_route"], name="generation_test", condition=models.Q(only_route__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                name="generation_idempotency",
                condition=~models.Q(idempotency_key=""),
            ),
            models.CheckConstraint(condition=models.Q(count__gte=1, count__lte=4), name="generation_count"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def total(self) -> int:
        """Credits held for it at submit."""
        return self.count * self.price

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status not in self.UNFINISHED

    def maker(self, attempt: Attempt | None) -> Model:
        """The model that makes it on this attempt: its own, or a successor that serves in its stead."""
        return attempt.route.model if attempt and attempt.route else self.model


# By hand, as every generation is sent, taken back and delivered.
NOW = "statement_timestamp()"
MOVE = "UPDATE generations_attempt SET {changes} WHERE id = %(attempt)s AND state = ANY (%(from)s)"


def attempt_token() -> str:
    """An unguessable word that a vendor's callback names an attempt by."""
    return secrets.token_urlsafe(24)


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Sets of attempts."""

    def in_flight(self) -> AttemptQuerySet:
        """At a vendor, or on the way there."""
        return self.filter(state__in=Attempt.IN_FLIGHT)

    def with_models(self) -> AttemptQuerySet:
        """With the route that each takes and the model that it is a route to."""
        return self.select_related("route__model").defer("route__shipped", "route__model__shipped")


class Attempt(models.Model):
    """One try of one generation at one route."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        SENDING = "sending", _("sending")
        ACCEPTED = "accepted", _("accepted")
        READY = "ready", _("ready")
        DELIVERED = "delivered", _("delivered")
        UNKNOWN = "unknown", _("unknown")
        ABANDONED = "abandoned", _("abandoned")
        REFUSED = "refused", _("refused")

    IN_FLIGHT = (State.PLANNED, State.SENDING, State.ACCEPTED, State.UNKNOWN)
    OPEN = (*IN_FLIGHT, State.READY)

    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    route = models.ForeignKey(Route, on_delete=models.SET_NULL, null=True, related_name="attempts")
    provider = models.CharField(max_length=20)
    provider_model = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    token = models.CharField(max_length=64, unique=True, default=attempt_token, editable=False)
    job = models.CharField(max_length=500, blank=True)
    seed = models.BigIntegerField()
    parameters = models.JSONField(default=list)
    pictures = models.JSONField(default=list, help_text=_("What the provider made and where it is."))
    faults = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=5, null=True, blank=True)
    at_risk_usd = models.DecimalField(
        max_digits=10,
        decimal_places=5,
        null=True,
        blank=True,
        help_text=_("What it may have cost when nobody knows whether the vendor took it."),
    )
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True, help_text=_("When the route may be asked again."))
    created = models.DateTimeField(default=timezone.now, editable=False)
    sent = models.DateTimeField(null=True, blank=True)
    accepted = models.DateTimeField(null=True, blank=True)
    ready = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    asked_after = models.DateTimeField(
        null=True, blank=True, help_text=_("When the vendor was last asked what became of it after all.")
    )
    sought = models.DateTimeField(
        null=True, blank=True, help_text=_("When an admin last asked for the pictures that did not come.")
    )
    found = models.CharField(
        max_length=300, blank=True, db_default="", help_text=_("What came of that; nothing until a worker has looked.")
    )

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("number",)
        indexes = [
            # ProviderAccount.admit(): how many are at a vendor now, and how many went there in the last minute
            models.Index(
                fields=["provider"],
                name="attempt_in_flight",
                condition=models.Q(state__in=["planned", "sending", "accepted", "unknown"]),
            ),
            models.Index(fields=["provider", "created"], name="attempt_recent"),
            # the admin's search for a vendor's job
            models.Index(fields=["job"], name="attempt_job", condition=~models.Q(job="")),
            # late.seek(): the few whose pictures an admin wants and no worker has looked for yet
            models.Index(fields=["sought"], name="attempt_sought", condition=models.Q(sought__isnull=False, found="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["generation"],
                name="attempt_one_open",
                condition=models.Q(state__in=["planned", "sending", "accepted", "ready", "unknown"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.number} {self.provider}"

    def begin(self) -> bool:
        """It is being sent from here on; False when it is not planned any more."""
        return self.move(self.State.PLANNED, to=self.State.SENDING, sent=Now())

    def move(self, *states: State, to: State, **changes: object) -> bool:
        """Go from one of ``states`` to another and write ``changes``; False when it was in none of them.

        Of what the database reckons, ``changes`` may hold ``Now()`` alone, and this instance is not told of it.
        """
        return self.move_within("{move}", {}, states, to, changes)

    def move_within(
        self,
        statement: str,
        beside: Mapping[str, Any],
        states: Iterable[State],
        to: State,
        changes: Mapping[str, object],
    ) -> bool:
        """As ``move``, as a part of this ``statement``: it stands where that has ``{move}``, and ends with conditions.

        ``beside`` is given to the other places of the statement, which is to answer a row where the attempt has moved.
        """
        written = {"state": str(to), **changes}
        known = {name: value for name, value in written.items() if not isinstance(value, Now)}
        places = ", ".join(f"{name} = {f'%(to_{name})s' if name in known else NOW}" for name in written)
        given = {f"to_{name}": _prepared(name, value) for name, value in known.items()}
        given |= {"attempt": self.pk, "from": [str(state) for state in states]}
        with connection.cursor() as cursor:
            cursor.execute(statement.format(move=MOVE.format(changes=places)), {**given, **beside})
            if not cursor.rowcount:
                return False
        for name, value in known.items():
            setattr(self, name, value)
        return True


def _prepared(name: str, value: object) -> Any:
    """What stands for this value of an attempt's field in a statement."""
    field: models.Field[Any, Any] = getattr(Attempt, name).field
    return field.get_db_prep_save(value, connection)


class EventQuerySet(models.QuerySet["Event"]):
    """Sets of events."""

    def after(self, last: int, *, user: int) -> EventQuerySet:
        """A person's events after one that they saw, with those that may have been recorded after it."""
        theirs = self.filter(user=user)
        seen = theirs.filter(pk=last).first()
        if seen is None:
            return theirs.filter(pk__gt=last)
        overlapping = models.Q(pk__gt=last - Event.OVERLAP, transaction__gte=seen.horizon)
        same = models.Q(pk__lte=last, transaction=seen.transaction)
        return theirs.filter(models.Q(pk__gt=last) | overlapping).exclude(same)


class Event(models.Model):
    """Something that happened to a generation. Ids only grow: a follower resumes after the last one it saw.

    They are drawn before the commit, so some with a smaller id may be seen later: those of ``transaction``s that were
    not over when this was written, which are not below its ``horizon``.
    """

    OVERLAP = 10_000  # ids, everybody's, that are drawn while one transaction lasts, at most

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now, editable=False)
    transaction = models.BigIntegerField(
        db_default=models.Func(template="pg_current_xact_id()::text::bigint"), editable=False
    )
    horizon = models.BigIntegerField(
        db_default=models.Func(template="pg_snapshot_xmin(pg_current_snapshot())::text::bigint"), editable=False
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        # EventQuerySet.after(): one person's events since an id
        indexes = [models.Index(fields=["user", "id"], name="event_stream")]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"
