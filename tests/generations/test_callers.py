"""Providers that answer only when the pictures are made: many calls at once, and nothing else waits for them."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User, Wallet
from config import embedded
from generations import fulfilment
from generations.callers import Callers, Noted
from generations.leases import Lease
from generations.models import Generation
from generations.turns import STEPS, Turns
from generations.types import ImageRequest, Submission
from generations.work import Station
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db(transaction=True)
DESKS = 4
AT_ONCE = 100


@dataclass
class Painter(FakeProvider):
    """Answers nobody before ``done``, and counts who waits."""

    synchronous: bool = True
    call_limit: dt.timedelta = dt.timedelta(minutes=10)  # leases are kept for no longer
    done: threading.Event = field(default_factory=threading.Event)
    waiting: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        with self.lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
        assert self.done.wait(120)
        with self.lock:
            self.waiting -= 1
        return super().submit(request, reference=reference, callback=callback)


@pytest.fixture
def alice(files: object) -> User:
    make_catalogue()
    return make_user(balance=1000)


@pytest.fixture
def painter() -> Iterator[Painter]:
    painter = Painter()
    yield painter
    painter.done.set()


@pytest.fixture
def crew(painter: Painter) -> Iterator[Callable[[int], Callers[Lease]]]:
    """Callers, so many of them, who make the painter's calls."""
    hired: list[Callers[Lease]] = []

    def hire(limit: int) -> Callers[Lease]:
        def step(line: str, lease: Lease) -> None:
            fulfilment.go_on(lease, painter, Station(turns, callers.call, line, callers.away))

        turns = Turns(painter)
        callers = Callers(turns.next, step, limit=limit, desks=min(DESKS, limit - 1) or 1)
        hired.append(callers)
        return callers

    yield hire
    painter.done.set()
    for callers in hired:
        callers.close()
    eventually(lambda: connections() == 1)


def plan(generation: Generation, painter: Painter, callers: Callers[Lease]) -> None:
    """The short steps, up to the call that a caller makes."""
    take_steps(generation.pk, painter, Station(Turns(painter), callers.call, STEPS))


def connections() -> int:
    """How many connections this database has, that of the question aside."""
    with psycopg.connect(embedded.database_url(settings.VAR), autocommit=True) as database:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        row = database.execute(query, [connection.settings_dict["NAME"]]).fetchone()
    assert row
    found: int = row[0]
    return found


def left() -> int:
    return Generation.objects.unfinished().count()


def test_a_hundred_calls_wait_at_once_without_a_connection_and_the_rest_follow(
    alice: User, painter: Painter, crew: Callable[[int], Callers[Lease]]
) -> None:
    callers = crew(AT_ONCE)
    for _ in range(AT_ONCE + 5):
        plan(make_generation(alice), painter, callers)
    eventually(lambda: painter.waiting == AT_ONCE)
    eventually(lambda: connections() == 1)
    painter.done.set()
    eventually(lambda: left() == 0)
    assert painter.most == AT_ONCE
    assert len(painter.requests) == AT_ONCE + 5
    assert set(Generation.objects.values_list("status", flat=True)) == {"completed"}
    assert Wallet.objects.get(user=alice).posted == 1000 - AT_ONCE - 5


def test_other_providers_go_on_meanwhile(alice: User, painter: Painter, crew: Callable[[int], Callers[Lease]]) -> None:
    callers = crew(2)
    for _ in range(3):
        plan(make_generation(alice), painter, callers)
    eventually(lambda: painter.waiting == 2)
    other = FakeProvider([accepted()], polls=[finished(1)])
    polled = make_generation(alice)
    take_steps(polled.pk, other)
    Generation.objects.filter(pk=polled.pk).update(next_step_at=polled.created)
    take_steps(polled.pk, other)
    polled.refresh_from_db()
    assert polled.status == "completed"
    painter.done.set()
    eventually(lambda: left() == 0)


def test_what_waits_for_a_thread_is_nobodys_and_taken_by_any_process(
    alice: User, painter: Painter, crew: Callable[[int], Callers[Lease]]
) -> None:
    callers, others = crew(2), crew(2)
    for _ in range(2):
        plan(make_generation(alice), painter, callers)
    eventually(lambda: painter.waiting == 2)
    waits = make_generation(alice)
    plan(waits, painter, callers)
    waits.refresh_from_db()
    assert (waits.lease_token, waits.attempts.get().state) == (None, "planned")
    callers.close()
    others.call("sketch")
    eventually(lambda: painter.waiting == 3)
    painter.done.set()
    eventually(lambda: left() == 0)
    assert len(painter.requests) == 3


def test_who_comes_later_need_not_wait_for_all_the_calls_of_another(
    alice: User, painter: Painter, crew: Callable[[int], Callers[Lease]]
) -> None:
    callers, bob = crew(2), make_user(balance=10)
    for number in range(30):
        plan(make_generation(alice, prompt=f"alice's {number}"), painter, callers)
    eventually(lambda: painter.waiting == 2)
    plan(make_generation(bob, prompt="bob's only one"), painter, callers)
    painter.done.set()
    eventually(lambda: left() == 0)
    order = [request.prompt for request in painter.requests]
    assert order.index("bob's only one") < 16  # chance decides between the two each time
    assert len(order) == 31


def test_what_is_kept_in_memory_waits_once_and_in_order() -> None:
    noted, first, second = Noted(), uuid.uuid4(), uuid.uuid4()
    for thing in (first, second, first):
        noted.add("line", thing)
    assert [noted.next(line) for line in ("line", "other", "line", "line")] == [first, None, second, None]


def test_a_step_that_breaks_leaves_its_line_to_the_next_call() -> None:
    noted, told = Noted(), list[UUID]()

    def step(_line: str, thing: UUID) -> None:
        told.append(thing)
        if len(told) == 1:
            raise RuntimeError("broken")

    callers = Callers(noted.next, step, limit=2, desks=1)
    things = [uuid.uuid4(), uuid.uuid4()]
    for thing in things:
        noted.add("line", thing)
    callers.call("line")
    eventually(lambda: len(told) == 1)
    callers.call("line")
    eventually(lambda: told == things)
    callers.close()


def test_a_thread_whose_connection_broke_gets_a_new_one() -> None:
    noted, broken, sound = Noted(), uuid.uuid4(), uuid.uuid4()
    usable: list[bool] = []

    def step(line: str, thing: UUID) -> None:
        if thing == broken:
            callers.call(line)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.ensure_connection()
        usable.append(connection.is_usable())
        connection.close()

    callers = Callers(noted.next, step, limit=1, desks=1)
    noted.add("line", broken)
    noted.add("line", sound)
    callers.call("line")
    eventually(lambda: usable == [True])
    callers.close()
