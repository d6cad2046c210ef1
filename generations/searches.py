"""Searches that are kept under a name, to be made again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from generations.models import SavedSearch

MOST = 100


class TooMany(Exception):
    """The person keeps as many searches as anybody may."""


class NameTaken(Exception):
    """The person keeps another search of this name."""


def keep(user: User, name: str, wanted: Mapping[str, Any], sort: str) -> SavedSearch:
    """Keep a search; raises ``TooMany`` or ``NameTaken``."""
    if SavedSearch.objects.filter(user=user).count() >= MOST:
        raise TooMany
    try:
        with transaction.atomic():
            return SavedSearch.objects.create(user=user, name=name, filter=dict(wanted), sort=sort)
    except IntegrityError as error:
        raise NameTaken from error


def change(saved: SavedSearch, values: Mapping[str, Any], version: int | None) -> bool:
    """Change what is named, as of this version if one is; False when it has another by now. Raises ``NameTaken``."""
    try:
        with transaction.atomic():
            return saved.change(version, **values)
    except IntegrityError as error:
        raise NameTaken from error
