"""Who is calling: one key in any of three spellings."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey, User

SCHEMES = ("bearer", "key")


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer …``, ``Authorization: Key …`` or ``X-API-Key: …``; ``request.auth`` is the ``ApiKey``."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The key's person; None when no key was sent. Raises ``AuthenticationFailed`` for one that is not usable."""
        text = _sent_key(request)
        if text is None:
            return None
        key = self.find(request, text)
        if key is None:
            raise AuthenticationFailed(_("This API key is unknown, expired or revoked."), code="invalid_key")
        return key.user, key

    def find(self, request: Request, text: str) -> ApiKey | None:
        """The usable key with this text."""
        return keys.find(text)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


def _sent_key(request: Request) -> str | None:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in SCHEMES:
        return text.strip()
    return request.headers.get("X-API-Key")
