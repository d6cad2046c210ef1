"""Admins with some rights, and what they press."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.factories import make_user

REASON = "because"
CONFIRMED = {"_confirmed": "1", "_reason": REASON}


def admin(*rights: str, **fields: Any) -> tuple[User, Client]:
    """Somebody of the staff who may do this, such as ``view_user``, and their browser; without any, everything."""
    user = make_user(is_staff=True, is_superuser=not rights, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return user, client
