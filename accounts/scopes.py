"""What a key may be allowed to do: for each kind of thing, to read it and to change it."""

from __future__ import annotations

from collections.abc import Container

from accounts.http import MissingScope, UserApiRequest
from accounts.models import ApiKey

SAFE = ("GET", "HEAD", "OPTIONS")
SCOPES = {
    "generations:read": "See generations, models and their prices.",
    "generations:write": "Order pictures, which spends credits, and cancel orders.",
    "images:read": "See and download pictures, albums, shares and prompts.",
    "images:write": "Change, share and delete pictures, albums and prompts.",
    "account:read": "See the account and its credits.",
    "account:write": "Change the account and redeem codes.",
    "keys:read": "See API keys, never their text.",
    "keys:write": "Make, change and revoke API keys.",
    "webhooks:read": "See webhooks and what was sent to them.",
    "webhooks:write": "Make, change and remove webhooks.",
}


def require(request: UserApiRequest, resource: str) -> None:
    """Raise ``MissingScope`` unless the caller may read this resource, or change it where the method does so."""
    scope = f"{resource}:{'read' if request.method in SAFE else 'write'}"
    if scope not in held(request.auth):
        raise MissingScope(scope)


def held(key: ApiKey | None) -> Container[str]:
    """The scopes of a caller: a person who is signed in has them all."""
    return SCOPES
