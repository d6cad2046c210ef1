"""The figures of providers and routes, counted over attempts of every end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from generations import figures
from generations.figures import DAY, HOUR, NOTHING, Figures
from generations.models import Attempt, Generation, Model, Route
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

State = Attempt.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def sketch() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(sketch: Model) -> User:
    return make_user(balance=500)


@pytest.fixture
def route(sketch: Model) -> Route:
    return Route.objects.create(model=sketch, provider="fal", provider_model="a", cost_usd=Decimal("0.04"))


def tried(user: User, route: Route, state: State, *, took: float | None = None, **fields: object) -> Attempt:
    """An attempt that came to this, and was sent a minute ago."""
    generation = make_generation(user, count=int(str(fields.pop("count", 1))))
    sent = timezone.now() - dt.timedelta(minutes=1)
    return Attempt.objects.create(
        generation=generation,
        number=1,
        route=route,
        provider=route.provider,
        seed=1,
        state=state,
        ready=None if took is None else sent + dt.timedelta(seconds=took),
        **{"sent": sent, "created": sent} | fields,
    )


def made(user: User, route: Route, *, count: int, images: int, cost_usd: Decimal | None = None) -> Generation:
    """A generation that was delivered, with so many of the images asked for."""
    generation = make_generation(user, count=count)
    take_steps(generation.pk, FakeProvider([finished(images)]))
    Attempt.objects.filter(generation=generation).update(route=route, provider=route.provider, cost_usd=cost_usd)
    return generation


def of_fal() -> Figures:
    return figures.by_provider(["fal"], DAY)["fal"]


def test_nothing_is_said_of_a_provider_that_did_nothing(route: Route) -> None:
    assert figures.by_provider(["fal"], DAY) == {}
    assert NOTHING.rate(NOTHING.succeeded) is None


def test_what_ended_is_told_apart(alice: User, route: Route) -> None:
    made(alice, route, count=2, images=2)
    made(alice, route, count=3, images=2)
    tried(alice, route, State.REFUSED, error_code="content_policy")
    tried(alice, route, State.REFUSED, error_code="busy")
    told = of_fal()
    assert (told.requests, told.ended, told.succeeded, told.filtered, told.partial) == (4, 4, 2, 1, 1)
    assert told.rate(told.succeeded) == 0.5


def test_what_its_user_cancelled_is_not_held_against_the_vendor(alice: User, route: Route) -> None:
    gone = tried(alice, route, State.ABANDONED)
    assert of_fal().ended == 1
    Generation.objects.filter(pk=gone.generation_id).update(status="cancelled")
    assert (of_fal().requests, of_fal().ended) == (1, 0)


def test_seconds_are_from_sent_to_ready(alice: User, route: Route) -> None:
    for seconds in (2, 4, 6):
        tried(alice, route, State.DELIVERED, took=seconds)
    tried(alice, route, State.REFUSED)
    assert of_fal().median == pytest.approx(4)
    assert of_fal().slow == pytest.approx(5.8)


def test_what_a_vendor_does_not_say_it_cost_is_estimated_by_the_route(alice: User, route: Route) -> None:
    made(alice, route, count=2, images=2)
    made(alice, route, count=1, images=1, cost_usd=Decimal("0.07"))
    assert (of_fal().spend, of_fal().estimated) == (Decimal("0.15"), Decimal("0.08"))


def test_what_nobody_knows_is_counted_with_what_it_may_have_cost(alice: User, route: Route) -> None:
    tried(alice, route, State.UNKNOWN, at_risk_usd=Decimal("0.04"))
    tried(alice, route, State.ABANDONED, at_risk_usd=Decimal("0.08"), error_code="outcome_unknown")
    tried(alice, route, State.ABANDONED)
    assert (of_fal().unknown, of_fal().at_risk) == (2, Decimal("0.12"))


def test_what_was_made_too_late_is_lost_and_no_longer_unknown(alice: User, route: Route) -> None:
    late = {"at_risk_usd": Decimal("0.04"), "pictures": [{"url": "https://v.example/a"}]}
    tried(alice, route, State.ABANDONED, took=50, **late)
    assert (of_fal().late, of_fal().lost, of_fal().unknown) == (1, Decimal("0.04"), 0)


def test_in_flight_is_now_and_whatever_the_span(alice: User, route: Route) -> None:
    old = timezone.now() - dt.timedelta(hours=2)
    tried(alice, route, State.ACCEPTED, sent=old, created=old)
    tried(alice, route, State.PLANNED, sent=None)
    told = figures.by_provider(["fal"], HOUR)["fal"]
    assert (told.requests, told.in_flight) == (0, 2)
    assert (of_fal().requests, of_fal().in_flight) == (1, 2)


def test_routes_are_told_apart(alice: User, route: Route, sketch: Model) -> None:
    other = Route.objects.create(model=sketch, provider="fal", provider_model="b")
    tried(alice, route, State.REFUSED)
    tried(alice, other, State.DELIVERED, took=1)
    told = figures.by_route("fal", DAY)
    assert {pk: (row.requests, row.median is None) for pk, row in told.items()} == {
        route.pk: (1, True),
        other.pk: (1, False),
    }


def test_all_providers_take_one_statement(alice: User, route: Route) -> None:
    tried(alice, route, State.REFUSED)
    with CaptureQueriesContext(connection) as asked:
        assert set(figures.by_provider(["fal", "google", "sketch"], DAY)) == {"fal"}
    assert len(asked) == 1
