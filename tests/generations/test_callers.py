"""Providers that answer only when the pictures are made: many calls at once, and nothing else waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User, Wallet
from config import embedded
from generations import fulfilment
from generations.callers import Callers
from generations.models import Generation
from generations.types import ImageRequest, Submission
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db(transaction=True)
DESKS = 4
AT_ONCE = 100


@dataclass
class Painter(FakeProvider):
    """Answers nobody before ``done``, and counts who waits."""

    synchronous: bool = True
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
def crew(painter: Painter) -> Iterator[Callable[[int], Callers]]:
    """Callers, so many of them, who make the painter's calls."""
    hired: list[Callers] = []

    def hire(limit: int) -> Callers:
        callers = Callers(lambda pk: fulfilment.advance(pk, painter, callers, calling=True), limit=limit, desks=DESKS)
        hired.append(callers)
        return callers

    yield hire
    painter.done.set()
    for callers in hired:
        callers.close()
    eventually(lambda: connections() == 1)


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
    alice: User, painter: Painter, crew: Callable[[int], Callers]
) -> None:
    callers = crew(AT_ONCE)
    for _ in range(AT_ONCE + 5):
        fulfilment.advance(make_generation(alice).pk, painter, callers)
    eventually(lambda: painter.waiting == AT_ONCE)
    eventually(lambda: connections() == 1)
    painter.done.set()
    eventually(lambda: left() == 0)
    assert painter.most == AT_ONCE
    assert len(painter.requests) == AT_ONCE + 5
    assert set(Generation.objects.values_list("status", flat=True)) == {"completed"}
    assert Wallet.objects.get(user=alice).posted == 1000 - AT_ONCE - 5


def test_other_providers_go_on_meanwhile(alice: User, painter: Painter, crew: Callable[[int], Callers]) -> None:
    callers = crew(1)
    waiting = [make_generation(alice) for _ in range(3)]
    for generation in waiting:
        fulfilment.advance(generation.pk, painter, callers)
    eventually(lambda: painter.waiting == 1)
    other = FakeProvider([accepted()], polls=[finished(1)])
    polled = make_generation(alice)
    fulfilment.advance(polled.pk, other, callers)
    Generation.objects.filter(pk=polled.pk).update(next_step_at=polled.created)
    fulfilment.advance(polled.pk, other, callers)
    polled.refresh_from_db()
    assert polled.status == "completed"
    painter.done.set()
    eventually(lambda: left() == 0)


def test_what_waits_for_a_thread_is_nobodys_and_asked_for_once(
    alice: User, painter: Painter, crew: Callable[[int], Callers]
) -> None:
    callers = crew(1)
    first, second = make_generation(alice), make_generation(alice)
    fulfilment.advance(first.pk, painter, callers)
    eventually(lambda: painter.waiting == 1)
    fulfilment.advance(second.pk, painter, callers)
    second.refresh_from_db()
    assert (second.lease_token, second.attempts.get().state) == (None, "planned")
    callers.take("sketch", second.pk)
    callers.close()
    callers.take("sketch", second.pk)
    painter.done.set()
    eventually(lambda: left() == 1)
    assert len(painter.requests) == 1
    fulfilment.advance(second.pk, painter, calling=True)
    second.refresh_from_db()
    assert second.status == "completed", "by another process, before the time it was put off to"
