"""What the studio knows of each vendor account: the operator's limits, whether it answers, what is left in it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models, transaction
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.translation import gettext_lazy as _

from generations.models.generation import Attempt

TRIPS_AT = 5  # failures in a row
FIRST_BREAK = dt.timedelta(seconds=15)
LONGEST_BREAK = dt.timedelta(minutes=10)
PROBE = dt.timedelta(minutes=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
# As ``current`` has it; by hand, as every generation asks.
NAMED = """
SELECT *, coalesce(resume_at > statement_timestamp(), false) AS waiting FROM generations_provideraccount WHERE name = %s
"""
# One that nothing keeps ``admit`` from saying yes to, and ``succeed`` has nothing to forget of.
AT_EASE = """
enabled AND failures = 0 AND breaks = 0 AND coalesce(resume_at <= statement_timestamp(), true)
AND max_in_flight IS NULL AND submits_per_minute IS NULL
"""


def lost_today(providers: list[str]) -> dict[str, Decimal]:
    """What of each of these providers' loss budgets the last 24 hours took; none is named that lost nothing."""
    given_up = Attempt.objects.filter(provider__in=providers, state=Attempt.State.ABANDONED, at_risk_usd__gt=0)
    lost = given_up.filter(created__gt=Now() - DAY).values_list("provider").annotate(Sum("at_risk_usd")).order_by()
    return dict(lost)


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    """The accounts as they stand by the database's clock."""

    def current(self) -> ProviderAccountQuerySet:
        """With ``waiting``: whether a pause or a break is not over yet."""
        return self.annotate(waiting=Coalesce(Q(resume_at__gt=Now()), Value(value=False)))

    def shut(self) -> ProviderAccountQuerySet:
        """Those that nothing goes to now: switched off, paused or broken."""
        return self.filter(Q(enabled=False) | Q(resume_at__gt=Now()))

    def named(self, name: str) -> ProviderAccount:
        """The account of a provider, whether its row was ever written or not."""
        return next(iter(self.raw(NAMED, [name])), None) or ProviderAccount(name=name)


