"""An operator's test of a route: it goes there or nowhere, and overrules what keeps users' requests away."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User, Wallet
from generations import routing, submission
from generations.models import Generation, Model, Route
from generations.providers.base import ProviderUnavailable
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def sketch() -> Model:
    return make_catalogue()


@pytest.fixture
def admin(sketch: Model) -> User:
    return make_user(is_staff=True, is_superuser=True, balance=100)


def another_route(model: Model, **fields: object) -> Route:
    """One that users' requests would not take."""
    return Route.objects.create(
        model=model,
        provider="sketch",
        provider_model="new",
        priority=900,
        resolutions=["1K"],
        formats=["png"],
        **fields,
    )


def pinned(user: User, route: Route) -> Generation:
    return make_generation(user, model=route.model.slug, only_route=route.pk)


def advance(generation: Generation, provider: FakeProvider) -> Generation:
    take_steps(generation.pk, provider)
    generation.refresh_from_db()
    return generation


@pytest.mark.parametrize("kept_away", [{}, {"enabled": False}, {"gone_since": timezone.now()}, {"stand_in": True}])
def test_it_is_made_on_that_route_however_it_is(admin: User, sketch: Model, kept_away: dict[str, object]) -> None:
    route = another_route(sketch, **kept_away)
    generation = advance(pinned(admin, route), FakeProvider([finished()]))
    assert generation.status == "completed"
    assert generation.attempts.get().route == route


def test_no_other_route_takes_over(admin: User, sketch: Model) -> None:
    shut = ProviderUnavailable("no such model", code="model_gone", passing=False)
    generation = advance(pinned(admin, another_route(sketch)), FakeProvider([shut, finished()]))
    assert (generation.status, generation.error_code) == ("failed", "model_gone")
    assert generation.attempts.count() == 1
    assert Wallet.objects.get(user=admin).spendable == 100


def test_a_provider_without_a_key_is_not_called(admin: User, sketch: Model) -> None:
    route = Route.objects.filter(provider="fal").first()
    assert route
    generation = advance(pinned(admin, route), FakeProvider())
    assert (generation.status, generation.error_code) == ("failed", "no_route")


def test_a_user_s_generation_takes_the_best_route(admin: User, sketch: Model) -> None:
    another_route(sketch)
    generation = make_generation(admin)
    assert [route.provider_model for route in routing.next_routes(generation, ())] == ["", "new"]


def test_a_route_of_a_model_that_nobody_is_offered_can_be_tested(admin: User, sketch: Model) -> None:
    Route.objects.filter(model=sketch).update(gone_since=timezone.now())
    Model.objects.filter(pk=sketch.pk).update(status=Model.Status.RETIRED)
    with pytest.raises(submission.ModelRetired):
        make_generation(admin)
    generation = advance(pinned(admin, sketch.routes.get()), FakeProvider([finished()]))
    assert generation.status == "completed"


def test_a_test_repeated_by_its_user_is_an_ordinary_generation(admin: User, sketch: Model) -> None:
    first = pinned(admin, another_route(sketch))
    again = submission.retry(first, source=Generation.Source.WEB).generation
    assert again.only_route is None
