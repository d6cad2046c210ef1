"""The life of a generation, whatever the provider does and whoever dies on the way."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Hold, User
from generations import storage, submission, sweeping, timing, upstream
from generations.leases import Lease, LostLease
from generations.models import Attempt, Event, Generation, Model
from generations.providers.base import OutcomeUnknown, ProviderUnavailable, RequestRejected
from generations.turns import STEPS, Turns
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished, png
from tests.generations.steps import advance, balance, claim, lease_over, take_steps
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def sketch() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(sketch: Model) -> User:
    return make_user(balance=100)


def states(generation: Generation) -> list[str]:
    return list(generation.attempts.values_list("state", flat=True))


def test_a_finished_answer_is_delivered_and_settled_per_image(alice: User) -> None:
    generation = make_generation(alice, count=3)
    assert balance(alice) == (100, 3)
    advance(generation, FakeProvider([finished(3)]))
    assert generation.status == "completed"
    assert [image.position for image in generation.images.order_by("position")] == [0, 1, 2]
    assert balance(alice) == (97, 0)
    assert states(generation) == ["delivered"]


def test_events_tell_the_story_in_order(alice: User) -> None:
    generation = advance(make_generation(alice, count=2), FakeProvider([finished(2)]))
    story = Event.objects.filter(generation=generation).values_list("kind", "data__ready")
    assert list(story) == [("queued", 0), ("running", 0), ("image", 1), ("image", 2), ("completed", 2)]


def test_fewer_images_than_asked_cost_less(alice: User) -> None:
    short = Finished([Picture(content=png())], withheld="Held back by the provider's safety check.")
    generation = advance(make_generation(alice, count=4), FakeProvider([short]))
    assert generation.status == "completed"
    assert generation.error_detail == "Held back by the provider's safety check."
    assert balance(alice) == (99, 0)


def test_more_images_than_asked_are_not_charged(alice: User) -> None:
    generation = advance(make_generation(alice, count=1), FakeProvider([finished(4)]))
    assert generation.images.count() == 1
    assert balance(alice) == (99, 0)


def test_no_images_at_all_fail_and_cost_nothing(alice: User) -> None:
    generation = advance(make_generation(alice, count=2), FakeProvider([Finished([])]))
    assert (generation.status, generation.error_code) == ("failed", "nothing_made")
    assert balance(alice) == (100, 0)


def test_bytes_that_are_no_picture_are_not_charged(alice: User) -> None:
    answer = Finished([Picture(content=b"<html>busy</html>"), Picture(content=png())])
    generation = advance(make_generation(alice, count=2), FakeProvider([answer]))
    assert generation.status == "completed"
    assert [image.position for image in generation.images.all()] == [1]
    assert balance(alice) == (99, 0)
    assert generation.attempts.get().faults


def test_an_accepted_job_is_polled_until_it_is_done(alice: User) -> None:
    provider = FakeProvider([accepted("job-7")], polls=[accepted("job-7"), finished(1)])
    generation = advance(make_generation(alice), provider)
    assert states(generation) == ["accepted"]
    assert generation.lease_token is None, "no worker is held while the vendor paints"
    advance(generation, provider)
    advance(generation, provider)
    assert generation.status == "completed"
    assert provider.polled == ["job-7", "job-7"]
    assert len(provider.requests) == 1


def test_a_vendor_is_told_when_a_job_is_likely_over(alice: User) -> None:
    provider = FakeProvider([accepted()], polls=[accepted(), accepted(), finished(1)])
    generation = advance(advance(make_generation(alice), provider), provider)
    attempt = generation.attempts.get()
    caches["here"].set(f"usual:{attempt.provider}:{attempt.provider_model}", (20.0, 22.0), 60)
    advance(generation, provider)
    Attempt.objects.update(accepted=timezone.now() - dt.timedelta(seconds=21))
    assert advance(generation, provider).status == "completed"
    assert provider.thought_over == [False, False, True]


def test_a_waiting_generation_is_left_alone_until_it_is_due(alice: User) -> None:
    provider = FakeProvider([accepted()], polls=[finished(1)])
    generation = advance(make_generation(alice), provider)
    take_steps(generation.pk, provider)
    assert provider.polled == []


def test_a_passing_fault_while_polling_only_delays(alice: User) -> None:
    provider = FakeProvider([accepted()], polls=[ProviderUnavailable("502"), finished(1)])
    generation = advance(advance(make_generation(alice), provider), provider)
    assert generation.status == "running"
    assert advance(generation, provider).status == "completed"


def test_a_vendor_that_wants_to_be_left_alone_is_asked_after_nothing_sooner(alice: User) -> None:
    busy = ProviderUnavailable("429", code="rate_limited", retry_after=dt.timedelta(seconds=9))
    provider = FakeProvider([accepted()], polls=[busy])
    generation = advance(advance(make_generation(alice), provider), provider)
    assert generation.next_step_at > timezone.now() + dt.timedelta(seconds=8)
    assert caches["here"].get(f"held:{generation.attempts.get().provider}")


def test_a_rejected_request_stops_and_gives_the_credits_back(alice: User) -> None:
    provider = FakeProvider([RequestRejected("Held back by the safety check.", code="content_policy")])
    generation = advance(make_generation(alice), provider)
    assert (generation.status, generation.error_code) == ("failed", "content_policy")
    assert states(generation) == ["refused"]
    assert balance(alice) == (100, 0)


def test_a_busy_route_is_tried_again_later(alice: User) -> None:
    busy = ProviderUnavailable("429", retry_after=dt.timedelta(milliseconds=1))
    provider = FakeProvider([busy, finished(1)])
    generation = advance(make_generation(alice), provider)
    time.sleep(0.01)
    assert advance(generation, provider).status == "completed"
    assert states(generation) == ["refused", "delivered"]


def test_a_route_that_cannot_serve_at_all_is_not_tried_again(alice: User) -> None:
    provider = FakeProvider([ProviderUnavailable("bad key", code="bad_key", passing=False)])
    generation = advance(make_generation(alice), provider)
    assert (generation.status, generation.error_code) == ("failed", "bad_key")
    assert len(provider.requests) == 1


def test_the_next_route_serves_when_the_first_cannot(alice: User, sketch: Model) -> None:
    sketch.routes.create(provider="sketch", provider_model="second", priority=20, resolutions=["1K"], formats=["png"])
    provider = FakeProvider([ProviderUnavailable("gone", passing=False), finished(1)])
    generation = advance(make_generation(alice), provider)
    assert generation.status == "completed"
    assert [request.provider_model for request in provider.requests] == ["", "second"]


def test_an_unknown_outcome_is_never_sent_again(alice: User, sketch: Model) -> None:
    sketch.routes.create(provider="sketch", provider_model="second", priority=20, resolutions=["1K"], formats=["png"])
    provider = FakeProvider([OutcomeUnknown("read timed out")])
    generation = advance(make_generation(alice), provider)
    assert (generation.status, generation.error_code) == ("failed", "outcome_unknown")
    assert states(generation) == ["abandoned"]
    assert len(provider.requests) == 1
    assert balance(alice) == (100, 0)


def test_no_configured_provider_fails_at_once(alice: User, sketch: Model) -> None:
    sketch.routes.update(enabled=False)
    generation = advance(make_generation(alice), FakeProvider())
    assert (generation.status, generation.error_code) == ("failed", "no_route")


class Killed(BaseException):
    """The process died here: nothing after it runs, not even cleaning up."""


def die() -> Finished:
    raise Killed


def test_a_worker_that_dies_while_sending_leaves_an_unknown_outcome(alice: User) -> None:
    provider = FakeProvider([die])
    generation = make_generation(alice)
    with pytest.raises(Killed):
        take_steps(generation.pk, provider)
    assert states(generation) == ["sending"], "the intent was recorded before the call"
    lease_over(generation)
    advance(generation, provider)
    assert (generation.status, generation.error_code) == ("failed", "outcome_unknown")
    assert len(provider.requests) == 1


def test_a_repeatable_provider_is_simply_asked_again(alice: User) -> None:
    provider = FakeProvider([die, finished(2)], repeatable=True)
    generation = make_generation(alice, count=2)
    with pytest.raises(Killed):
        take_steps(generation.pk, provider)
    lease_over(generation)
    assert advance(generation, provider).status == "completed"
    assert balance(alice) == (98, 0)


def test_what_a_vendor_made_is_fetched_after_a_crash(alice: User) -> None:
    answer = Finished([Picture(url="https://media/1"), Picture(url="https://media/2")])
    provider = FakeProvider([answer], files={"https://media/1": png(), "https://media/2": ProviderUnavailable("503")})
    generation = advance(make_generation(alice, count=2), provider)
    assert (generation.status, generation.images.count()) == ("running", 1)
    provider.files["https://media/2"] = png("gold")
    assert advance(generation, provider).status == "completed"
    assert provider.fetched == ["https://media/1", "https://media/2", "https://media/2"]
    assert len(provider.requests) == 1
    assert balance(alice) == (98, 0)


def test_bytes_that_were_paid_for_survive_a_storage_outage(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = FakeProvider([finished(1)])
    generation = make_generation(alice)
    with monkeypatch.context() as outage:
        outage.setattr(storage, "keep", _unreachable)
        advance(generation, provider)
    assert (generation.status, states(generation)) == ("running", ["ready"])
    assert advance(generation, provider).status == "completed"
    assert len(provider.requests) == 1


def _unreachable(content: bytes, *, trained: bool) -> storage.Original:
    raise OSError("the bucket does not answer")


def test_a_generation_past_its_deadline_fails_and_returns_the_credits(alice: User) -> None:
    provider = FakeProvider([accepted()], polls=[accepted()])
    generation = advance(make_generation(alice), provider)
    Generation.objects.filter(pk=generation.pk).update(deadline=Now() - dt.timedelta(seconds=1))
    advance(generation, provider)
    assert (generation.status, generation.error_code) == ("failed", "deadline")
    assert balance(alice) == (100, 0)
    assert states(generation) == ["abandoned"]


def test_cancelling_gives_back_the_hold_and_tells_the_vendor(alice: User) -> None:
    provider = FakeProvider([accepted("job-9")], polls=[finished(1)])
    generation = advance(make_generation(alice), provider)
    assert submission.cancel(generation)
    assert not submission.cancel(generation), "once"
    advance(generation, provider)
    assert (generation.status, generation.images.count()) == ("cancelled", 0)
    assert balance(alice) == (100, 0)
    upstream.cancel(generation.pk, provider)
    assert provider.cancelled == ["job-9"]


def test_cancelling_while_the_vendor_answers_charges_nothing(alice: User) -> None:
    generation = make_generation(alice)

    def cancelled_meanwhile() -> Finished:
        submission.cancel(generation)
        return finished(1)

    advance(generation, FakeProvider([cancelled_meanwhile]))
    assert (generation.status, generation.images.count()) == ("cancelled", 0)
    assert balance(alice) == (100, 0)


def test_what_is_cancelled_just_before_it_would_be_sent_is_not(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    generation, provider = make_generation(alice), FakeProvider([finished(1)])

    def cancelled_meanwhile(attempt: Attempt, elapsed: dt.timedelta) -> dt.timedelta:
        submission.cancel(generation)
        return elapsed

    monkeypatch.setattr(timing, "next_look", cancelled_meanwhile)
    advance(generation, provider)
    assert (generation.status, states(generation), provider.requests) == ("cancelled", ["abandoned"], [])
    assert balance(alice) == (100, 0)


def test_a_worker_whose_lease_was_taken_over_changes_nothing(alice: User) -> None:
    generation = make_generation(alice)
    slow = claim(generation.pk)
    assert slow
    lease_over(generation)
    other = claim(generation.pk)
    assert other
    with pytest.raises(LostLease):
        slow.renew()
    other.renew()


def test_a_leased_generation_is_nobody_elses(alice: User) -> None:
    generation = make_generation(alice)
    assert isinstance(claim(generation.pk), Lease)
    assert claim(generation.pk) is None


def test_what_is_due_is_dealt_once(alice: User) -> None:
    generation = make_generation(alice)
    turns = Turns()
    assert turns.waiting() == {STEPS: 1}
    assert [lease.generation for lease in turns.deal(STEPS, 5)] == [generation]
    assert turns.deal(STEPS, 5) == [], "a backlog is not dealt twice"
    assert turns.waiting() == {}


def test_what_a_dead_worker_had_is_dealt_again(alice: User) -> None:
    generation = make_generation(alice)
    claim(generation.pk)
    assert Turns().waiting() == {}
    lease_over(generation)
    assert [lease.generation for lease in Turns().deal(STEPS, 5)] == [generation]


def test_a_seed_of_ours_is_recorded_when_none_was_asked(alice: User) -> None:
    provider = FakeProvider()
    generation = advance(make_generation(alice), provider)
    attempt = generation.attempts.get()
    assert attempt.seed == provider.requests[0].seed
    assert attempt.seed > 0
    assert generation.seed is None


def test_what_the_route_cannot_honour_is_reported_not_dropped(alice: User, sketch: Model) -> None:
    sketch.routes.update(resolutions=["1K"], honours_seed=False)
    provider = FakeProvider()
    generation = advance(make_generation(alice, resolution="2K", seed=7), provider)
    report = {parameter["name"]: parameter for parameter in generation.attempts.get().parameters}
    assert (report["resolution"]["verdict"], report["resolution"]["sent"]) == ("adjusted", "1K")
    assert (report["seed"]["verdict"], report["seed"]["reason"]) == ("ignored", "not supported by this route")
    assert provider.requests[0].resolution == "1K"


@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_on_one_generation_deliver_and_charge_once() -> None:
    make_catalogue()
    alice = make_user(balance=100)
    generation = make_generation(alice, count=4)
    provider = FakeProvider([finished(4)])

    def work(_number: int) -> None:
        try:
            take_steps(generation.pk, provider)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    generation.refresh_from_db()
    assert generation.status == "completed"
    assert len(provider.requests) == 1
    hold = Hold.objects.get(generation=generation.pk)
    assert (hold.captured, hold.released) == (4, 0)
    assert Attempt.objects.count() == 1


def test_a_route_that_turns_out_shut_while_polling_gives_way_to_the_next(alice: User, sketch: Model) -> None:
    sketch.routes.create(provider="sketch", provider_model="second", priority=20, resolutions=["1K"], formats=["png"])
    lost = ProviderUnavailable("the job is gone", code="job_lost", passing=False)
    provider = FakeProvider([accepted(), finished(1)], polls=[lost])
    generation = advance(advance(make_generation(alice), provider), provider)
    assert generation.status == "completed"
    assert states(generation) == ["refused", "delivered"]


def test_what_was_put_off_is_looked_at_when_it_is_due_without_beat() -> None:
    looks: list[float] = []
    watch = sweeping.Watch(lambda: looks.append(time.monotonic()))
    watch.due_in(dt.timedelta(0))
    watch.start()
    watch.due_in(dt.timedelta(hours=1))
    assert looks == [], "what was due before it started is left to beat, and what is due later is waited for"
    watch.due_in(dt.timedelta(milliseconds=1))
    eventually(lambda: len(looks) == 1)


def test_a_route_that_was_closed_since_the_last_request_is_not_taken(alice: User, sketch: Model) -> None:
    assert advance(make_generation(alice), FakeProvider()).status == "completed"
    late = make_generation(alice)
    sketch.routes.update(enabled=False)
    assert (advance(late, FakeProvider()).status, late.error_code) == ("failed", "no_route")
