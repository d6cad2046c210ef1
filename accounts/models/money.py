"""Credits: wallets, holds, entries, and codes that are worth some. They move only through ``accounts.ledger``."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models.user import User

MAX_GRANT = 1_000_000_000


class Wallet(models.Model):
    """A person's credits. Only the insertion of an entry changes it: the database refuses anything else."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="wallet")
    posted = models.BigIntegerField(default=0, editable=False)
    held = models.BigIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        permissions = [("give_credits", gettext_noop("Can give credits and take them away"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(posted__gte=0), name="wallet_posted_not_negative"),
            models.CheckConstraint(condition=models.Q(held__gte=0), name="wallet_held_not_negative"),
            models.CheckConstraint(condition=models.Q(posted__gte=models.F("held")), name="wallet_spendable"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.spendable} credits"

    @property
    def spendable(self) -> int:
        """Credits that are neither spent nor held."""
        return self.posted - self.held


class Hold(models.Model):
    """Credits set aside for one generation at the price it was promised.

    ``key`` is the API key whose budgets it counts against, and ``counted_on`` the day on which it does.
    """

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="holds", verbose_name=_("wallet"))
    key = models.ForeignKey(
        "ApiKey",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        db_index=False,
        verbose_name=_("key"),
    )
    counted_on = models.DateField(null=True, editable=False)
    generation = models.UUIDField(_("generation"), unique=True)
    amount = models.BigIntegerField(_("amount"))
    captured = models.BigIntegerField(_("captured"), default=0, editable=False)
    released = models.BigIntegerField(_("released"), default=0, editable=False)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="hold_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(captured__gte=0, released__gte=0), name="hold_resolved_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=models.F("captured") + models.F("released")), name="hold_not_exceeded"
            ),
            models.CheckConstraint(
                condition=models.Q(key=None, counted_on=None) | models.Q(key__isnull=False, counted_on__isnull=False),
                name="hold_counted_on_a_day",
            ),
        ]
        # Of the few keys that have budgets: what verifyledger adds up.
        indexes = [models.Index(fields=["key"], condition=models.Q(key__isnull=False), name="hold_of_key")]

    def __str__(self) -> str:
        return f"{self.amount} for {self.generation}"

    @property
    def rest(self) -> int:
        """Credits neither captured nor released yet."""
        return self.amount - self.captured - self.released


class Entry(models.Model):
    """One immutable movement of credits. The after-values are written by the database."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("grant")
        REDEEM = "redeem", _("redeemed code")
        HOLD = "hold", _("hold")
        CAPTURE = "capture", _("image")
        RELEASE = "release", _("returned")
        REFUND = "refund", _("refund")
        ADJUSTMENT = "adjustment", _("adjustment")

    GIVEN = (Kind.GRANT, Kind.REDEEM, Kind.ADJUSTMENT, Kind.REFUND)

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries", verbose_name=_("wallet"))
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, related_name="entries", null=True, blank=True, verbose_name=_("hold")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    key = models.CharField(_("key"), max_length=120)
    posted_after = models.BigIntegerField(_("posted after"), db_default=0, editable=False)
    held_after = models.BigIntegerField(_("held after"), db_default=0, editable=False)
    version_after = models.BigIntegerField(_("version after"), db_default=0, editable=False)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        # reports and exports by date; entries are written in its order, so that this takes no room and no time
        indexes = [
            BrinIndex(fields=["created"], name="entry_when"),
            # the admin's search: the few whose keys are no generation's
            models.Index(
                fields=["key"],
                name="entry_given",
                condition=models.Q(kind__in=["grant", "redeem", "adjustment", "refund"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["wallet", "key"], name="entry_once"),
            models.UniqueConstraint(fields=["wallet", "version_after"], name="entry_chain"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(kind="adjustment") & ~models.Q(amount=0),
                name="entry_amount_sign",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["hold", "capture", "release"], hold__isnull=False)
                | models.Q(kind__in=["grant", "redeem", "adjustment"], hold__isnull=True)
                | models.Q(kind="refund"),
                name="entry_hold_link",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

    @property
    def spendable_after(self) -> int:
        """What could be spent then."""
        return self.posted_after - self.held_after


class Voucher(models.Model):
    """A code that is worth credits to so many people. Only its digest is stored; admins know it by ``prefix``."""

    batch = models.CharField(_("batch"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=4, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    amount = models.PositiveBigIntegerField(_("credits"))
    uses = models.PositiveIntegerField(_("people who may redeem it"), default=1)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    per_person = models.PositiveIntegerField(
        _("codes of the batch that one person may redeem"), null=True, editable=False
    )
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor"))

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="voucher_amount_positive"),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("uses")), name="voucher_not_overused"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.batch})"
