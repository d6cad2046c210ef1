"""Nobody waits, and everybody has a catalogue."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from generations.models import Model
from tests.factories import make_catalogue, make_user
from tests.generations.dialects.openai import Program


@pytest.fixture(autouse=True)
def nobody_waits_long(settings: Settings) -> None:
    settings.WAIT_SECONDS = 0


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model) -> Program:
    return Program(make_user(balance=100))
