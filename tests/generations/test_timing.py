"""When a job is asked after: in time, and no more often than is polite."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from generations import timing
from generations.models import Attempt, Generation
from tests.factories import make_catalogue, make_generation, make_user

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def job() -> Attempt:
    make_catalogue()
    return attempts(1)[0]


def attempts(count: int, **fields: object) -> list[Attempt]:
    """So many accepted jobs."""
    user = make_user(balance=count)
    made = [
        Attempt(generation=make_generation(user), number=1, provider="fal", seed=1, state="accepted", **fields)
        for _ in range(count)
    ]
    return Attempt.objects.bulk_create(made)


def make_history(*seconds: float) -> None:
    """Such jobs were ready after these times."""
    now = timezone.now()
    for attempt, span in zip(attempts(len(seconds), accepted=now), seconds, strict=True):
        Attempt.objects.filter(pk=attempt.pk).update(state="delivered", ready=now + span * SECOND)


def history(*seconds: float) -> None:
    """It is as if this process had always known them."""
    make_history(*seconds)
    caches["here"].clear()


def looks(job: Attempt, until: float) -> list[float]:
    """The ages at which a job that is never ready is asked after."""
    age, ages = dt.timedelta(0), []
    while age < until * SECOND:
        age += timing.next_look(job, age)
        ages.append(age.total_seconds())
    return ages


def test_a_job_of_an_unknown_kind_is_asked_after_soon_and_then_ever_more_patiently(job: Attempt) -> None:
    ages = looks(job, 60)
    assert ages[0] < 1
    assert all(later - age < max(1, age * 0.15) for age, later in pairwise(ages))
    assert len(ages) < 45


def test_nobody_asks_before_such_jobs_were_ever_ready_and_then_often(job: Attempt) -> None:
    history(20, 20, 20, 20, 20, 30)
    ages = looks(job, 60)
    assert 16 < ages[0] < 20
    assert all(later - age < 2 for age, later in pairwise(ages) if later < 25), ages
    assert ages[-1] - ages[-2] > 5
    assert len(ages) < 30


def test_a_job_is_likely_over_at_the_age_at_which_such_jobs_were(job: Attempt) -> None:
    assert not timing.likely_over(job, 60 * SECOND), "nothing is known"
    history(20, 20, 20, 20, 20, 30)
    assert not timing.likely_over(job, 19 * SECOND)
    assert timing.likely_over(job, 21 * SECOND)


def test_four_jobs_are_not_history_enough(job: Attempt) -> None:
    history(20, 20, 20, 20)
    assert looks(job, 1)[0] < 1


def test_many_jobs_at_one_provider_are_each_asked_after_less_often(
    job: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "LOOKS_PER_SECOND", 2)
    *_, youngest = attempts(19)
    caches["here"].clear()
    ages = looks(youngest, 60)
    assert len(ages) < 9, "twenty jobs, each about every ten seconds"


def test_of_a_crowd_without_history_the_oldest_are_looked_at_as_if_they_were_alone(
    job: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "LOOKS_PER_SECOND", 2)
    others = attempts(19)
    caches["here"].clear()
    for oldest in (job, others[timing.TEACHERS - 2]):
        ages = looks(oldest, 30)
        assert all(later - age < 3 for age, later in pairwise(ages) if later < 20), ages
    assert looks(others[timing.TEACHERS - 1], 1)[0] > 8


def test_one_of_a_crowd_is_looked_at_first_when_most_such_jobs_are_ready(
    job: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "LOOKS_PER_SECOND", 1)
    attempts(19)
    history(20, 20, 20, 20, 20, 20)
    ages = looks(job, 40)
    assert 20 < ages[0] <= (18 + 20 * timing.CROWD_MAY_COST) * (1 + timing.JITTER)
    assert all(4 < later - age < 6 for age, later in pairwise(ages)), ages


def test_what_was_put_off_without_history_is_brought_forward_once_there_is_some(
    job: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "GUESS_KEPT_SECONDS", 0)
    now = timezone.now()
    far = now + 30 * SECOND
    alike, leased, sooner, other = attempts(4, accepted=now)
    Attempt.objects.filter(pk=other.pk).update(provider_model="another")
    generations = Generation.objects.all()
    generations.update(status="running", next_step_at=far)
    generations.filter(pk=leased.generation_id).update(lease_token=uuid.uuid4(), lease_until=far)
    generations.filter(pk=sooner.generation_id).update(next_step_at=now + 9 * SECOND)
    timing.next_look(job, 0 * SECOND)
    assert set(generations.values_list("next_step_at", flat=True)) == {far, now + 9 * SECOND}, "there is no history yet"

    make_history(*[20] * 6)
    timing.next_look(job, 0 * SECOND)
    due = {
        attempt: generations.get(pk=attempt.generation_id).next_step_at for attempt in (alike, leased, sooner, other)
    }
    assert 16 * SECOND < due[alike] - now < 20 * SECOND
    assert (due[leased], due[sooner], due[other]) == (far, now + 9 * SECOND, far)

    generations.update(next_step_at=far)
    timing.next_look(job, 0 * SECOND)
    assert generations.get(pk=alike.generation_id).next_step_at == far, "it is done once"


def test_what_is_brought_forward_is_found_by_its_generation(job: Attempt) -> None:
    """By its vendor it would be one of thousands, read for each of thousands; nobody has counted them yet."""
    attempts(400, accepted=timezone.now())
    given: dict[str, Any] = {"provider": "fal", "provider_model": "", "first": 20, "jitter": timing.JITTER}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {timing.BRING_FORWARD}", given)
        plan = "\n".join(line for [line] in cursor.fetchall())
    assert "generation_id" in plan
    assert "attempt_in_flight" not in plan


def test_nothing_is_brought_forward_while_the_vendor_wants_to_be_left_alone(
    job: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "GUESS_KEPT_SECONDS", 0)
    now = timezone.now()
    [alike] = attempts(1, accepted=now)
    generations = Generation.objects.filter(pk=alike.generation_id)
    generations.update(status="running", next_step_at=now + 30 * SECOND)
    timing.next_look(job, 0 * SECOND)
    make_history(*[20] * 6)
    timing.hold_back(job.provider, 0.3 * SECOND)
    timing.next_look(job, 0 * SECOND)
    assert generations.get().next_step_at == now + 30 * SECOND
    time.sleep(0.4)
    timing.next_look(job, 0 * SECOND)
    assert generations.get().next_step_at < now + 20 * SECOND


def test_jobs_sent_together_are_not_asked_after_together(job: Attempt) -> None:
    history(20, 20, 20, 20, 20, 20)
    assert len({looks(job, 1)[0] for _ in range(20)}) > 10


def test_no_wait_is_longer_than_half_a_minute(job: Attempt) -> None:
    history(*[600] * 6)
    assert timing.next_look(job, dt.timedelta(hours=1)) <= 30 * SECOND
