"""Whose turn it is: one person's thousand do not hold up another's one, in any line and whatever is lost meanwhile."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts import redis
from accounts.models import User
from generations import fulfilment, sweeping, tasks
from generations.callers import Callers
from generations.leases import Lease
from generations.models import Attempt, Event, Generation
from generations.turns import ARMFUL, HANDFUL, PART, PICTURES, STEPS, Turns
from generations.work import Station
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db
CROWD = 1000


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def bob(alice: User) -> User:
    return make_user(balance=100)


def crowd(user: User, number: int = CROWD) -> list[UUID]:
    """So many of this person's, one submitted after the other: copies of one, because submits take their time."""
    fields = vars(make_generation(user)).copy()
    for name in ("_state", "_prefetched_objects_cache", "id"):
        fields.pop(name, None)
    names = {field.attname for field in Generation._meta.concrete_fields}
    copies = [Generation(**{name: fields[name] for name in names & fields.keys()}) for _ in range(number - 1)]
    Generation.objects.bulk_create(copies)
    return list(Generation.objects.filter(user=user).order_by("id").values_list("pk", flat=True))


def in_state(state: Attempt.State, *generations: UUID, provider: str = "fal") -> list[Attempt]:
    attempts = [
        Attempt(generation_id=generation, number=1, provider=provider, state=state, seed=1)
        for generation in generations
    ]
    return Attempt.objects.bulk_create(attempts)


def dealt(turns: Turns, line: str, most: int) -> list[UUID]:
    return [lease.generation.pk for lease in turns.deal(line, most)]


def taken(turns: Turns, line: str) -> UUID | None:
    lease = turns.next(line)
    return lease.generation.pk if lease else None


def test_a_thousand_of_one_person_do_not_delay_anothers_one(alice: User, bob: User) -> None:
    crowd(alice)
    turns = Turns()
    for _ in range(3):
        assert turns.next(STEPS)
    late = make_generation(bob)
    assert late.pk in [taken(turns, STEPS) for _ in range(HANDFUL + 2)]


@pytest.mark.django_db(transaction=True)
def test_nor_when_redis_has_lost_everything_and_the_sweeper_brings_it_back(alice: User, bob: User) -> None:
    crowd(alice)
    late = make_generation(bob)
    redis.client().flushall()
    told: list[UUID] = []
    turns = Turns(dealt=lambda line, left: crew.call(line))
    crew = Callers(turns.next, lambda _line, lease: told.append(lease.generation.pk), limit=2, desks=1)
    sweeping.look_around(turns, lambda line, number: crew.call(line))
    eventually(lambda: len(told) == CROWD + 1)
    crew.close()
    assert told.index(late.pk) < HANDFUL
    assert len(set(told)) == CROWD + 1


def test_nor_when_all_their_pictures_are_ready(alice: User, bob: User) -> None:
    in_state(Attempt.State.READY, *crowd(alice))
    late = make_generation(bob)
    in_state(Attempt.State.READY, late.pk)
    assert late.pk in dealt(Turns(), PICTURES, HANDFUL)


def test_a_person_alone_has_the_whole_line_in_the_order_of_their_submits(alice: User) -> None:
    mine = crowd(alice, 50)
    turns = Turns()
    assert dealt(turns, STEPS, 20) + dealt(turns, STEPS, 40) == mine


def test_everybody_comes_once_before_anybody_comes_twice(alice: User) -> None:
    people = [alice, *(make_user(balance=10) for _ in range(4))]
    for person in people:
        crowd(person, 3)
    whose = dict(Generation.objects.values_list("pk", "user_id"))
    order = [whose[generation] for generation in dealt(Turns(), STEPS, 15)]
    everybody = {person.pk for person in people}
    assert [set(order[first : first + 5]) for first in (0, 5, 10)] == [everybody] * 3


def test_of_much_more_is_dealt_at_once_so_that_each_costs_the_same(alice: User, bob: User) -> None:
    crowd(alice, 20)
    assert len(Turns().deal(STEPS, ARMFUL, HANDFUL)) == HANDFUL
    crowd(alice)
    crowd(bob)
    part = (CROWD + CROWD + 20 - HANDFUL) // PART
    assert len(Turns().deal(STEPS, ARMFUL, HANDFUL)) == part > HANDFUL
    assert len(Turns().deal(STEPS, HANDFUL + 1, HANDFUL)) == HANDFUL + 1


def test_so_it_is_of_a_short_line_beside_a_long_one(alice: User) -> None:
    crowd(alice)
    ready = crowd(alice)
    in_state(Attempt.State.READY, *ready)
    crowd(alice, 3 * HANDFUL)
    assert HANDFUL < len(Turns().deal(STEPS, ARMFUL, HANDFUL)) == (len(ready) + 3 * HANDFUL) // PART


def test_two_processes_are_dealt_different_ones(alice: User) -> None:
    mine = crowd(alice, 2 * HANDFUL)
    one, other = Turns(), Turns()
    both = [taken(turns, STEPS) for _ in range(HANDFUL) for turns in (one, other)]
    assert sorted(map(str, both)) == sorted(map(str, mine))


