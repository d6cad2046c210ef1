"""The shape of leaving over REST."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.fields import PlainTextField, StrictSerializer


class LeaveSerializer(StrictSerializer):
    """One's own address: nobody sends that by mistake."""

    email = PlainTextField(max_length=254)

    def validate_email(self, email: str) -> str:
        """The address of this very account."""
        if email.strip().lower() != self.context["user"].email:
            raise serializers.ValidationError(_("This is not the address of this account."))
        return email


class LeftSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of it."""

    kept_until = serializers.DateTimeField(help_text="Then it is deleted, with everything in it.")
