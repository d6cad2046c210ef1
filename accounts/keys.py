"""API keys: ``atl_<8 characters to know it by>_<40 secret ones>_<6 of checksum>``; only a digest is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import string
import zlib

from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ApiKey, User

ALPHABET = string.digits + string.ascii_letters
NOTE_USE_EVERY = dt.timedelta(minutes=1)


def create(user: User, name: str, expires: dt.datetime | None = None) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can show again."""
    body = f"atl_{_draw(8)}_{_draw(40)}"
    text = f"{body}_{_checksum(body)}"
    key = ApiKey.objects.create(user=user, name=name, prefix=_prefix(text), digest=_digest(text), expires=expires)
    return key, text


def revoke(key: ApiKey) -> bool:
    """End a key for good; False when it had been revoked before."""
    return bool(ApiKey.objects.filter(pk=key.pk, revoked__isnull=True).update(revoked=Now()))


def find(text: str) -> ApiKey | None:
    """The usable key with this text, of a person who may sign in; with its user and wallet. Notes that it was used."""
    if not _well_formed(text):
        return None
    key = ApiKey.objects.select_related("user__wallet").filter(prefix=_prefix(text)).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(text)):
        return None
    if not key.usable or not key.user.is_active:
        return None
    if key.last_used is None or key.last_used < timezone.now() - NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used=Now())
    return key


def _well_formed(text: str) -> bool:
    body, _, checksum = text.rpartition("_")
    return text.isascii() and text.startswith("atl_") and checksum == _checksum(body)


def _prefix(text: str) -> str:
    return text[:12]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _draw(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number, signs = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(ALPHABET))
        signs = ALPHABET[rest] + signs
    return signs
