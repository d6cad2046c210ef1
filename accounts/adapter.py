"""What happens when people sign up by themselves, and how their second factors are kept."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts import ledger, sealing


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps what codes are made of where a copy of the database does not show it."""

    def encrypt(self, text: str) -> str:
        """For the database."""
        return sealing.seal(text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        """To check a code."""
        return sealing.unseal(encrypted_text).decode()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Welcomes people once their address is proven, so that inventing addresses earns nothing."""

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark the address as verified and give the welcome credits, once per person."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and settings.WELCOME_CREDITS:
            ledger.grant(email_address.user, settings.WELCOME_CREDITS, key="grant:welcome", reason="welcome")
        return confirmed
