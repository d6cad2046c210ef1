"""What happens when people sign up by themselves, and how their second factors are kept."""

from __future__ import annotations

from typing import Any

from allauth import core
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import changes, languages, ledger, sealing
from accounts.devices import device_name
from accounts.models import User


def welcome(user: User) -> None:
    """Give the welcome credits, once per person."""
    if settings.WELCOME_CREDITS:
        ledger.grant(user, settings.WELCOME_CREDITS, key="grant:welcome", reason=gettext_noop("welcome"))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps what codes are made of where a copy of the database does not show it."""

    def encrypt(self, text: str) -> str:
        """For the database."""
        return sealing.seal(text.encode())

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """What a new passkey is called until its owner says more: the device that it is made on."""
        return device_name(core.context.request.headers.get("User-Agent", ""))

    def decrypt(self, encrypted_text: str) -> str:
        """To check a code."""
        return sealing.unseal(encrypted_text).decode()


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Welcomes people once their address is proven, so that inventing addresses earns nothing."""

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's
        """Add somebody, who goes on in the language that they signed up in."""
        user.language = languages.asked(request)
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether people make accounts by an address and a password."""
        return not settings.OIDC_ONLY

    def get_client_ip(self, request: HttpRequest) -> str:
        """From where a request comes; ``PermissionDenied`` too where fewer proxies spoke than are trusted."""
        try:
            address: str = super().get_client_ip(request)
        except ImproperlyConfigured as error:
            raise PermissionDenied(str(error)) from error
        return address

    def pre_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse | None:
        """Let in whoever may be; whoever has left goes on to be asked whether they come back."""
        if settings.OIDC_ONLY and not user.is_staff and "sociallogin" not in (login.get("signal_kwargs") or {}):
            clear_login(request)
            messages.error(request, _("Sign in by %(issuer)s.") % {"issuer": settings.OIDC_NAME})
            return redirect("account_login")
        if user.leaves_at:
            return None
        answer: HttpResponse | None = super().pre_login(request, user, **login)
        return answer

    def get_login_stages(self) -> list[str]:
        """Allauth's, and the question to those who have left."""
        return [*super().get_login_stages(), "accounts.returning.KeepStage"]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the reader's language, also when an app asks for the mail."""
        with translation.override(languages.wanted(context.get("user"), core.context.request)):
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """What changed in how they sign in, in our words."""
        changes.tell(self.request, user, template_prefix.rpartition("/")[2], context or {}, email or "")

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark the address as verified and give the welcome credits, once per person."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            welcome(email_address.user)
        return confirmed
