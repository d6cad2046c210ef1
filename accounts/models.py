"""People, their wallets and API keys. Money moves only through ``accounts.ledger``."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scopes import all_scopes


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address alone."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with a wallet (the database opens it). An empty password means that none can be used yet."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who may use the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this address, in any capitals."""
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in with an e-mail address."""

    email = models.EmailField(_("email"), max_length=254)
    name = models.CharField(_("name"), max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    accepts_successors = models.BooleanField(
        _("Accept a model's successor"),
        default=False,
        help_text=_(
            "When a model that I ask for has ended, the one that replaces it makes the picture, at its own price. "
            "The picture says which it was."
        ),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    wallet: Wallet

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.email

    def change(self, version: int | None = None, **changes: Any) -> bool:
        """Write changes, as of this version where one is named; False when it has another by now."""
        same = User.objects.filter(pk=self.pk)
        return _changed(self, same if version is None else same.filter(version=version), changes)

    @property
    def initials(self) -> str:
        """Two letters that stand for the person where there is no room for more."""
        parts = (self.name or self.email.partition("@")[0].replace(".", " ")).split()
        return "".join(part[0] for part in parts[:2]).upper()


def _changed(row: models.Model, same: models.QuerySet[Any], changes: dict[str, Any]) -> bool:
    """Write changes and the next version to the one row there may be; read back only what was written."""
    if not same.update(version=models.F("version") + 1, **changes):
        return False
    row.refresh_from_db(fields=["version", *changes])
    return True


class Wallet(models.Model):
    """A person's credits. Only the insertion of an entry changes it: the database refuses anything else."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="wallet")
    posted = models.BigIntegerField(default=0, editable=False)
    held = models.BigIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
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

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="holds")
    key = models.ForeignKey(
        "ApiKey", on_delete=models.PROTECT, related_name="+", null=True, editable=False, db_index=False
    )
    counted_on = models.DateField(null=True, editable=False)
    generation = models.UUIDField(unique=True)
    amount = models.BigIntegerField()
    captured = models.BigIntegerField(default=0, editable=False)
    released = models.BigIntegerField(default=0, editable=False)

    class Meta:
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

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="entries")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="entries", null=True, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.BigIntegerField()
    key = models.CharField(max_length=120)
    posted_after = models.BigIntegerField(db_default=0, editable=False)
    held_after = models.BigIntegerField(db_default=0, editable=False)
    version_after = models.BigIntegerField(db_default=0, editable=False)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "entries"
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
    prefix = models.CharField(max_length=4, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    amount = models.PositiveBigIntegerField(_("credits"))
    uses = models.PositiveIntegerField(_("people who may redeem it"), default=1)
    used = models.PositiveIntegerField(default=0, editable=False)
    expires = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="voucher_amount_positive"),
            models.CheckConstraint(condition=models.Q(used__lte=models.F("uses")), name="voucher_not_overused"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.batch})"


class ApiKey(models.Model):
    """A key that programs sign in with. Only its digest is stored; ``prefix`` is what people recognise it by.

    A budget is the credits that it may spend in a day, in a month (of UTC) or in all; none is no bound.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=24), default=all_scopes)
    budget_day = models.PositiveBigIntegerField(_("credits a day"), null=True, blank=True)
    budget_month = models.PositiveBigIntegerField(_("credits a month"), null=True, blank=True)
    budget_total = models.PositiveBigIntegerField(_("credits in all"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True, editable=False)
    spend: KeySpend

    class Meta:
        verbose_name = "API key"

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
        return _changed(self, same if version is None else same.filter(version=version), changes)

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
