"""fal's proxy protocol: pages of ours call as whoever is signed in, and nobody else's do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from generations.models import Generation
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.dialects.fal import APP, INPUT, Caller, make

pytestmark = pytest.mark.django_db
PROXY = "/fal/proxy"
SUBMIT = f"https://queue.fal.run/{APP}"
OURS = {"Origin": "http://testserver"}


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def page(alice: User) -> Client:
    """A page that alice has open."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    return client


def ask(client: Client, target: str, method: str = "POST", body: Any = INPUT, **headers: str) -> Any:
    sent = json.dumps(body) if method == "POST" else ""
    headers = {"x-fal-target-url": target, **headers}
    return client.generic(method, PROXY, sent, content_type="application/json", headers=headers)


def test_a_page_of_ours_goes_all_the_way_without_a_key(page: Client) -> None:
    queued = ask(page, f"{SUBMIT}?fal_webhook=https%3A%2F%2Fexample.com%2F", **OURS).json()
    assert (Generation.objects.get().webhook or {})["url"] == "https://example.com/"
    home = f"https://queue.fal.run/fal-ai/imagen4/requests/{queued['request_id']}"
    assert ask(page, f"{home}/status?logs=1", "GET").json()["queue_position"] == 0
    assert ask(page, home, "GET").status_code == 400
    make(queued["request_id"])
    assert ask(page, f"{home}/status?logs=1", "GET").json()["logs"][0]["message"] == "Waiting for a worker"
    assert len(ask(page, home, "GET").json()["images"]) == 1
    assert ask(page, f"{home}/cancel", "PUT", **OURS).json() == {"status": "ALREADY_COMPLETED"}


def test_a_synchronous_call_goes_there_too(page: Client) -> None:
    once = {"Idempotency-Key": "once"}
    make(ask(page, SUBMIT, **OURS, **once).json()["request_id"])
    assert len(ask(page, f"https://fal.run/{APP}", **OURS, **once).json()["images"]) == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}])
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PUT", "/requests/{}/cancel")])
def test_no_other_page_uses_the_session(
    page: Client, alice: User, method: str, path: str, headers: dict[str, str]
) -> None:
    generation = make_generation(alice)
    response = ask(page, f"https://queue.fal.run/{APP}{path.format(generation.pk)}", method, **headers)
    assert (response.status_code, list(response.json())) == (403, ["detail"])
    assert Generation.objects.get() == generation
    assert generation.status == Generation.Status.QUEUED


def test_a_page_at_another_name_of_the_studio_is_ours(page: Client, settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://studio.example"]
    assert ask(page, SUBMIT, Origin="https://studio.example").status_code == 200


def test_a_key_is_as_good_here_as_anywhere(alice: User) -> None:
    assert ask(Caller(alice).client, SUBMIT).status_code == 200


def test_nobody_gets_in_without_either(alice: User) -> None:
    assert ask(Client(), SUBMIT, **OURS).status_code == 401
    alice.is_active = False
    alice.save()
    page = Client()
    page.force_login(alice)
    assert ask(page, SUBMIT, **OURS).status_code == 401


def test_the_requests_of_others_are_not_found(page: Client) -> None:
    theirs = make_generation(make_user(balance=10))
    for path in ("", "/status"):
        response = ask(page, f"https://queue.fal.run/fal-ai/imagen4/requests/{theirs.pk}{path}", "GET")
        assert (response.status_code, response.json()) == (404, {"status": "NOT_FOUND"})


@pytest.mark.parametrize(
    "target",
    [
        "",
        "not an address",
        "http://[",
        "https://elsewhere.example/fal-ai/imagen4/preview",
        "https://fal.run.elsewhere.example/fal-ai/imagen4/preview",
        "https://fal.run@elsewhere.example/fal-ai/imagen4/preview",
        "https://queue.fal.run/",
        "https://queue.fal.run/../../account/",
        "https://rest.fal.ai/storage/upload/initiate",
    ],
)
def test_what_is_for_no_address_of_fals_is_refused(page: Client, target: str) -> None:
    response = ask(page, target, **OURS)
    assert (response.status_code, response.json()) == (400, {"detail": "Invalid request"})
    assert not Generation.objects.exists()
