"""Bringing the shipped catalogue into the tables without overwriting what an admin edited."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from generations.models import Model, Route

SHIPPED = Path(__file__).with_name("catalogue.toml")


def sync(path: Path = SHIPPED) -> int:
    """Write what is new or changed in the file; the number of rows written.

    A value is written only where the table still holds what was shipped last: anything else is somebody's edit.
    """
    models = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["models"]
    with transaction.atomic():
        written = sum(_sync_model(dict(shipped)) for shipped in models)
        return written + sum(_sync_successor(shipped) for shipped in models)


def _sync_model(shipped: dict[str, Any]) -> int:
    routes = shipped.pop("routes", [])
    shipped.pop("successor", None)
    model, created = Model.objects.get_or_create(slug=shipped["slug"], defaults={**shipped, "shipped": _plain(shipped)})
    written = created or _update(model, shipped)
    return written + sum(_sync_route(model, route) for route in routes)


def _sync_route(model: Model, shipped: dict[str, Any]) -> int:
    identity = {"model": model, "provider": shipped["provider"], "provider_model": shipped.get("provider_model", "")}
    route, created = Route.objects.get_or_create(**identity, defaults={**shipped, "shipped": _plain(shipped)})
    return created or _update(route, shipped)


def _sync_successor(shipped: dict[str, Any]) -> int:
    if "successor" not in shipped:
        return 0
    unset = Model.objects.filter(slug=shipped["slug"], successor__isnull=True)
    return unset.update(successor=Model.objects.get(slug=shipped["successor"]))


def _update(row: Model | Route, shipped: dict[str, Any]) -> int:
    new = _plain(shipped)
    changed = [
        name
        for name, value in shipped.items()
        if new[name] != row.shipped.get(name) and _plain({name: getattr(row, name)})[name] == row.shipped.get(name)
    ]
    if row.shipped == new:
        return 0
    for name in changed:
        setattr(row, name, shipped[name])
    row.shipped = new
    row.save(update_fields=[*changed, "shipped"])
    return 1


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps them."""
    return {name: _json(value) for name, value in values.items()}


def _json(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value.normalize())
        case dt.date():
            return value.isoformat()
    return value
