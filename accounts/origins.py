"""From where a request comes, by the word of the proxies that ``TRUSTED_PROXIES`` counts."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The address of whoever asks; None where the proxies say none, or fewer of them spoke than there are."""
    try:
        address: str = get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return None
    return address
