"""Signing in by an issuer of OpenID Connect, where the operator names one.

The issuer says who somebody is and that an address is theirs. That makes an account and opens it again; it never opens
one that was there before, unless its owner, signed in with a proof of their own, has connected the two.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from requests import RequestException  # noqa: TID251 - by which allauth asks

from accounts import languages
from accounts.adapter import welcome
from accounts.models import User

logger = logging.getLogger(__name__)
View = Callable[[HttpRequest, str], HttpResponse]
LONGEST_NAME = 80


class IssuerAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Takes from the issuer who somebody is, and addresses that it has verified; nothing else is believed."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in whoever has an account by the issuer, or connects theirs; make one only of a free address."""
        sociallogin.email_addresses = [one for one in sociallogin.email_addresses if one.verified is True]
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        if not sociallogin.email_addresses:
            said = _("%(issuer)s names no verified address of yours, so it makes no account here.")
            raise _refused(request, said)
        address = sociallogin.email_addresses[0].email
        taken = Q(email__iexact=address) | Q(pk__in=EmailAddress.objects.filter(email__iexact=address).values("user"))
        if User.objects.filter(taken).exists():
            said = _(
                "There is an account with your address. Sign in to it as before, then connect %(issuer)s under "
                "Sign-in and security."
            )
            raise _refused(request, said)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """To whoever the issuer knows, also where nobody else makes an account."""
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: BaseForm | None = None) -> User:
        """Add somebody whose address is proven by the issuer."""
        sociallogin.user.language = languages.asked(request)
        user: User = super().save_user(request, sociallogin, form)
        welcome(user)
        return user

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, object]) -> User:
        """With the name that the issuer has for them."""
        user: User = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")[:LONGEST_NAME]
        return user


def _refused(request: HttpRequest, said: str) -> ImmediateHttpResponse:
    messages.error(request, said % {"issuer": settings.OIDC_NAME})
    return ImmediateHttpResponse(redirect("account_login"))


def _answering(view: View) -> View:
    """Whatever the issuer says, or does not say, is no fault of ours."""

    @wraps(view)
    def answering(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except (RequestException, OAuth2Error, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("the issuer's answer cannot be used: %s", type(error).__name__)
            return render(request, "socialaccount/authentication_error.html", status=HTTPStatus.BAD_GATEWAY)

    return answering


begin, answered = _answering(views.login), _answering(views.callback)
