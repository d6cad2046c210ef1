"""Vendors calling back over HTTP, with fal's and Apiframe's own signatures."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from typing import cast

import pytest
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from generations.models import Attempt, Generation
from generations.providers import registry
from generations.providers.fal.client import FalProvider
from tests.emulators import faults
from tests.emulators.courier import Callback
from tests.emulators.fal import FalEmulator
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fal(settings: Settings) -> Iterator[FalEmulator]:
    vendor = FalEmulator(small=True)
    addresses = vendor.addresses
    settings.CALLBACKS = True
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "fal": {
            "enabled": True,
            "key": "key",
            "queue_url": vendor.queue_url,
            "jwks_url": addresses["FAL_JWKS_URL"],
            "user_id": addresses["FAL_USER_ID"],
        },
    }
    registry.provider.cache_clear()
    yield vendor
    cast("FalProvider", registry.provider("fal")).close()
    registry.provider.cache_clear()
    vendor.stop()


@pytest.fixture
def generation(fal: FalEmulator) -> Generation:
    make_catalogue()
    return make_generation(make_user(balance=100), model="imagen-4-fast")


def after_steps(generation: Generation) -> Attempt:
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))
    take_steps(generation.pk)
    generation.refresh_from_db()
    return generation.attempts.latest("number")


def answers(fal: FalEmulator, number: int) -> list[int]:
    until = time.monotonic() + 30
    while len(fal.courier.answers) < number and time.monotonic() < until:
        time.sleep(0.02)
    return fal.courier.answers


def is_due(generation: Generation) -> bool:
    return Generation.objects.due().filter(pk=generation.pk).exists()


def signed(fal: FalEmulator) -> Callback:
    [job] = fal.jobs.values()
    callback = fal.callback(job)
    assert callback
    return callback


def post(client: Client, attempt: Attempt, callback: Callback, token: str = "") -> int:
    address = f"/hooks/fal/{token or attempt.token}"
    body = callback.body
    return client.post(address, body, content_type="application/json", headers=dict(callback.headers)).status_code


def test_a_vendor_that_calls_back_is_asked_at_once(
    generation: Generation, fal: FalEmulator, live_server: LiveServer, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    fal.run_seconds = 0.2
    attempt = after_steps(generation)
    Generation.objects.update(next_step_at=Now() + dt.timedelta(minutes=5))
    assert attempt.state == "accepted"
    assert answers(fal, 1) == [200]
    assert is_due(generation)
    after_steps(generation)
    assert generation.status == "completed"


def test_the_callback_of_a_lost_submit_brings_its_pictures(
    generation: Generation, fal: FalEmulator, live_server: LiveServer, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    fal.run_seconds = 0.5
    fal.faults.add("submit", faults.lost_answer())
    assert after_steps(generation).state == "unknown"
    assert answers(fal, 1) == [200]
    assert after_steps(generation).state == "delivered"
    assert len(fal.paid) == 1


def test_it_may_come_any_number_of_times(generation: Generation, fal: FalEmulator, client: Client) -> None:
    attempt = after_steps(generation)
    callback = signed(fal)
    assert [post(client, attempt, callback) for _ in range(3)] == [200, 200, 200]
    after_steps(generation)
    assert generation.status == "completed"
    assert post(client, attempt, callback) == 200
    assert generation.images.count() == 1


@pytest.mark.parametrize("manner", ["forged", "unsigned", "stale", "stranger"])
def test_what_fal_did_not_send_us_now_is_refused(
    generation: Generation, fal: FalEmulator, client: Client, manner: str
) -> None:
    attempt = after_steps(generation)
    Generation.objects.update(next_step_at=Now() + dt.timedelta(minutes=5))
    fal.courier.manner = manner  # type: ignore[assignment]
    assert post(client, attempt, signed(fal)) == 403
    assert not is_due(generation)


def test_a_changed_body_is_refused(generation: Generation, fal: FalEmulator, client: Client) -> None:
    attempt = after_steps(generation)
    callback = signed(fal)
    assert post(client, attempt, dataclasses.replace(callback, body=callback.body + b" ")) == 403


def test_while_its_keys_cannot_be_had_it_is_to_come_again(
    generation: Generation, fal: FalEmulator, client: Client
) -> None:
    attempt = after_steps(generation)
    callback = signed(fal)
    fal.stop()
    assert post(client, attempt, callback) == 503


def test_nobody_else_gets_in(generation: Generation, fal: FalEmulator, client: Client) -> None:
    attempt = after_steps(generation)
    callback = signed(fal)
    assert post(client, attempt, callback, token="x" * 32) == 404
    assert (
        client.post(f"/hooks/sketch/{attempt.token}", callback.body, content_type="application/json").status_code == 404
    )
    assert client.get(f"/hooks/fal/{attempt.token}").status_code == 405


def test_no_address_is_given_while_nobody_can_reach_us(
    generation: Generation, fal: FalEmulator, settings: Settings
) -> None:
    settings.CALLBACKS = False
    after_steps(generation)
    fal.stop()
    assert fal.courier.answers == []
