"""API keys: ``atl_<8 characters to know it by>_<40 secret ones>_<6 of checksum>``; only a digest is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import string
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import ApiKey, User, Wallet

ALPHABET = string.digits + string.ascii_letters
MOST = 100  # usable ones of one person
NOTE_USE_EVERY = dt.timedelta(minutes=1)
BUDGETS = ("budget_day", "budget_month", "budget_total")

# By hand, because every request of a program begins with it: the ORM takes longer to write it than the database to
# answer it. What is not named here is fetched when somebody asks for it;
# names are in the order of the fields.
KEY = ("id", "user_id", "digest", "scopes", *BUDGETS, "expires", "revoked", "last_used")
USER = ("id", "email", "name", "language", "is_active", "accepts_successors", "version", "created")
WALLET = ("id", "user_id", "posted", "held")
COLUMNS = [f"{table}.{name}" for table, names in (("k", KEY), ("u", USER), ("w", WALLET)) for name in names]
FIND = f"""
SELECT {", ".join(COLUMNS)}, {{beside}}
FROM accounts_apikey k JOIN accounts_user u ON u.id = k.user_id JOIN accounts_wallet w ON w.user_id = u.id
WHERE k.prefix = %s
"""  # noqa: S608 - nothing but names of ours


@dataclass(frozen=True, slots=True)
class Beside:
    """One more value to read in the statement that finds a key: SQL, in which ``u.id`` is the key's person."""

    sql: str
    values: tuple[Any, ...] = ()


NOTHING = Beside("NULL")


class TooMany(Exception):
    """A person has as many usable keys as anybody may."""


def create(user: User, name: str, expires: dt.datetime | None = None, **limits: Any) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can show again. ``limits`` are its ``scopes`` and budgets.

    Raises ``TooMany``.
    """
    if user.api_keys.filter(Q(expires=None) | Q(expires__gt=Now()), revoked=None).count() >= MOST:
        raise TooMany
    body = f"atl_{_draw(8)}_{_draw(40)}"
    text = f"{body}_{_checksum(body)}"
    key = ApiKey.objects.create(
        user=user, name=name, prefix=_prefix(text), digest=_digest(text), expires=expires, **limits
    )
    return key, text


def revoke(key: ApiKey, version: int | None = None) -> bool:
    """End a key for good, as of this version where one is named; False as ``ApiKey.change`` says it."""
    return key.change(version, revoked=Now())


def may_give(giver: ApiKey, scopes: Iterable[str]) -> bool:
    """Whether a key may make or change keys with these scopes: no more than it has, and without bounds of its own."""
    return not (giver.budgets or giver.expires) and set(scopes) <= set(giver.scopes)


def find(text: str) -> ApiKey | None:
    """The usable key with this text, of a person who may sign in; with its user and wallet. Notes that it was used."""
    key, _ = find_with(text, NOTHING)
    return key


def shut_out(text: str) -> str:
    """Why this key, good otherwise, is refused for its person's sake, as a code of ``PROBLEMS``; empty if it is not."""
    if not _well_formed(text):
        return ""
    shut = ApiKey.objects.select_related("user").filter(prefix=_prefix(text), user__is_active=False)
    key = shut.first()
    if key is None or not hmac.compare_digest(key.digest, _digest(text)) or not key.usable:
        return ""
    return "account_leaving" if key.user.leaves_at else "account_blocked"


def find_with(text: str, beside: Beside) -> tuple[ApiKey | None, Any]:
    """The same, and the value that was to be read with it: one statement for both."""
    if not _well_formed(text):
        return None, None
    with connection.cursor() as cursor:
        cursor.execute(FIND.format(beside=beside.sql), [*beside.values, _prefix(text)])
        row = cursor.fetchone()
    if row is None or not _opens(key := _restored(row), text):
        return None, None
    if key.last_used is None or key.last_used < timezone.now() - NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used=Now())
    return key, row[-1]


def _restored(row: Sequence[Any]) -> ApiKey:
    """The key with its user and wallet."""
    ends = len(KEY), len(KEY) + len(USER)
    key = ApiKey.from_db(connection.alias, KEY, row[: ends[0]])
    key.user = User.from_db(connection.alias, USER, row[ends[0] : ends[1]])
    key.user.wallet = Wallet.from_db(connection.alias, WALLET, row[ends[1] : -1])
    return key


def _opens(key: ApiKey, text: str) -> bool:
    return hmac.compare_digest(key.digest, _digest(text)) and key.usable and key.user.is_active


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
