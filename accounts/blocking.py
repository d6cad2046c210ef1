"""Shutting people out, and letting them in again: what is being made for them is finished, as it is paid for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import closing
from accounts.models import User


def block(user: User, by: User) -> bool:
    """Sign them out everywhere and refuse their keys; False for whoever is blocked already, or may not be.

    Nobody blocks themselves, and only superusers block superusers.
    """
    if user == by or (user.is_superuser and not by.is_superuser):
        return False
    return shut_out(user)


def shut_out(user: User, **noted: Any) -> bool:
    """Let them in no more, by session or by key, and note why; False for whoever is shut out already."""
    with transaction.atomic():
        let_in = User.objects.filter(pk=user.pk, is_active=True)
        shut = let_in.update(is_active=False, version=F("version") + 1, **noted)
        if shut:
            closing.end_sessions(user)
    return bool(shut)


def unblock(user: User) -> bool:
    """Let them in again, to sign in anew; False for whoever was not blocked, or has left."""
    blocked = User.objects.filter(pk=user.pk, is_active=False, leaves_at=None).exclude(email__endswith=closing.NOWHERE)
    return bool(blocked.update(is_active=True, version=F("version") + 1))
