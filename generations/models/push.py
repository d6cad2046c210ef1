"""Browsers that want to be told when a generation ends, and the key that we prove ourselves to them with."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Subscription(models.Model):
    """A browser's place at its maker's push service. Whoever signs in there and asks for it last has it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="subscriptions")
    address = models.CharField(max_length=1000, unique=True)
    key = models.BinaryField(max_length=65, help_text=_("The browser's public key."))
    secret = models.BinaryField(max_length=16, help_text=_("What only the browser and we know."))
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("browser to notify")
        verbose_name_plural = _("browsers to notify")

    def __str__(self) -> str:
        return str(self.pk)


class PushKey(models.Model):
    """The studio's own key pair, the only row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    sealed = models.TextField(help_text=_("The private key, sealed."))
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("notification key")
        verbose_name_plural = _("notification keys")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="push_key_only_one")]

    def __str__(self) -> str:
        return str(self.pk)
