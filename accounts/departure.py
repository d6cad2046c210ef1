"""People who have left: shut out as the blocked are, and let back in if they ask for it in time."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts import blocking
from accounts.models import User


def depart(user: User, stays: dt.timedelta) -> bool:
    """Shut them out, and have the account deleted after this time; False for whoever is shut out already."""
    return blocking.shut_out(user, leaves_at=Now() + stays)


def come_back(user: User) -> bool:
    """Let them in again, as if they had never left; False where that is too late, or nothing to be done."""
    in_time = User.objects.filter(pk=user.pk, leaves_at__gt=Now())
    return bool(in_time.update(is_active=True, leaves_at=None, version=F("version") + 1))


def hasten(user: User) -> bool:
    """Have the account deleted now; False where nobody is leaving, or it is being deleted."""
    waiting = User.objects.filter(pk=user.pk, leaves_at__gt=Now())
    return bool(waiting.update(leaves_at=Now(), version=F("version") + 1))


def put_off(user: User) -> None:
    """Their account cannot be deleted now: it is tried again after those of all others whose time is over."""
    User.objects.filter(pk=user.pk, leaves_at__lte=Now()).update(leaves_at=Now())


def due() -> QuerySet[User]:
    """Whose time is over, longest first."""
    return User.objects.filter(leaves_at__lte=Now()).order_by("leaves_at")


def is_over(user: User) -> bool:
    """Whether it is too late to come back: asked by a write, so that whoever comes back at this moment is seen."""
    return bool(due().order_by().filter(pk=user.pk).update(version=F("version") + 1))
