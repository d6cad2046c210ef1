"""Bringing the shipped catalogue into the tables without overwriting what an admin edited, and a row per provider."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import transaction

from generations.models import Model, ProviderAccount, Route
from generations.providers import registry

SHIPPED = Path(__file__).with_name("catalogue.toml")


def sync(path: Path = SHIPPED) -> int:
    """Write what is new or changed in the file; the number of models and routes written.

    A value is written only where the table still holds what was shipped last: anything else is somebody's edit.
    """
    models = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["models"]
    with transaction.atomic():
        new = [_create(shipped) for shipped in models]  # all of them first: a successor may come later in the file
        changed = [_sync_model(shipped) for shipped in models]
        routes = [_sync_route(shipped["slug"], route) for shipped in models for route in shipped.get("routes", [])]
        _sync_accounts()
        return sum(map(max, new, changed)) + sum(routes)


def _sync_accounts() -> None:
    """A row for each provider there is, so that operators find all of them."""
    known = set(ProviderAccount.objects.values_list("name", flat=True))
    new = [ProviderAccount(name=name) for name in registry.CLIENTS if name not in known]
    ProviderAccount.objects.bulk_create(new, ignore_conflicts=True)


def _create(shipped: dict[str, Any]) -> int:
    own = {name: value for name, value in shipped.items() if name not in {"routes", "successor"}}
    _, created = Model.objects.get_or_create(slug=own["slug"], defaults={**own, "shipped": _plain(own)})
    return int(created)


def _sync_model(shipped: dict[str, Any]) -> int:
    own = {name: value for name, value in shipped.items() if name != "routes"}
    if "successor" in own:
        own["successor"] = Model.objects.get(slug=own["successor"])
    return _update(Model.objects.select_related("successor").get(slug=own["slug"]), own)


def _sync_route(slug: str, shipped: dict[str, Any]) -> int:
    """Of a server that is the operator's own, the environment says what it honours."""
    model = Model.objects.get(slug=slug)
    config = cast("dict[str, Any]", settings.PROVIDERS[shipped["provider"]])
    shipped = shipped | config.get("honours", {})
    identity = {"model": model, "provider": shipped["provider"], "provider_model": shipped.get("provider_model", "")}
    route, created = Route.objects.get_or_create(**identity, defaults={**shipped, "shipped": _plain(shipped)})
    return int(created) or _update(route, shipped)


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
        case Model():
            return value.slug
    return value
