"""Bringing the shipped catalogue into the tables without overwriting what an admin edited, and a row per provider."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
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
    shipped = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["models"]
    with transaction.atomic():
        new = _create_models(shipped)
        models = {model.slug: model for model in Model.objects.select_related("successor")}
        changed = [model for model in shipped if _sync_model(models, model) or model["slug"] in new]
        routes = _sync_routes(models, shipped)
        _sync_accounts()
        return len(changed) + routes


def _sync_accounts() -> None:
    """A row for each provider there is, so that operators find all of them."""
    known = set(ProviderAccount.objects.values_list("name", flat=True))
    new = [ProviderAccount(name=name) for name in registry.CLIENTS if name not in known]
    ProviderAccount.objects.bulk_create(new, ignore_conflicts=True)


def _create_models(shipped: list[dict[str, Any]]) -> set[str]:
    """Those that are not there yet, without their successors, which may come later in the file."""
    known = set(Model.objects.values_list("slug", flat=True))
    own = [{name: value for name, value in model.items() if name not in {"routes", "successor"}} for model in shipped]
    new = [Model(**values, shipped=_plain(values)) for values in own if values["slug"] not in known]
    Model.objects.bulk_create(new, ignore_conflicts=True)
    return {model.slug for model in new}


def _sync_model(models: Mapping[str, Model], shipped: dict[str, Any]) -> bool:
    own = {name: value for name, value in shipped.items() if name != "routes"}
    if "successor" in own:
        own["successor"] = models[own["successor"]]
    return _update(models[own["slug"]], own)


def _sync_routes(models: Mapping[str, Model], shipped: list[dict[str, Any]]) -> int:
    known = {(route.model_id, route.provider, route.provider_model): route for route in Route.objects.all()}
    new: list[Route] = []
    updated = 0
    for model, values in (
        (models[each["slug"]], _honoured(route)) for each in shipped for route in each.get("routes", [])
    ):
        if found := known.get((model.pk, values["provider"], values.get("provider_model", ""))):
            updated += _update(found, values)
        else:
            new.append(Route(model=model, **values, shipped=_plain(values)))
    Route.objects.bulk_create(new, ignore_conflicts=True)
    return updated + len(new)


def _honoured(shipped: dict[str, Any]) -> dict[str, Any]:
    """Of a server that is the operator's own, the environment says what it honours."""
    config = cast("dict[str, Any]", settings.PROVIDERS[shipped["provider"]])
    return {**shipped, **config.get("honours", {})}


def _update(row: Model | Route, shipped: dict[str, Any]) -> bool:
    new = _plain(shipped)
    changed = [
        name
        for name, value in shipped.items()
        if new[name] != row.shipped.get(name) and _plain({name: getattr(row, name)})[name] == row.shipped.get(name)
    ]
    if row.shipped == new:
        return False
    for name in changed:
        setattr(row, name, shipped[name])
    row.shipped = new
    row.save(update_fields=[*changed, "shipped"])
    return True


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
