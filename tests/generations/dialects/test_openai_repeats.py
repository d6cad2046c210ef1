"""Requests that OpenAI's libraries send again by themselves, without a key, are taken for what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Entry
from generations.models import Generation
from generations.providers.openai import repeats
from tests.fakes import FakeProvider
from tests.generations.dialects.openai import ORDER, Program
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db


def send(program: Program, tried: str, **fields: object) -> str:
    """The id of the generation that a request was answered for."""
    response = program.post({**ORDER, **fields}, **{"x-stainless-retry-count": tried})
    pk: str = response["x-inference-id"]
    return pk


def test_a_repeat_of_what_is_being_made_waits_for_it(alice: Program) -> None:
    first = send(alice, "0")
    assert send(alice, "1") == first
    assert send(alice, "2") == first
    assert Entry.objects.filter(kind=Entry.Kind.HOLD).count() == 1


def test_a_repeat_of_what_was_just_made_gets_it(alice: Program) -> None:
    first = send(alice, "0")
    take_steps(UUID(first), FakeProvider())
    response = alice.post(ORDER, **{"x-stainless-retry-count": "1"})
    assert (response.status_code, response["x-inference-id"]) == (200, first)
    assert Entry.objects.filter(kind=Entry.Kind.CAPTURE).count() == 1


def test_a_repeat_long_afterwards_is_a_new_order(alice: Program) -> None:
    first = send(alice, "0")
    take_steps(UUID(first), FakeProvider())
    Generation.objects.update(finished=timezone.now() - dt.timedelta(seconds=61))
    assert send(alice, "1") != first


def test_a_request_that_is_no_repeat_is_a_new_order(alice: Program) -> None:
    assert len({send(alice, "0"), send(alice, "0"), send(alice, ""), send(alice, "x"), send(alice, "9" * 40)}) == 5


def test_a_repeat_whose_first_try_never_arrived_is_a_new_order(alice: Program) -> None:
    other = send(alice, "0", seed=1)
    assert send(alice, "1", seed=2) != other
    assert send(alice, "2", seed=2) == send(alice, "3", seed=2)


def test_each_of_two_equal_requests_gets_its_own_when_it_is_repeated(alice: Program) -> None:
    made = {send(alice, "0"), send(alice, "0")}
    assert len(made) == 2
    assert {send(alice, "1"), send(alice, "1")} == made
    assert {send(alice, "2"), send(alice, "2")} == made


def test_two_repeats_at_the_same_moment_get_one_each(alice: Program) -> None:
    made = {UUID(send(alice, "0")), UUID(send(alice, "0"))}
    fingerprint = Generation.objects.values_list("fingerprint", flat=True).distinct().get()
    claimed: list[Generation | None] = []

    def overtake(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not claimed:
            claimed.append(None)
            claimed[0] = repeats.claim(alice.key, fingerprint, 1)
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake):
        claimed.append(repeats.claim(alice.key, fingerprint, 1))
    assert {found.pk for found in claimed if found} == made


def test_another_key_of_the_same_person_repeats_nothing(alice: Program) -> None:
    first = send(alice, "0")
    _, alice.text = keys.create(alice.user, "another")
    assert send(alice, "1") != first


def test_a_repeat_is_no_submit_that_the_limit_counts(alice: Program, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 1
    first = send(alice, "0")
    assert send(alice, "1") == first
