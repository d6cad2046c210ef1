"""The circuit and the limits of a provider, as all workers share them."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F

from generations.models import Attempt, Generation, ProviderAccount
from generations.models.provider import FIRST_BREAK, LONGEST_BREAK, TRIPS_AT
from tests.factories import make_catalogue, make_generation, make_user

Circuit = ProviderAccount.Circuit
pytestmark = pytest.mark.django_db


def account(name: str = "fal", **limits: int) -> ProviderAccount:
    if limits:
        ProviderAccount.objects.update_or_create(name=name, defaults=limits)
    return ProviderAccount.objects.named(name)


def fail(times: int = TRIPS_AT) -> ProviderAccount:
    for _ in range(times):
        account().fail("fal answered 500")
    return account()


def let_pass(span: dt.timedelta) -> None:
    """As if that much time had passed."""
    ProviderAccount.objects.update(resume_at=F("resume_at") - span, probe_until=F("probe_until") - span)


def admitted() -> bool:
    with transaction.atomic():
        return account().admit()


def attempt(generation: Generation, state: Attempt.State = Attempt.State.ACCEPTED) -> Attempt:
    number = generation.attempts.count() + 1
    return Attempt.objects.create(generation=generation, number=number, provider="fal", state=state, seed=1)


@pytest.fixture
def generations() -> list[Generation]:
    make_catalogue()
    user = make_user(balance=100)
    return [make_generation(user) for _ in range(3)]


def test_an_account_nobody_has_touched_lets_everything_pass_and_writes_nothing() -> None:
    assert account().circuit == Circuit.CLOSED
    assert admitted()
    account().succeed()
    assert not ProviderAccount.objects.exists()


def test_failures_in_a_row_open_the_circuit() -> None:
    assert fail(TRIPS_AT - 1).circuit == Circuit.CLOSED
    assert admitted()
    opened = fail(1)
    assert opened.circuit == Circuit.OPEN
    assert not admitted()
    assert opened.last_error == "fal answered 500"


def test_a_success_between_failures_starts_the_count_anew() -> None:
    fail(TRIPS_AT - 1)
    account().succeed()
    assert fail(TRIPS_AT - 1).circuit == Circuit.CLOSED


def test_a_lasting_fault_opens_it_at_once() -> None:
    account().fail("fal answered 401", lasting=True)
    assert account().circuit == Circuit.OPEN


def test_after_the_break_one_probe_goes_and_the_rest_waits() -> None:
    fail()
    let_pass(FIRST_BREAK)
    assert account().circuit == Circuit.HALF_OPEN
    assert admitted()
    assert not admitted()


def test_a_probe_that_was_never_heard_of_again_is_repeated() -> None:
    fail()
    let_pass(FIRST_BREAK)
    assert admitted()
    let_pass(dt.timedelta(minutes=2))
    assert admitted()


def test_a_probe_that_succeeds_closes_the_circuit() -> None:
    fail()
    let_pass(FIRST_BREAK)
    assert admitted()
    account().succeed()
    assert account().circuit == Circuit.CLOSED
    assert admitted()
    assert admitted()


def test_each_break_is_twice_as_long_as_the_one_before_up_to_a_limit() -> None:
    breaks = []
    for _ in range(8):
        opened = fail()
        assert opened.resume_at
        assert opened.failed_at
        breaks.append(round((opened.resume_at - opened.failed_at).total_seconds()))
        let_pass(LONGEST_BREAK)
    assert breaks == [15, 30, 60, 120, 240, 480, 600, 600]


def test_a_burst_of_failures_makes_one_break() -> None:
    fail(TRIPS_AT * 4)
    assert account().breaks == 1


def test_a_pause_is_no_failure() -> None:
    account().pause(dt.timedelta(seconds=3), "fal answered 429")
    assert account().circuit == Circuit.PAUSED
    assert not admitted()
    let_pass(dt.timedelta(seconds=3))
    assert account().circuit == Circuit.CLOSED
    assert account().failures == 0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    account().pause(dt.timedelta(minutes=1), "429")
    account().pause(dt.timedelta(seconds=1), "429")
    let_pass(dt.timedelta(seconds=30))
    assert not admitted()


def test_one_that_is_switched_off_gets_nothing() -> None:
    account(enabled=False)
    assert not admitted()


def test_reset_closes_it() -> None:
    fail()
    account().reset()
    assert account().circuit == Circuit.CLOSED


def test_in_flight_counts_what_is_at_the_vendor_and_not_what_is_over(generations: list[Generation]) -> None:
    account(max_in_flight=2)
    attempt(generations[0])
    attempt(generations[1], Attempt.State.REFUSED)
    assert admitted()
    attempt(generations[2], Attempt.State.UNKNOWN)
    assert not admitted()


def test_the_rate_counts_the_last_minute(generations: list[Generation]) -> None:
    account(submits_per_minute=1)
    first = attempt(generations[0], Attempt.State.DELIVERED)
    assert not admitted()
    Attempt.objects.filter(pk=first.pk).update(created=F("created") - dt.timedelta(minutes=1))
    assert admitted()


@pytest.mark.django_db(transaction=True)
def test_a_limit_holds_however_many_workers_ask_at_once() -> None:
    make_catalogue()
    user = make_user(balance=100)
    waiting = [make_generation(user) for _ in range(8)]
    account(max_in_flight=3)

    def ask(generation: Generation) -> bool:
        try:
            with transaction.atomic():
                admitted = account().admit()
                if admitted:
                    attempt(generation, Attempt.State.PLANNED)
            return admitted
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, waiting)) == 3


@pytest.mark.django_db(transaction=True)
def test_of_many_that_would_probe_at_once_one_does() -> None:
    fail()
    let_pass(FIRST_BREAK)

    def ask(_: int) -> bool:
        try:
            return admitted()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
