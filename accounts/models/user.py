"""Somebody who signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models.versioned import changed

if TYPE_CHECKING:
    from accounts.models.money import Wallet


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
    language = models.CharField(_("language"), max_length=10, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    accepts_successors = models.BooleanField(
        _("Accept a model's successor"),
        default=False,
        help_text=_(
            "When a model that I ask for has ended, the one that replaces it makes the picture, at its own price. "
            "The picture says which it was."
        ),
    )
    leaves_at = models.DateTimeField(_("leaves"), null=True, editable=False)  # then the account is deleted
    version = models.PositiveIntegerField(default=1, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    wallet: Wallet

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [
            ("block_user", gettext_noop("Can block people and let them in again")),
            ("visit_user", gettext_noop("Can see the studio as a person sees it")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(leaves_at=None) | models.Q(is_active=False), name="user_leaving_is_shut_out"
            ),
        ]
        indexes = [
            # departure.due, every minute
            models.Index(fields=["leaves_at"], name="user_leaving", condition=models.Q(leaves_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.email

    def change(self, version: int | None = None, **changes: Any) -> bool:
        """Write changes, as of this version where one is named; False when it has another by now."""
        same = User.objects.filter(pk=self.pk)
        return changed(self, same if version is None else same.filter(version=version), changes)

    @property
    def initials(self) -> str:
        """Two letters that stand for the person where there is no room for more."""
        parts = (self.name or self.email.partition("@")[0].replace(".", " ")).split()
        return "".join(part[0] for part in parts[:2]).upper()
