"""Whether those who were let in a while ago, and are still here, would be let in again."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from accounts.models import ApiKey, User


class Caller(NamedTuple):
    """A person, and the key or the session by which they came in."""

    user: int
    key: int | None = None
    session: str = ""


def still_in(callers: Collection[Caller], scope: str) -> set[Caller]:
    """Those whose key is usable and has the scope, or whose session has not ended, and who may still sign in."""
    keys = _usable({caller.key for caller in callers if caller.key}, scope)
    people = User.objects.filter(is_active=True).in_bulk({caller.user for caller in callers if not caller.key})
    hashes = _hashes({caller.session for caller in callers if not caller.key})
    return {
        caller
        for caller in callers
        if caller.key in keys or (caller.user in people and _opens(hashes.get(caller.session), people[caller.user]))
    }


def _usable(ids: Collection[int], scope: str) -> set[int]:
    keys = ApiKey.objects.filter(pk__in=ids, user__is_active=True, scopes__contains=[scope])
    return {key.pk for key in keys if key.usable}


def _hashes(sessions: Collection[str]) -> dict[str, str]:
    """What each session that lasts was opened with: it changes with the person's password."""
    lasting = Session.objects.filter(pk__in=sessions, expire_date__gt=Now())
    return {session.pk: session.get_decoded().get(HASH_SESSION_KEY, "") for session in lasting}


def _opens(opened_with: str | None, user: User) -> bool:
    known = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return opened_with is not None and any(constant_time_compare(opened_with, one) for one in known)
