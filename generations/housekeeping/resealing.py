"""What earlier values of SECRET_KEY have sealed, sealed with the present one: then nothing in the database needs them.

Endpoints' secrets, the push key, and what second factors are made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Manager

from accounts import sealing
from generations.models import Endpoint, PushKey

COLUMNS: tuple[tuple[Manager[Any], str], ...] = (
    (Endpoint.objects, "secret"),
    (Endpoint.objects, "earlier_secret"),
    (PushKey.objects, "sealed"),
    (Authenticator.objects, "data"),
)
SEALED = {"secret", "seed", "migrated_codes"}  # of what allauth keeps of a second factor


@dataclass(slots=True)
class Resealed:
    """``unreadable`` names the rows that no key opens; ``overtaken`` ones were changed by somebody else meanwhile."""

    anew: int = 0
    overtaken: int = 0
    unreadable: list[str] = field(default_factory=list)


def reseal() -> Resealed:
    """Go through all of it. Whatever has the present key's seal stays as it is, so that repeating this is harmless."""
    done = Resealed()
    for rows, name in COLUMNS:
        for key, value in _rows(rows, name):
            try:
                renewed = _renewed(value)
            except sealing.Unreadable:
                done.unreadable.append(f"{rows.model.__name__} {key}: {name}")
                continue
            if renewed != value:
                changed = rows.filter(pk=key, **{name: value}).update(**{name: renewed})
                done.anew += changed
                done.overtaken += not changed
    return done


def _rows(rows: Manager[Any], name: str) -> Iterator[tuple[Any, Any]]:
    yield from rows.order_by("pk").values_list("pk", name).iterator()


def _renewed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _renewed(part) if name in SEALED else part for name, part in value.items()}
    if isinstance(value, list):
        return [_renewed(part) for part in value]
    return sealing.renewed(value) if value else value
