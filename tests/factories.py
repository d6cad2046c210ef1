"""People, models and orders for tests."""

from __future__ import annotations

import json
import uuid
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from accounts import ledger
from accounts.models import User
from generations import cataloguing
from generations.models import Generation, Model, ProviderAccount, Route
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
    if Model.objects.exists():
        cataloguing.sync()
    else:
        with connection.cursor() as cursor:
            for statement, rows in _catalogue(json.dumps(settings.PROVIDERS, default=str)):
                cursor.execute(statement, [rows])
    return Model.objects.get(slug="sketch")


@cache
def _catalogue(providers: str) -> list[tuple[str, str]]:
    """Statements that write it again, and the rows that these settings put into empty tables: most tests want them."""
    with transaction.atomic():
        cataloguing.sync()
        written = [_copied(model) for model in (Model, Route, ProviderAccount)]
        transaction.set_rollback(True)
    return written


def _copied(model: type[models.Model]) -> tuple[str, str]:
    table = model._meta.db_table
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields if not field.generated)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT jsonb_agg(written)::text FROM {table} written")  # noqa: S608 - names of tables
        [rows] = cursor.fetchone()
    from_rows = f"SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"  # noqa: S608
    return f"INSERT INTO {table} ({columns}) {from_rows} ON CONFLICT DO NOTHING", rows


def make_order(**fields: Any) -> Order:
    """A small order for the sketch model."""
    return Order(**{"model": "sketch", "prompt": "a lighthouse at dusk", **fields})


def make_generation(user: User, **fields: Any) -> Generation:
    """A submitted generation."""
    return submit(user, make_order(**fields), Entrance(Generation.Source.API)).generation
