"""What vendors tell us between the steps, and what became of requests that were given up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Wallet
from generations import submission, upstream
from generations.models import Attempt, Generation
from generations.providers.base import NotGenuine, OutcomeUnknown, ProviderUnavailable
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db

GENUINE = {"x-signature": "genuine"}


@pytest.fixture
def generation() -> Generation:
    make_catalogue()
    return make_generation(make_user(balance=100))


def after_steps(generation: Generation, provider: FakeProvider) -> Attempt:
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now() - dt.timedelta(seconds=1))
    take_steps(generation.pk, provider)
    generation.refresh_from_db()
    return generation.attempts.latest("number")


def give_up(generation: Generation, provider: FakeProvider) -> Attempt:
    attempt = after_steps(generation, provider)
    submission.cancel(generation)
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.ABANDONED
    return attempt


def is_due(generation: Generation) -> bool:
    return Generation.objects.due().filter(pk=generation.pk).exists()


def test_a_callback_makes_the_next_step_due(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")])
    attempt = after_steps(generation, provider)
    Generation.objects.update(next_step_at=Now() + dt.timedelta(minutes=1))
    assert not is_due(generation)
    assert upstream.hear(attempt, GENUINE, b"job-7", provider) == generation.pk
    assert is_due(generation)


def test_a_callback_is_believed_in_nothing_but_the_job(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")])
    attempt = after_steps(generation, provider)
    upstream.hear(attempt, GENUINE, b"another", provider)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.job) == ("accepted", "job-7")


def test_a_forged_callback_changes_nothing(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")])
    attempt = after_steps(generation, provider)
    Generation.objects.update(next_step_at=Now() + dt.timedelta(minutes=1))
    with pytest.raises(NotGenuine):
        upstream.hear(attempt, {}, b"job-7", provider)
    assert not is_due(generation)


def test_a_callback_after_the_end_changes_nothing(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[finished(1)])
    after_steps(generation, provider)
    attempt = after_steps(generation, provider)
    assert generation.status == "completed"
    assert upstream.hear(attempt, GENUINE, b"job-7", provider) is None
    attempt.refresh_from_db()
    assert attempt.state == "delivered"


def test_what_was_made_too_late_is_kept_on_record_and_charged_to_nobody(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[finished(1)])
    attempt = give_up(generation, provider)
    assert upstream.look_back(provider) == 1
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.ABANDONED
    assert attempt.ready
    assert len(attempt.pictures) == 1
    assert Wallet.objects.get(user=generation.user).posted == 100
    assert generation.images.count() == 0


def test_it_is_recorded_once(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[finished(1)])
    give_up(generation, provider)
    upstream.look_back(provider)
    Attempt.objects.update(asked_after=None)
    assert upstream.look_back(provider) == 0
    assert len(provider.polled) == 1


def test_what_is_still_being_made_is_asked_after_again_later(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[accepted("job-7")])
    give_up(generation, provider)
    assert upstream.look_back(provider) == 0
    assert upstream.look_back(provider) == 0
    assert len(provider.polled) == 1
    Attempt.objects.update(asked_after=F("asked_after") - upstream.ASK_AGAIN_AFTER)
    upstream.look_back(provider)
    assert len(provider.polled) == 2


def test_what_the_vendor_did_not_make_is_closed(generation: Generation) -> None:
    cancelled = ProviderUnavailable("the job was cancelled", code="job_cancelled", passing=False)
    provider = FakeProvider([accepted("job-7")], polls=[cancelled])
    attempt = give_up(generation, provider)
    assert upstream.look_back(provider) == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.error_code) == ("refused", "job_cancelled")


def test_a_vendor_that_does_not_answer_is_asked_again(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[ProviderUnavailable("busy"), OutcomeUnknown("silence")])
    attempt = give_up(generation, provider)
    for _ in range(2):
        assert upstream.look_back(provider) == 0
        Attempt.objects.update(asked_after=None)
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.ABANDONED


def test_nobody_is_asked_for_ever(generation: Generation) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[finished(1)])
    give_up(generation, provider)
    Attempt.objects.update(finished=F("finished") - upstream.ASK_FOR)
    assert upstream.look_back(provider) == 0
    assert provider.polled == []