class ProviderAccount(models.Model):
    """A vendor account: its circuit opens after failures in a row, and one probe at a time then tries it again.

    All workers share the row, so that they share the circuit and the limits. Times are the database's.
    """

    class Policy(models.TextChoices):
        WAIT = "wait", _("wait for news of it")
        RETRY = "retry", _("send it again, within the loss budget")
        FAIL = "fail", _("fail")

    class Circuit(models.TextChoices):
        CLOSED = "closed", _("closed")
        PAUSED = "paused", _("paused")
        OPEN = "open", _("open")
        HALF_OPEN = "half-open", _("half-open")

    name = models.SlugField(_("name"), max_length=20, primary_key=True)
    enabled = models.BooleanField(_("enabled"), default=True, help_text=_("Whether new requests may go there."))
    max_in_flight = models.PositiveIntegerField(
        _("in flight at most"),
        null=True,
        blank=True,
        help_text=_("Requests at the vendor at once, over all workers. Empty: no limit."),
    )
    submits_per_minute = models.PositiveIntegerField(
        _("submits per minute"),
        null=True,
        blank=True,
        help_text=_("Requests in any 60 seconds, over all workers. Empty: no limit."),
    )
    unknown_policy = models.CharField(
        _("when an answer is lost"),
        max_length=5,
        choices=Policy,
        default=Policy.WAIT,
        help_text=_("What becomes of a request whose answer was lost: it may have been paid for."),
    )
    loss_budget_usd = models.DecimalField(
        _("loss budget, USD a day"),
        max_digits=8,
        decimal_places=2,
        default=1,
        help_text=_("What may be lost in 24 hours by sending requests again whose answer was lost."),
    )
    warn_below = models.DecimalField(
        _("warn below"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_(
            "A balance that admins are warned of, in the vendor's unit. Empty: none is left or, in USD, less than the "
            "last 24 hours cost."
        ),
    )

    failures = models.PositiveIntegerField(default=0, editable=False)
    breaks = models.PositiveIntegerField(default=0, editable=False)
    resume_at = models.DateTimeField(null=True, editable=False)
    probe_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=500, blank=True, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)

    balance = models.DecimalField(max_digits=14, decimal_places=4, null=True, editable=False)
    balance_unit = models.CharField(max_length=10, blank=True, editable=False)
    balance_at = models.DateTimeField(null=True, editable=False)

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(loss_budget_usd__gte=0), name="provideraccount_loss_budget"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def circuit(self) -> Circuit:
        """Whether requests go there: ``paused`` is the vendor's own wish, ``open`` ours."""
        waiting = vars(self).get("waiting", False)  # a row that was never written waits for nothing
        if self.breaks:
            return self.Circuit.OPEN if waiting else self.Circuit.HALF_OPEN
        return self.Circuit.PAUSED if waiting else self.Circuit.CLOSED

    @property
    def limited(self) -> bool:
        """Whether ``admit`` may write or lock something, and so has to be in a transaction with the attempt."""
        return self.max_in_flight is not None or self.submits_per_minute is not None or bool(self.breaks)

    def admit(self) -> bool:
        """Whether one more request may go there now. Where it is ``limited``, in the transaction of the attempt.

        Of a half-open circuit it takes the probe. The limits count what other workers have recorded, one after another.
        """
        if not self.enabled:
            return False
        match self.circuit:
            case self.Circuit.OPEN | self.Circuit.PAUSED:
                return False
            case self.Circuit.HALF_OPEN if not self._take_probe():
                return False
        return self._within_limits()

    def succeed(self) -> None:
        """The vendor answered as it should: whatever was counted against it is forgotten."""
        if self.failures or self.breaks:
            self._rows().update(failures=0, breaks=0, resume_at=None, probe_until=None)

    def fail(self, detail: str, *, lasting: bool = False) -> None:
        """The vendor failed. The circuit opens after ``TRIPS_AT`` in a row, or at once for a ``lasting`` fault."""
        self._ensure()
        self._rows().update(failures=F("failures") + 1, last_error=detail[:500], failed_at=Now())
        self.refresh_from_db(fields=["failures", "breaks"])
        if lasting or self.failures >= TRIPS_AT:
            # Of all that fail together only the first opens it, so that a burst does not make the break longer.
            still = self._rows().filter(Q(resume_at=None) | Q(resume_at__lte=Now()), breaks=self.breaks)
            still.update(breaks=F("breaks") + 1, probe_until=None, resume_at=Now() + self._break())

    def pause(self, wait: dt.timedelta, detail: str) -> None:
        """The vendor asks to be left alone for a while; that is no failure."""
        self._ensure()
        self._rows().update(resume_at=Greatest(F("resume_at"), Now() + wait), last_error=detail[:500], failed_at=Now())

    def may_lose(self, amount: Decimal) -> bool:
        """Whether this much more may be lost today. Inside the transaction that records that it is."""
        self._lock()
        return lost_today([self.name]).get(self.name, 0) + amount <= self.loss_budget_usd

    def reset(self) -> None:
        """Close the circuit by hand."""
        self._rows().update(failures=0, breaks=0, resume_at=None, probe_until=None, last_error="")

    def note_balance(self, amount: Decimal, unit: str) -> None:
        """The vendor said what is left in the account."""
        self._ensure()
        self._rows().update(balance=amount, balance_unit=unit[:10], balance_at=Now())

    def _take_probe(self) -> bool:
        free = self._rows().filter(Q(probe_until=None) | Q(probe_until__lte=Now()), breaks__gt=0)
        return bool(free.update(probe_until=Now() + PROBE))

    def _within_limits(self) -> bool:
        if self.max_in_flight is None and self.submits_per_minute is None:
            return True
        self._lock()
        attempts = Attempt.objects.filter(provider=self.name)
        if self.max_in_flight is not None and attempts.in_flight().count() >= self.max_in_flight:
            return False
        if self.submits_per_minute is None:
            return True
        return attempts.filter(created__gt=Now() - MINUTE).count() < self.submits_per_minute

    def _lock(self) -> None:
        """Whoever counts next sees what is recorded in this transaction."""
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("Limits hold only in the transaction that records what they count.")
        self._ensure()
        self._rows().update(enabled=F("enabled"))

    def _break(self) -> dt.timedelta:
        doubled: int = 2 ** min(self.breaks, 10)
        return min(FIRST_BREAK * doubled, LONGEST_BREAK)

    def _ensure(self) -> None:
        if self._state.adding:
            ProviderAccount.objects.get_or_create(name=self.name)
            self._state.adding = False

    def _rows(self) -> models.QuerySet[ProviderAccount]:
        return ProviderAccount.objects.filter(name=self.name)
