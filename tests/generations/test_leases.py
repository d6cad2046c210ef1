"""Who may take the next step and when, by the database's clock alone."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import IO

import pytest
import time_machine
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from generations import leases, submission, tasks
from generations.models import Attempt, Generation
from generations.providers.base import ProviderUnavailable
from generations.types import Accepted, Finished, Picture, Submission
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished, png
from tests.generations.dying import Death, Killed, MortalProvider
from tests.generations.steps import advance, balance, claim, due_again, lease_over, take_steps
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.mark.parametrize(
    "polls", [[ProviderUnavailable("429", retry_after=DAY)], [Accepted("job-1", look_again=DAY)]], ids=["busy", "slow"]
)
def test_no_wait_that_a_vendor_asks_for_outlasts_the_deadline(alice: User, polls: list[Submission]) -> None:
    generation = make_generation(alice)
    provider = FakeProvider([accepted()], polls=list(polls))
    advance(advance(generation, provider), provider)
    assert generation.status == "running"
    assert generation.next_step_at <= generation.deadline + dt.timedelta(seconds=1)


def test_a_short_wait_is_as_long_as_it_was_asked_for(alice: User) -> None:
    generation = make_generation(alice)
    lease = claim(generation.pk)
    assert lease
    lease.put_off(dt.timedelta(seconds=7))
    generation.refresh_from_db()
    assert (generation.next_step_at - timezone.now()).total_seconds() == pytest.approx(7, abs=2)


@pytest.mark.parametrize("skew", [dt.timedelta(hours=1), dt.timedelta(hours=-1), dt.timedelta(minutes=5)])
def test_a_worker_with_a_wrong_clock_steals_no_lease(alice: User, skew: dt.timedelta) -> None:
    generation = make_generation(alice)
    assert claim(generation.pk)
    with time_machine.travel(timezone.now() + skew):
        assert claim(generation.pk) is None
        lease_over(generation)
        assert claim(generation.pk)


def test_a_job_accepted_after_the_cancel_is_noted_and_declined(alice: User) -> None:
    generation = make_generation(alice)

    def cancelled_meanwhile() -> Submission:
        submission.cancel(generation)
        return accepted("job-9")

    provider = FakeProvider([cancelled_meanwhile])
    advance(generation, provider)
    assert generation.status == "cancelled"
    assert list(generation.attempts.values_list("state", "job")) == [("abandoned", "job-9")]
    assert provider.cancelled == ["job-9"]
    assert balance(alice) == (100, 0)


def test_a_job_that_two_workers_were_given_is_not_declined_by_the_slower(alice: User) -> None:
    generation = make_generation(alice)
    provider = FakeProvider([], polls=[finished(1)], repeatable=True)

    def overtaken() -> Submission:
        provider.submits.append(accepted("job-9"))
        lease_over(generation)
        due_again(generation)
        take_steps(generation.pk, provider)
        return accepted("job-9")

    provider.submits.append(overtaken)
    advance(generation, provider)
    assert provider.cancelled == []
    assert generation.attempts.get().state == Attempt.State.ACCEPTED
    assert advance(generation, provider).status == "completed"


def test_pictures_that_come_after_the_deadline_are_not_charged(alice: User) -> None:
    generation = make_generation(alice, count=2)

    def too_late() -> Finished:
        generation.deadline = timezone.now() - dt.timedelta(seconds=1)
        generation.save(update_fields=["deadline"])
        lease_over(generation)
        due_again(generation)
        take_steps(generation.pk, FakeProvider())
        return finished(2)

    advance(generation, FakeProvider([too_late]))
    assert (generation.status, generation.images.count()) == ("failed", 0)
    assert balance(alice) == (100, 0)


def left(generation: Generation) -> float:
    """Seconds of the lease."""
    generation.refresh_from_db()
    assert generation.lease_until
    return (generation.lease_until - timezone.now()).total_seconds()


class Slow(FakeProvider):
    """Each of its calls takes so long that the lease is all but over, and its keeper comes by."""

    def __init__(self, generation: Generation) -> None:
        super().__init__([self.made], files={"https://media/1": png()}, call_limit=dt.timedelta(minutes=5))
        self.generation = generation
        self.seconds_left: list[float] = []

    def take_long(self) -> None:
        self.seconds_left.append(left(self.generation))
        Generation.objects.filter(pk=self.generation.pk).update(lease_until=Now() + dt.timedelta(seconds=1))
        assert leases.keeper.renew() == 1
        self.seconds_left.append(left(self.generation))

    def made(self) -> Submission:
        self.take_long()
        return Finished([Picture(url="https://media/1")])

    def fetch(self, url: str, into: IO[bytes]) -> None:
        self.take_long()
        super().fetch(url, into)


def test_a_lease_is_short_however_long_a_call_may_be_and_is_kept_meanwhile(alice: User) -> None:
    generation = make_generation(alice)
    provider = Slow(generation)
    assert advance(generation, provider).status == "completed"
    assert provider.seconds_left == [pytest.approx(leases.LEASE.total_seconds(), abs=5)] * 4
    assert leases.keeper.renew() == 0


def test_no_lease_is_kept_longer_than_the_longest_call(alice: User) -> None:
    lease = claim(make_generation(alice).pk)
    assert lease
    lease.keep(-leases.LEASE)
    assert leases.keeper.renew() == 0
    lease.let_go()


@pytest.mark.django_db(transaction=True)
def test_the_keeper_works_by_itself() -> None:
    make_catalogue()
    generation = make_generation(make_user(balance=100))
    lease = claim(generation.pk)
    assert lease
    lease_over(generation)
    keeper = leases.Keeper(every=dt.timedelta(milliseconds=50))
    keeper.keep(lease.token, dt.timedelta(minutes=1))
    eventually(lambda: left(generation) > 5)
    keeper.drop(lease.token)
    assert keeper.renew() == 0


def test_a_worker_killed_in_the_middle_of_a_long_call_is_missed_once_its_short_lease_is_over(alice: User) -> None:
    generation = make_generation(alice)
    death = Death()
    provider = MortalProvider(death=death, call_limit=dt.timedelta(minutes=5))
    death.at = 0
    with pytest.raises(Killed):
        advance(generation, provider)
    assert 0 < left(generation) <= leases.LEASE.total_seconds()
    lease_over(generation)
    advance(generation, provider)
    assert (generation.status, generation.error_code) == ("failed", "outcome_unknown")
    assert balance(alice) == (100, 0)


def test_every_task_may_come_twice_and_after_its_generation_is_gone(alice: User) -> None:
    generation = make_generation(alice)
    submission.cancel(generation)
    for pk in (str(generation.pk), str(uuid.uuid4())):
        for _ in range(2):
            tasks.cancel_upstream(pk)
            take_steps(uuid.UUID(pk))
    tasks.sweep()
    tasks.sweep()
    tasks.verify()
    generation.refresh_from_db()
    assert generation.status == "cancelled"
    assert balance(alice) == (100, 0)
