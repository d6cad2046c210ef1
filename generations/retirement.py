"""Whether the vendors still have the models that our routes name, by the lists that they publish."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models.functions import Now

from generations.models import Route
from generations.providers import registry
from generations.providers.base import Provider, ProviderError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a vendor's list says of one of our routes: there, not there, or nothing, and then why."""

    route: Route
    listed: bool | None
    detail: str = ""


def compare(providers: Callable[[str], Provider] = registry.provider) -> list[Listing]:
    """Every enabled route of a configured provider that names a model, held against that provider's list."""
    named = (
        Route.objects.exclude(provider_model="")
        .filter(enabled=True, provider__in=registry.enabled())
        .select_related("model")
    )
    lists: dict[str, frozenset[str] | str] = {}
    found = []
    for route in named.order_by("provider", "model__position", "pk"):
        if route.provider not in lists:
            lists[route.provider] = _list(providers(route.provider))
        ids = lists[route.provider]
        found.append(Listing(route, None, ids) if isinstance(ids, str) else Listing(route, route.provider_model in ids))
    return found


def look(providers: Callable[[str], Provider] = registry.provider) -> int:
    """Open closed routes whose model is listed again, and mark those that are not; how many were opened.

    Only a vendor's answer to a request closes a route: lists are known to be incomplete.
    """
    opened = 0
    for listing in compare(providers):
        if listing.listed and listing.route.gone_since:
            opened += listing.route.reopen()
        elif listing.listed is False:
            logger.warning("%s does not list %s", listing.route.provider, listing.route.provider_model)
        if listing.listed is not None:
            _mark(listing.route, listed=listing.listed)
    return opened


def _mark(route: Route, *, listed: bool) -> None:
    other = Route.objects.filter(pk=route.pk, unlisted_since__isnull=not listed)
    other.update(unlisted_since=None if listed else Now())


def _list(provider: Provider) -> frozenset[str] | str:
    try:
        return provider.models() or "keeps no list"
    except ProviderError as error:
        return str(error)