@pytest.mark.parametrize("state", Attempt.OPEN)
@pytest.mark.parametrize("kind", ["queued", "synchronous", "drawn"])
def test_the_database_and_the_worker_agree_on_the_line(alice: User, state: Attempt.State, kind: str) -> None:
    turns = Turns(FakeProvider(synchronous=kind == "synchronous", draws=kind == "drawn"))
    [attempt] = in_state(state, make_generation(alice).pk, provider="sketch")
    assert turns.waiting() == {turns.line(attempt.provider, attempt.state): 1}
    assert dealt(turns, turns.line(attempt.provider, attempt.state), 1) == [attempt.generation_id]


def test_what_is_overdue_waits_in_no_long_line(alice: User) -> None:
    generation = make_generation(alice)
    in_state(Attempt.State.READY, generation.pk)
    Generation.objects.update(deadline=generation.created)
    assert dealt(Turns(), STEPS, 1) == [generation.pk]


def test_pictures_are_left_to_those_who_wait_for_nothing_else(alice: User) -> None:
    generation, provider = make_generation(alice), FakeProvider([accepted()], polls=[finished(1)])
    turns, called = Turns(provider), list[str]()
    short = Station(turns, called.append, STEPS)
    take_steps(generation.pk, provider, short)
    Generation.objects.update(next_step_at=generation.created)
    assert take_steps(generation.pk, provider, short) is not None
    generation.refresh_from_db()
    assert (generation.lease_token, generation.attempts.get().state, called) == (None, "ready", [PICTURES])
    assert turns.next(STEPS) is None
    lease = turns.next(PICTURES)
    assert lease
    assert lease.generation == generation
    fulfilment.go_on(lease, provider, Station(turns, called.append, PICTURES))
    generation.refresh_from_db()
    assert (generation.status, called) == ("completed", [PICTURES])


def test_of_many_submits_one_asks_a_worker_until_that_has_begun(alice: User) -> None:
    redis.client().flushall()
    for _ in range(20):
        tasks.wake()
    assert redis.client().llen("steps") == 1
    tasks.heard()
    tasks.wake()
    assert redis.client().llen("steps") == 2


def test_who_is_dealt_several_shares_them_with_those_who_are_free(alice: User) -> None:
    crowd(alice, HANDFUL + 1)
    told: list[tuple[str, int]] = []
    turns = Turns(dealt=lambda line, left: told.append((line, left)))
    while turns.next(STEPS):
        pass
    assert told == [(STEPS, HANDFUL - 1)]


def test_what_is_sent_goes_before_what_is_asked_after(alice: User) -> None:
    mine = crowd(alice, 4)
    in_state(Attempt.State.ACCEPTED, *mine[:2])
    assert dealt(Turns(), STEPS, 4) == [*mine[2:], *mine[:2]]


def test_what_was_dealt_comes_with_its_attempts_and_is_told_of_once(alice: User) -> None:
    mine = crowd(alice, 2)
    [attempt] = in_state(Attempt.State.ACCEPTED, mine[0])
    Generation.objects.filter(pk=mine[0]).update(claims=1)
    new, old = Turns().deal(STEPS, 2)
    assert (new.attempts, old.attempts) == ([], [attempt])
    assert old.attempts[0].generation is old.generation
    assert list(Event.objects.filter(kind="running").values_list("generation", "data")) == [
        (mine[1], {"status": "running", "ready": 0, "count": 1})
    ]


@pytest.mark.django_db(transaction=True)
def test_what_was_dealt_and_not_taken_is_left_to_others_when_the_worker_ends(alice: User) -> None:
    crowd(alice, 3)
    turns, told = Turns(), list[UUID]()

    def last(_line: str, lease: Lease) -> None:
        told.append(lease.generation.pk)
        crew.close()

    crew = Callers(turns.next, last, turns.lay_down, limit=2, desks=1)
    crew.call(STEPS)
    eventually(lambda: Turns().waiting() == {STEPS: 2})
    assert turns.waiting() == {STEPS: 2}
    assert len(told) == 1


def test_what_was_dealt_waits_here_until_it_is_taken(alice: User) -> None:
    crowd(alice, 3)
    turns = Turns()
    turns.next(STEPS)
    assert (turns.waiting(), Turns().waiting()) == ({STEPS: 2}, {})


def test_what_waited_here_for_longer_than_its_lease_is_kept_is_dealt_anew(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.turns.IN_HAND", dt.timedelta(0))
    _, second = crowd(alice, 2)
    turns = Turns()
    turns.next(STEPS)
    lease = turns.next(STEPS)
    assert lease
    assert (lease.generation.pk, lease.generation.claims) == (second, 2)


def test_what_was_dealt_is_handed_over_by_three_statements(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(alice, 3)
    turns, provider = Turns(), FakeProvider([accepted()])
    leases = turns.deal(STEPS, 3)
    fulfilment.go_on(leases[0], provider)  # reads the catalogue, and what is known of the vendor
    with django_assert_num_queries(6):
        for lease in leases[1:]:
            fulfilment.go_on(lease, provider)
    assert set(Attempt.objects.exclude(sent=None).values_list("state", "job")) == {("accepted", "job-1")}
