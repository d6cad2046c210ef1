"""Tests of routes from the admin: who may make them, what they cost, and where they lead."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Act, User, Wallet
from generations.models import Generation, Model, ProviderAccount, Route
from generations.providers.base import ProviderUnavailable
from tests.administration import CONFIRMED
from tests.factories import make_catalogue, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db

LIST = "/admin/generations/route/"
TESTING = ("change_route", "view_generation")


@pytest.fixture
def sketch() -> Model:
    return make_catalogue()


@pytest.fixture
def route(sketch: Model) -> Route:
    return sketch.routes.get()


def operator(*permissions: str, balance: int = 10) -> tuple[User, Client]:
    """Staff who may do this and nothing else, with credits of their own."""
    person = make_user(is_staff=True, balance=balance)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return person, client


def press(client: Client, route: Route, token: object = "") -> HttpResponse:
    response: HttpResponse = client.post(f"{LIST}{route.pk}/test", {"token": token})  # type: ignore[assignment]
    return response


def said(client: Client, url: str) -> list[str]:
    """The messages that a page shows."""
    return [str(message) for message in client.get(url).context["messages"]]


@pytest.mark.usefixtures("files")
def test_a_test_is_a_generation_of_ones_own_at_the_usual_price(route: Route) -> None:
    admin, client = operator(*TESTING)
    answer = press(client, route)
    generation = Generation.objects.get()
    assert (generation.user, generation.source, generation.only_route) == (admin, "test", route)
    assert answer.headers["Location"] == f"/admin/generations/generation/{generation.pk}/change/"
    price = route.model.price_1k
    assert said(client, answer.headers["Location"]) == [
        f"The test is under way and holds {price} credit of yours until it ends."
    ]
    take_steps(generation.pk, FakeProvider())
    assert Wallet.objects.get(user=admin).posted == 10 - price
    act = Act.objects.get()
    assert (act.verb, act.target, act.after) == ("test", str(route.pk), {"generation": str(generation.pk)})


@pytest.mark.parametrize("kept_away", [{"enabled": False}, {"gone_since": Now()}, {"unlisted_since": Now()}])
def test_what_users_are_kept_away_from_can_be_tested(route: Route, kept_away: dict[str, object]) -> None:
    Route.objects.filter(pk=route.pk).update(**kept_away)
    ProviderAccount.objects.filter(name="sketch").update(enabled=False, breaks=3)
    _, client = operator(*TESTING)
    press(client, route)
    take_steps(Generation.objects.get().pk, FakeProvider())
    assert Generation.objects.get().status == "completed"


@pytest.mark.parametrize("slug", ["own-server", "imagen-4", "gemini-3-pro-image"])
def test_the_smallest_that_a_route_makes_is_asked_for(slug: str, sketch: Model, settings: Settings) -> None:
    settings.PROVIDERS = {name: config | {"enabled": True} for name, config in settings.PROVIDERS.items()}
    _, client = operator(*TESTING, balance=100)
    for route in Route.objects.filter(model__slug=slug):
        press(client, route)
        generation = Generation.objects.get(only_route=route)
        assert generation.count == 1
        assert generation.resolution in route.resolutions
        assert generation.output_format in route.formats


def test_a_test_that_brings_pictures_opens_a_route_that_was_thought_gone(route: Route, sketch: Model) -> None:
    Route.objects.filter(pk=route.pk).update(gone_since=Now(), gone_detail="404")
    _, client = operator(*TESTING)
    gone = ProviderUnavailable("404", code="model_gone", passing=False)
    for provider, open_afterwards in ((FakeProvider([gone]), False), (FakeProvider([finished()]), True)):
        press(client, route)
        take_steps(Generation.objects.latest("id").pk, provider)
        assert Route.objects.filter(pk=route.pk, gone_since=None).exists() is open_afterwards


def test_without_credits_there_is_none_and_a_reason(route: Route) -> None:
    _, client = operator(*TESTING, balance=0)
    answer = press(client, route)
    assert answer.headers["Location"] == f"{LIST}{route.pk}/change/"
    assert said(client, answer.headers["Location"]) == ["A test costs 1 credit of your own; you have 0."]
    assert not Generation.objects.exists()


def test_a_provider_without_a_key_cannot_be_tested(sketch: Model) -> None:
    fal = Route.objects.filter(provider="fal")[0]
    _, client = operator(*TESTING)
    assert said(client, press(client, fal).headers["Location"]) == ["fal is not configured: it has no key."]
    assert not Generation.objects.exists()
    assert "It cannot be tested: fal is not configured." in client.get(f"{LIST}{fal.pk}/change/").content.decode()
    listed = client.get(LIST).content.decode()
    assert f"{LIST}{fal.pk}/test" not in listed


def test_an_order_that_its_model_cannot_take_is_refused_in_words(route: Route, sketch: Model) -> None:
    Model.objects.filter(pk=sketch.pk).update(max_images=0)
    _, client = operator(*TESTING)
    assert "From 1 to 0 images." in said(client, press(client, route).headers["Location"])[0]


def test_too_many_within_a_minute_are_refused_in_words(route: Route, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 1
    _, client = operator(*TESTING)
    press(client, route)
    assert "Too many orders within a minute" in said(client, press(client, route).headers["Location"])[-1]


def test_pressing_a_button_twice_makes_one_test(route: Route) -> None:
    _, client = operator(*TESTING)
    token = client.get(LIST).context["token"]
    first, second = press(client, route, token), press(client, route, token)
    assert first.headers["Location"] == second.headers["Location"]
    assert Generation.objects.count() == 1
    press(client, route, uuid.uuid4())
    assert Generation.objects.count() == 2


def test_the_buttons_stand_on_the_list_and_on_the_pages(route: Route) -> None:
    _, client = operator(*TESTING, "view_provideraccount")
    for url in (LIST, "/admin/generations/provideraccount/sketch/change/"):
        page = client.get(url).content.decode()
        assert f'formaction="{LIST}{route.pk}/test"' in page
        assert re.search(r'<form id="route-test" method="post" hidden>\s*<input type="hidden" name="csrf', page)
    assert f'action="{LIST}{route.pk}/test"' in client.get(f"{LIST}{route.pk}/change/").content.decode()


def test_no_test_hangs_on_the_enter_key(route: Route) -> None:
    """The buttons of the list belong to a form of their own: Enter in a price sends the prices."""
    _, client = operator(*TESTING)
    page = client.get(LIST).content.decode()
    buttons = re.findall(r"<button[^>]*formaction[^>]*>", page)
    assert buttons
    assert all('form="route-test"' in button for button in buttons)


def test_whoever_may_not_see_generations_is_led_back_to_the_route(route: Route) -> None:
    _, client = operator("change_route")
    assert press(client, route).headers["Location"] == f"{LIST}{route.pk}/change/"
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("permissions", [(), ("view_route",), ("view_route", "change_generation", "change_model")])
def test_whoever_may_not_change_routes_tests_none(route: Route, permissions: tuple[str, ...]) -> None:
    _, client = operator(*permissions)
    assert press(client, route).status_code == 403
    assert not Generation.objects.exists()
    if permissions:
        for url in (LIST, f"{LIST}{route.pk}/change/"):
            assert "/test" not in client.get(url).content.decode()


def test_strangers_are_asked_to_sign_in(route: Route) -> None:
    person = Client()
    person.force_login(make_user(balance=10))
    for client in (Client(), person):
        assert press(client, route).status_code == 302
    assert not Generation.objects.exists()


def test_no_link_and_no_other_site_makes_a_test(route: Route) -> None:
    admin, client = operator(*TESTING)
    assert client.get(f"{LIST}{route.pk}/test").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    assert press(strict, route).status_code == 403
    assert not Generation.objects.exists()


def test_a_route_that_is_not_there_is_not_found(route: Route) -> None:
    _, client = operator(*TESTING)
    assert client.post(f"{LIST}{route.pk + 1000}/test").status_code == 404


def test_an_admin_opens_a_route_that_was_thought_gone(route: Route) -> None:
    Route.objects.filter(pk=route.pk).update(gone_since=Now(), gone_detail="404: no such model")
    chosen = {"action": "reopen", "_selected_action": [route.pk], **CONFIRMED}
    _, looking = operator("view_route")
    assert "Gone at the vendor" in looking.get(LIST).content.decode()
    looking.post(LIST, chosen)
    assert not Route.objects.filter(pk=route.pk, gone_since=None).exists()
    _, client = operator("change_route")
    client.post(LIST, chosen)
    assert Route.objects.filter(pk=route.pk, gone_since=None, gone_detail="").exists()
    act = Act.objects.get()
    assert (act.verb, act.target, act.reason) == ("reopen", str(route.pk), "because")
