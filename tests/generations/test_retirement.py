"""Routes whose model a vendor no longer lists, or lists again."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from generations import retirement
from generations.models import Route
from generations.providers.base import ProviderUnavailable
from tests.factories import make_catalogue
from tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db

FAST = "fal-ai/imagen4/preview/fast"


class Listing(FakeProvider):
    """A vendor with this list of models."""

    ids: frozenset[str] | ProviderUnavailable | None = frozenset({FAST})

    def models(self) -> frozenset[str] | None:
        if isinstance(self.ids, ProviderUnavailable):
            raise self.ids
        return self.ids


@pytest.fixture(autouse=True)
def fal_is_configured(settings: Settings) -> None:
    settings.PROVIDERS = {name: {**config} for name, config in settings.PROVIDERS.items()}
    settings.PROVIDERS["fal"]["enabled"] = True
    make_catalogue()


def listed(provider: Listing) -> dict[str, bool | None]:
    return {listing.route.provider_model: listing.listed for listing in retirement.compare(provider)}


def test_each_route_of_a_configured_provider_is_held_against_its_list() -> None:
    said = listed(Listing())
    assert said[FAST] is True
    assert said["fal-ai/imagen4/preview"] is False
    assert all(name.startswith("fal-ai/") for name in said)


@pytest.mark.parametrize("ids", [None, frozenset(), ProviderUnavailable("503")])
def test_no_list_says_nothing(ids: frozenset[str] | ProviderUnavailable | None) -> None:
    provider = Listing()
    provider.ids = ids
    assert set(listed(provider).values()) == {None}


def test_a_closed_route_is_opened_when_its_model_is_listed_again() -> None:
    Route.objects.filter(provider="fal").update(gone_since=Now(), gone_detail="404")
    assert retirement.look(Listing()) == 1
    closed = Route.objects.filter(provider="fal", gone_since__isnull=False)
    assert FAST not in closed.values_list("provider_model", flat=True)
    assert closed.count() == 2


def test_a_route_that_is_not_listed_stays_open_until_a_request_is_refused() -> None:
    provider = Listing()
    provider.ids = frozenset({"something-else"})
    assert retirement.look(provider) == 0
    assert not Route.objects.filter(gone_since__isnull=False).exists()


def test_what_the_list_lacks_is_marked_until_it_has_it_again() -> None:
    provider = Listing()
    retirement.look(provider)
    marked = Route.objects.filter(unlisted_since__isnull=False)
    assert set(marked.values_list("provider_model", flat=True)) == {
        "fal-ai/imagen4/preview",
        "fal-ai/imagen4/preview/ultra",
    }
    since = set(marked.values_list("unlisted_since", flat=True))
    provider.ids = None
    retirement.look(provider)
    provider.ids = frozenset({FAST})
    retirement.look(provider)
    assert set(marked.values_list("unlisted_since", flat=True)) == since
    provider.ids = frozenset(Route.objects.values_list("provider_model", flat=True))
    retirement.look(provider)
    assert not marked.exists()
