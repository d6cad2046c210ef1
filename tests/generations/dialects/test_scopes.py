"""What a key may not do, and what its budget does not allow, said by each dialect in its own shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts import keys
from accounts.models import User
from accounts.scopes import SCOPES
from generations.models import Generation, Model
from tests.factories import make_user
from tests.generations.dialects.openai import refused

pytestmark = pytest.mark.django_db
NOBODYS = UUID("018f0000-0000-7000-8000-000000000000")
APP = "/fal/queue/fal-ai/imagen4/preview/ultra"
ORDER = {"model": "imagen-4", "prompt": "a lighthouse at dusk"}
READ, WRITE = "generations:read", "generations:write"
SUBMITS = {
    "openai": "/v1/images/generations",
    "fal's queue": APP,
    "fal at once": "/fal/run/fal-ai/imagen4/preview/ultra",
    "apiframe": "/v2/images/generate",
}
READS = {
    "fal": ("GET", f"{APP}/requests/{NOBODYS}/status"),
    "fal's stream": ("GET", f"{APP}/requests/{NOBODYS}/status/stream"),
    "apiframe": ("GET", f"/v2/jobs/{NOBODYS}"),
    "apiframe's list": ("GET", "/v2/jobs"),
}
CHANGES = {
    "fal": ("PUT", f"{APP}/requests/{NOBODYS}/cancel"),
    "apiframe": ("POST", f"/v2/jobs/{NOBODYS}/cancel"),
}
BALANCES = ("/v1/key", "/v1/billing/balance", "/v2/billing", "/v2/billing/detail", "/v2/me")


@pytest.fixture
def alice(model: Model) -> User:
    return make_user(balance=100)


def program(user: User, **limits: Any) -> Client:
    _key, text = keys.create(user, "tests", **limits)
    return Client(headers={"Authorization": f"Bearer {text}"})


def all_but(*scopes: str) -> list[str]:
    return [scope for scope in SCOPES if scope not in scopes]


def said_openai(response: Any, scope: str) -> None:
    assert scope in refused(response, 403, "permission_denied")["message"]


def said_fal(response: Any, scope: str) -> None:
    assert (response.status_code, list(response.json())) == (403, ["detail"])
    assert scope in response.json()["detail"]
    assert response["x-fal-needs-retry"] == "0"


def said_apiframe(response: Any, scope: str) -> None:
    assert response.status_code == 403
    assert scope in response.json()["error"]


def said(dialect: str) -> Callable[[Any, str], None]:
    return said_openai if "openai" in dialect else said_apiframe if "apiframe" in dialect else said_fal


@pytest.mark.parametrize("dialect", SUBMITS)
def test_a_submit_needs_its_scope(alice: User, dialect: str) -> None:
    client = program(alice, scopes=all_but(WRITE))
    response = client.post(SUBMITS[dialect], json.dumps(ORDER), "application/json")
    said(dialect)(response, WRITE)
    assert not Generation.objects.exists()


@pytest.mark.parametrize("dialect", CHANGES)
def test_so_does_a_change(alice: User, dialect: str) -> None:
    method, path = CHANGES[dialect]
    said(dialect)(program(alice, scopes=all_but(WRITE)).generic(method, path), WRITE)
    assert program(alice, scopes=[WRITE]).generic(method, path).status_code == 404


@pytest.mark.parametrize("dialect", READS)
def test_so_does_a_look(alice: User, dialect: str) -> None:
    method, path = READS[dialect]
    said(dialect)(program(alice, scopes=all_but(READ)).generic(method, path), READ)
    assert program(alice, scopes=[READ]).generic(method, path).status_code in {200, 404}


@pytest.mark.parametrize("path", BALANCES)
def test_a_balance_is_for_who_may_see_the_account_or_orders(alice: User, path: str) -> None:
    assert program(alice, scopes=["account:read"]).get(path).status_code == 200
    assert program(alice, scopes=[READ]).get(path).status_code == 200
    (said_apiframe if path == "/v2/me" else said_openai)(
        program(alice, scopes=all_but(READ, "account:read")).get(path), "account:read"
    )


@pytest.mark.parametrize("dialect", SUBMITS)
def test_a_budget_is_told_like_an_empty_account_but_as_what_it_is(alice: User, dialect: str) -> None:
    client = program(alice, budget_month=5)
    response = client.post(SUBMITS[dialect], json.dumps(ORDER), "application/json")
    sentence = "5 are left of the key's budget of 5 for this month"
    if dialect == "openai":
        assert sentence in refused(response, 403, "insufficient_quota")["message"]
    elif dialect == "apiframe":
        body = response.json()
        assert (response.status_code, body["creditsAvailable"], sentence in body["error"]) == (402, 5, True)
    else:
        assert (response.status_code, sentence in response.json()["detail"]) == (403, True)
    assert not Generation.objects.exists()
