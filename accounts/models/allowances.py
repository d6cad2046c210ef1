"""What groups of people are given every month."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.money import MAX_GRANT, Entry
from accounts.models.user import User


class MonthlyAllowance(models.Model):
    """Everybody in the group begins each month with at least so many credits to spend."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="allowance", verbose_name=_("group"))
    amount = models.PositiveBigIntegerField(
        _("credits a month"),
        validators=[MinValueValidator(1), MaxValueValidator(MAX_GRANT)],
        help_text=_("Each person's credits are filled up to this once a month (of UTC). Who has as many gets none."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("monthly allowance")
        verbose_name_plural = _("monthly allowances")
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="allowance_positive")]

    def __str__(self) -> str:
        return f"{self.group}: {self.amount}"


class Allotment(models.Model):
    """That a person had this month's allowance, and what it came to: no entry where they had enough."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("user"))
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("group"))
    month = models.DateField(_("month"), help_text=_("Its first day."))
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("entry"))
    created = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("allotment")
        verbose_name_plural = _("allotments")
        constraints = [models.UniqueConstraint(fields=["user", "month"], name="allotment_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
