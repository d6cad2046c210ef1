"""What a caller may do: a person who is signed in everything, a key what its scopes say."""

from __future__ import annotations

from accounts.http import MissingScope, UserApiRequest

SAFE = ("GET", "HEAD", "OPTIONS")


def require(request: UserApiRequest, *resources: str) -> None:
    """Raise ``MissingScope`` unless the caller may read one of these, or change it where the method does so."""
    require_scope(request, *(scope(resource, request.method or "") for resource in resources))


def require_scope(request: UserApiRequest, *wanted: str) -> None:
    """Raise ``MissingScope`` unless the caller has one of these scopes."""
    if request.auth and not set(wanted) & set(request.auth.scopes):
        raise MissingScope(wanted[0])


def scope(resource: str, method: str) -> str:
    """The scope that a method needs."""
    return f"{resource}:{'read' if method in SAFE else 'write'}"
