"""Who is calling: a program by one key in any of three spellings, or an app for whoever is signed in with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.internal import sessionkit
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey, User
from accounts.problems import PROBLEMS

if TYPE_CHECKING:
    from accounts.http import UserApiRequest  # whose views of DRF's read the settings that name this module

SCHEMES = ("bearer", "key")


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer …``, ``Authorization: Key …`` or ``X-API-Key: …``; ``request.auth`` is the ``ApiKey``.

    A view whose one value can be read in the same statement as the key says so by ``beside_key``, which is given what
    the address names; the value is ``request.beside``.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's person; None when no key was sent. Raises ``AuthenticationFailed`` for one that is not usable."""
        text = _sent_key(request)
        if text is None:
            return None
        key, beside = keys.find_with(text, _wanted_beside(request))
        if key is None:
            code = keys.shut_out(text) or "invalid_key"
            raise AuthenticationFailed(PROBLEMS[code].sentence, code=code)
        cast("UserApiRequest", request).beside = beside
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class AppAuthentication(BaseAuthentication):
    """``X-Session-Token: …``, which an app was given when somebody signed in with it, below ``/api/auth/``."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Who is signed in; None when no token was sent. Raises ``AuthenticationFailed`` for one that has ended."""
        token = request.headers.get("X-Session-Token")
        if token is None:
            return None
        user = get_session_user(sessionkit.session_store(token))
        if not isinstance(user, User):
            raise AuthenticationFailed(_("This session has ended; sign in again."), code="invalid_session")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


def proven_lately(request: UserApiRequest) -> bool:
    """Whether somebody signed in, not a program with a key, has just shown again who they are (see `/api/auth`)."""
    if request.auth is not None:
        return False
    token = request.headers.get("X-Session-Token")
    shown = HttpRequest()
    shown.user = request.user
    shown.session = request.session if token is None else sessionkit.session_store(token)
    return bool(did_recently_reauthenticate(shown))


def _wanted_beside(request: Request) -> keys.Beside:
    context = request.parser_context
    wanted = getattr(context["view"], "beside_key", None)
    return wanted(**context["kwargs"]) if wanted else keys.NOTHING


def _sent_key(request: Request) -> str | None:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in SCHEMES:
        return text.strip()
    return request.headers.get("X-API-Key")
