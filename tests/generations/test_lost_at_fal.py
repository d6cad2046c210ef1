"""A submit to fal whose answer was lost, from the engine's side: found in fal's list, and paid once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from generations.models import Generation, Route
from generations.providers.base import Provider
from generations.providers.fal.client import build
from tests.emulators import faults
from tests.emulators.fal import FalEmulator
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor() -> Iterator[FalEmulator]:
    fal = FalEmulator(small=True)
    yield fal
    fal.stop()


@pytest.fixture
def provider(vendor: FalEmulator) -> Iterator[Provider]:
    client = build({"key": "emulated", "queue_url": vendor.queue_url, "api_url": vendor.addresses["FAL_API_URL"]})
    yield client
    client.close()


@pytest.fixture
def generation(settings: Settings) -> Generation:
    settings.PROVIDERS = {name: {**config, "enabled": name == "fal"} for name, config in settings.PROVIDERS.items()}
    Route.objects.create(
        model=make_catalogue(), provider="fal", provider_model="fal-ai/imagen4/preview", cost_usd=Decimal("0.04"),
        resolutions=["1K", "2K"], formats=["png", "jpeg", "webp"],
    )  # fmt: skip
    return make_generation(make_user(balance=100), count=2)


def test_it_is_found_by_the_step_that_lost_it_and_paid_once(
    vendor: FalEmulator, provider: Provider, generation: Generation
) -> None:
    vendor.faults.add("submit", faults.lost_answer())
    for _ in range(3):
        Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))
        take_steps(generation.pk, {"fal": provider}.__getitem__)
    generation.refresh_from_db()
    assert (generation.status, generation.images.count(), generation.faults) == ("completed", 2, 0)
    assert len(vendor.paid) == vendor.calls("submit") == 1
