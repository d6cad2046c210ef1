"""Shutting people out, and letting them in again: what is being made for them is finished, as it is paid for."""

from __future__ import annotations

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
    with transaction.atomic():
        blocked = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, version=F("version") + 1)
        if blocked:
            closing.end_sessions(user)
    return bool(blocked)


def unblock(user: User) -> bool:
    """Let them in again, to sign in anew; False for whoever was not blocked, or has deleted their account."""
    blocked = User.objects.filter(pk=user.pk, is_active=False).exclude(email__endswith=closing.NOWHERE)
    return bool(blocked.update(is_active=True, version=F("version") + 1))
