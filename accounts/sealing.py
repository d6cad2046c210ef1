"""Secrets that we must be able to read again, such as those we sign with: never in the database as they are."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a ``SECRET_KEY`` that we no longer have."""


def seal(secret: bytes) -> str:
    """Text from which only somebody with our ``SECRET_KEY`` can tell the secret."""
    return _sealer().encrypt(secret).decode()


def unseal(sealed: str) -> bytes:
    """The secret; ``SECRET_KEY_FALLBACKS`` open what earlier keys have sealed. Raises ``Unreadable``."""
    try:
        return _sealer().decrypt(sealed)
    except InvalidToken as error:
        raise Unreadable from error


def renewed(sealed: str) -> str:
    """The same secret with the present key's seal; as it is if it has that already. Raises ``Unreadable``."""
    try:
        _derived(settings.SECRET_KEY).decrypt(sealed)
    except InvalidToken:
        return seal(unseal(sealed))
    return sealed


def _sealer() -> MultiFernet:
    return MultiFernet([_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(key: str) -> Fernet:
    """For this use alone: what else is made of the key says nothing about it."""
    derived = HKDF(SHA256(), length=32, salt=None, info=b"atelier secrets at rest").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
