"""Alice, who is signed in in a browser, and Bob; pictures in a folder that is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from generations.models import Model
from tests.factories import make_catalogue, make_user


@pytest.fixture(autouse=True)
def catalogue(files: Path) -> Model:
    return make_catalogue()


@pytest.fixture
def alice() -> User:
    return make_user(balance=100, name="Alice Moreau")


@pytest.fixture
def bob() -> User:
    return make_user(balance=100)


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def stranger(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client
