"""The catalogue as this process remembers it: models change rarely, and every submit asks for one.

What is remembered may be out of date, so nobody is charged or refused by it alone: ``recording.record`` writes only if
the rows are still those that were read, and ``submission.check`` looks anew before it refuses.
"""

from __future__ import annotations

from django.db import connection

from generations import routing
from generations.models import Model
from generations.models.catalogue import VERSION

_models: dict[str, Model] = {}
_by_id: dict[int, Model] = {}
CURRENT = f"SELECT slug, {VERSION} FROM generations_model WHERE id = %s"  # noqa: S608 - constants


def find(name: str) -> Model | None:
    """The model with this slug or alias, as it was when it was last read, with its routes and ``version``."""
    return _models.get(name) or find_anew(name)


def by_id(pk: int) -> Model | None:
    """The model as it was when it was last read, if it ever was."""
    return _by_id.get(pk)


def serving(name: str, aspect_ratio: str) -> Model | None:
    """The model that makes what this one is asked for. Only one that can be asked for itself is taken from memory."""
    model = find(name)
    if model is None or routing.serves(model):
        return model
    now = find_anew(name)
    return routing.serving(now, aspect_ratio) if now else None


def find_anew(name: str) -> Model | None:
    """The model as it is now."""
    model = Model.objects.named(name).versioned().select_related("successor").prefetch_related("routes").first()
    if model is None:
        _models.pop(name, None)
    else:
        _models[name] = _by_id[model.pk] = model
    return model


def current(pk: int) -> Model:
    """The model as it is now, read anew only if it was changed since, or when heirs stand in for it."""
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, [pk])
        slug, version = cursor.fetchone()
    model = _models.get(slug)
    if model is None or (model.pk, model.version) != (pk, version) or not routing.serves(model):
        model = find_anew(slug)
    return model or Model.objects.get(pk=pk)
