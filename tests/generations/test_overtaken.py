"""Steps whose generation was ended, or taken over, while they were away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

import pytest
from django.db.models.functions import Now

from accounts.models import User, Wallet
from generations import submission
from generations.models import Generation
from generations.providers.base import OutcomeUnknown, ProviderUnavailable, RequestRejected
from generations.turns import STEPS, Turns
from generations.types import Accepted, Finished, Picture
from generations.work import Station
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, png
from tests.generations.steps import claim, take_steps

pytestmark = pytest.mark.django_db

FIRST, LAST = "https://vendor.example/1.png", "https://vendor.example/2.png"


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


def linked() -> Finished:
    """Two pictures that are still at the vendor."""
    return Finished([Picture(url=FIRST), Picture(url=LAST)])


def advance(generation: Generation, provider: FakeProvider, station: Station | None = None) -> None:
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1), lease_until=None)
    take_steps(generation.pk, provider, station)
    generation.refresh_from_db()


def balance(user: User) -> tuple[int, int]:
    wallet = Wallet.objects.get(user=user)
    return wallet.posted, wallet.held


def test_what_arrived_before_the_deadline_is_kept_and_the_rest_costs_nothing(alice: User) -> None:
    provider = FakeProvider([linked()], files={FIRST: png(), LAST: ProviderUnavailable("not there yet")})
    generation = make_generation(alice, count=2)
    advance(generation, provider)
    assert (generation.status, generation.images.count()) == ("running", 1)
    Generation.objects.filter(pk=generation.pk).update(deadline=Now() - dt.timedelta(seconds=1))
    advance(generation, provider)
    assert (generation.status, generation.error_detail) == ("completed", "The rest did not arrive in time.")
    assert balance(alice) == (100 - generation.price, 0)
    assert list(generation.attempts.values_list("state", flat=True)) == ["abandoned"]


@dataclass
class Meanwhile(FakeProvider):
    """Something happens while the last picture is fetched, and cancelling never works."""

    happens: Callable[[], object] = field(default=lambda: None)

    def fetch(self, url: str, into: IO[bytes]) -> None:
        if url == LAST:
            self.happens()
        super().fetch(url, into)

    def cancel(self, job: str) -> None:
        super().cancel(job)
        raise ProviderUnavailable("the vendor is asleep")


def test_who_was_overtaken_at_the_last_picture_leaves_the_ending_to_the_other(alice: User) -> None:
    generation = make_generation(alice, count=2)

    def somebody_else_takes_over() -> None:
        Generation.objects.filter(pk=generation.pk).update(lease_until=Now() - dt.timedelta(seconds=1))
        assert claim(generation.pk)

    files: dict[str, bytes | ProviderUnavailable] = {FIRST: png(), LAST: b"no picture"}
    advance(generation, Meanwhile([linked()], files=dict(files), happens=somebody_else_takes_over))
    assert (generation.status, generation.images.count()) == ("running", 1)
    assert list(generation.attempts.values_list("state", flat=True)) == ["ready"]
    advance(generation, FakeProvider(files=dict(files)))
    assert (generation.status, generation.images.count()) == ("completed", 1)
    assert balance(alice) == (100 - generation.price, 0)


def test_an_attempt_that_somebody_has_closed_ends_nothing(alice: User) -> None:
    generation = make_generation(alice)

    def closed_meanwhile() -> None:
        generation.attempts.update(state="abandoned")

    advance(generation, Meanwhile([Finished([Picture(url=LAST)])], files={LAST: png()}, happens=closed_meanwhile))
    assert (generation.status, generation.images.count(), balance(alice)) == ("running", 0, (100, generation.price))
    assert list(generation.events.values_list("kind", flat=True)) == ["queued", "running"]


def test_what_was_cancelled_while_it_was_asked_after_does_not_wait_for_its_pictures(alice: User) -> None:
    generation = make_generation(alice)

    def cancelled_meanwhile() -> Finished:
        submission.cancel(generation)
        return linked()

    provider = FakeProvider([accepted()], polls=[cancelled_meanwhile])
    called = list[str]()
    advance(generation, provider, Station(Turns(provider), called.append, STEPS))
    advance(generation, provider, Station(Turns(provider), called.append, STEPS))
    assert (generation.status, balance(alice), called) == ("cancelled", (100, 0), [])
    assert list(generation.attempts.values_list("state", flat=True)) == ["abandoned"]


def test_a_job_that_was_taken_on_after_the_end_is_noted_even_if_it_cannot_be_stopped(alice: User) -> None:
    generation = make_generation(alice)

    def cancelled_meanwhile() -> Accepted:
        submission.cancel(generation)
        return accepted("job-9")

    provider = Meanwhile([cancelled_meanwhile])
    advance(generation, provider)
    assert provider.cancelled == ["job-9"]
    assert (generation.status, balance(alice)) == ("cancelled", (100, 0))
    assert list(generation.attempts.values_list("state", "job")) == [("abandoned", "job-9")]


def test_a_job_that_another_worker_has_noted_is_not_stopped(alice: User) -> None:
    generation = make_generation(alice)

    def another_worker_noted_it() -> Accepted:
        generation.attempts.update(state="accepted", job="job-9", accepted=Now())
        return accepted("job-9")

    provider = FakeProvider([another_worker_noted_it])
    advance(generation, provider)
    assert provider.cancelled == []
    assert list(generation.attempts.values_list("state", "job")) == [("accepted", "job-9")]


def test_a_job_that_the_vendor_rejects_later_gives_the_credits_back(alice: User) -> None:
    generation = make_generation(alice)
    provider = FakeProvider([accepted()], polls=[RequestRejected("no lanterns", code="content_policy")])
    advance(generation, provider)
    assert generation.status == "running"
    advance(generation, provider)
    assert (generation.status, generation.error_code, balance(alice)) == ("failed", "content_policy", (100, 0))


def test_a_provider_that_cannot_be_paid_twice_is_asked_again_after_a_lost_answer(alice: User) -> None:
    generation = make_generation(alice)
    provider = FakeProvider([OutcomeUnknown("no answer"), accepted()], repeatable=True)
    advance(generation, provider)
    assert (generation.status, list(generation.attempts.values_list("state", flat=True))) == ("running", ["sending"])
    advance(generation, provider)
    assert list(generation.attempts.values_list("state", flat=True)) == ["accepted"]
    assert len(provider.requests) == 2


def test_a_deadline_says_that_nobody_knows_what_became_of_it(alice: User) -> None:
    generation = make_generation(alice)
    advance(generation, FakeProvider([OutcomeUnknown("no answer")], traceable=True))
    assert list(generation.attempts.values_list("state", flat=True)) == ["unknown"]
    Generation.objects.filter(pk=generation.pk).update(deadline=Now() - dt.timedelta(seconds=1))
    advance(generation, FakeProvider(traceable=True))
    assert (generation.status, generation.error_code, balance(alice)) == ("failed", "outcome_unknown", (100, 0))
