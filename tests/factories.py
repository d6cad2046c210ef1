"""People, models and orders for tests."""

from __future__ import annotations

import uuid
from itertools import count
from typing import Any

from accounts import ledger
from accounts.models import User
from generations import cataloguing
from generations.models import Generation, Model
from generations.submission import Entrance, Order, submit

_numbers = count(1)


def make_user(*, balance: int = 0, **fields: Any) -> User:
    """A verified person with this many credits."""
    user = User.objects.create_user(fields.pop("email", f"user{next(_numbers)}@example.com"), "correct horse", **fields)
    if balance:
        ledger.grant(user, balance, key=f"grant:{uuid.uuid4()}", reason="test")
    return user


def make_catalogue() -> Model:
    """The shipped catalogue; answers its sketch model."""
    cataloguing.sync()
    return Model.objects.get(slug="sketch")


def make_order(**fields: Any) -> Order:
    """A small order for the sketch model."""
    return Order(**{"model": "sketch", "prompt": "a lighthouse at dusk", **fields})


def make_generation(user: User, **fields: Any) -> Generation:
    """A submitted generation."""
    return submit(user, make_order(**fields), Entrance(Generation.Source.API)).generation
