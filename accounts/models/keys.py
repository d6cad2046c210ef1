"""Keys that programs sign in with, and what each has spent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from accounts.models.versioned import changed
from accounts.scopes import all_scopes


class ApiKey(models.Model):
    """A key that programs sign in with. Only its digest is stored; ``prefix`` is what people recognise it by.

    A budget is the credits that it may spend in a day, in a month (of UTC) or in all; none is no bound.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=24), default=all_scopes, verbose_name=_("scopes"))
    budget_day = models.PositiveBigIntegerField(_("credits a day"), null=True, blank=True)
    budget_month = models.PositiveBigIntegerField(_("credits a month"), null=True, blank=True)
    budget_total = models.PositiveBigIntegerField(_("credits in all"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    spend: KeySpend

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def spent(self) -> dict[str, int]:
        """What counts against a budget today, by period."""
        today = timezone.now().date()
        return {period: self.spend.within(period, today) for period in ("day", "month", "total")}

    @property
    def left(self) -> dict[str, int]:
        """What is left of the budgets that it has, by period."""
        spent = self.spent
        return {period: max(0, most - spent[period]) for period, most in self.budgets.items()}

    @property
    def does_everything(self) -> bool:
        """Whether it has every scope."""
        return set(all_scopes()) <= set(self.scopes)

    def change(self, version: int | None = None, **changes: Any) -> bool:
        """Write changes, as of this version where one is named; False when it has another by now, or is revoked."""
        same = ApiKey.objects.filter(pk=self.pk, revoked__isnull=True)
        return changed(self, same if version is None else same.filter(version=version), changes)

    @property
    def usable(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or self.expires > timezone.now())

    @property
    def budgets(self) -> dict[str, int]:
        """The budgets that it has, by period."""
        found = {"day": self.budget_day, "month": self.budget_month, "total": self.budget_total}
        return {period: most for period, most in found.items() if most is not None}


class KeySpend(models.Model):
    """What a key has held and not got back, while it had a budget: on ``day``, in its month, and in all.

    The database opens it with the key and counts every hold in it, so that a burst of orders exceeds nothing.
    """

    key = models.OneToOneField(ApiKey, on_delete=models.CASCADE, primary_key=True, related_name="spend")
    day = models.DateField(editable=False)
    in_day = models.BigIntegerField(default=0, editable=False)
    in_month = models.BigIntegerField(default=0, editable=False)
    in_total = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("spending of a key")
        verbose_name_plural = _("spending of keys")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(in_day__gte=0, in_month__gte=models.F("in_day"), in_total__gte=models.F("in_month")),
                name="key_spend_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.in_total}"

    def within(self, period: str, day: dt.date) -> int:
        """What counts against the budget of this period on a day."""
        same = {
            "day": day <= self.day,
            "month": (day.year, day.month) <= (self.day.year, self.day.month),
            "total": True,
        }
        spent = {"day": self.in_day, "month": self.in_month, "total": self.in_total}
        return spent[period] if same[period] else 0
