"""Who may do what: every address and method of our own API, asked by every kind of caller. A new one needs an entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts import keys
from accounts.models import ApiKey, User
from accounts.rest import ApiView
from accounts.scopes import SCOPES
from generations import albums, endpoints, prompts, searches, sharing
from generations.api_urls import urlpatterns
from generations.models import Album, Comparison, Delivery, Export, Image
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
Things = Mapping[str, Any]
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}


def make_things(owner: User) -> dict[str, Any]:
    """One of everything that an address can name, all the owner's, by the part of the address that it follows."""
    done = make_generation(owner)
    take_steps(done.pk, FakeProvider([finished(1)]))
    take_steps((thrown := make_generation(owner)).pk, FakeProvider([finished(1)]))
    Image.objects.filter(generation=thrown).trash()
    shown = Image.objects.get(generation=done).pk
    Image.objects.filter(pk=shown).publish()
    album = Album.objects.create(user=owner, name="Best")
    albums.add(album.pk, Image.objects.filter(pk=shown))
    share = sharing.create(owner, album=album.pk)
    endpoint = endpoints.create(owner, "https://hooks.example/atelier")
    delivery = endpoints.test(endpoint)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)
    compared = Comparison.objects.create(user=owner)
    compared.generations.set([done, thrown])
    return {
        "generations": make_generation(owner).pk,
        "comparisons": compared.pk,
        "images": Image.objects.get(generation=done).pk,
        "trashed": Image.objects.get(generation=thrown).pk,
        "albums": album.pk,
        "shares": share.pk,
        "shared": sharing.token_of(share),
        "published": shown,
        "webhooks": endpoint.pk,
        "exports": Export.objects.create(user=owner, status=Export.Status.FAILED, total=0).pk,
        "prompts": done.prompt_id,
        "searches": searches.keep(owner, "mine", {"starred": True}, "newest").pk,
        "presets": prompts.keep_preset(owner, {"name": "mine"}).pk,
        "keys": keys.create(owner, "another", scopes=["keys:write"])[0].pk,
        "deliveries": delivery.pk,
        "models": "sketch",
    }


@dataclass(frozen=True)
class Entry:
    """The status that each caller gets; an admin is a stranger like any other.

    ``body`` may be a function of the things; ``instead`` names another thing for a part of the address.
    """

    owner: int
    stranger: int
    body: Any | Callable[[Things], Any] = None
    anonymous: int = 401
    revoked: int = 401
    instead: Mapping[str, str] = field(default_factory=dict)

    def expected(self) -> dict[str, int]:
        """By caller."""
        return {
            "owner": self.owner,
            "stranger": self.stranger,
            "admin": self.stranger,
            "anonymous": self.anonymous,
            "revoked": self.revoked,
            "the scope alone": self.owner,
            "all but the scope": 403 if self.anonymous == 401 else self.anonymous,
        }


def anybodys(status: int, body: Any = None) -> Entry:
    """An address of what is the caller's own, whoever it is."""
    return Entry(status, status, body)


def owners(status: int, body: Any = None, **instead: str) -> Entry:
    """An address of one thing: for its owner alone, and nothing to everybody else."""
    return Entry(status, 404, body, instead=instead)


MATRIX = {
    "GET ": anybodys(200),
    "GET /me": anybodys(200),
    "PATCH /me": anybodys(200, {"name": "Somebody"}),
    "POST /me/leave": anybodys(403, {"email": "nobody@example.com"}),
    "GET /credits": anybodys(200),
    "GET /credits/entries": anybodys(200),
    "POST /credits/redeem": anybodys(404, {"code": "nobody's"}),
    "GET /keys": anybodys(200),
    "POST /keys": anybodys(201, {"name": "laptop", "scopes": ["keys:write"]}),
    "GET /keys/<int:pk>": owners(200),
    "PATCH /keys/<int:pk>": owners(200, {"name": "laptop"}),
    "DELETE /keys/<int:pk>": owners(204),
    "GET /models": anybodys(200),
    "GET /models/<path:name>": anybodys(200),
    "POST /quotes": anybodys(201, ORDER),
    "GET /generations": anybodys(200),
    "POST /generations": anybodys(202, ORDER),
    "GET /generations/<uuid:pk>": owners(200),
    "POST /generations/<uuid:pk>/cancel": owners(200),
    "POST /generations/<uuid:pk>/retry": owners(202),
    "POST /generations/<uuid:pk>/vary": owners(202),
    "GET /generations/<uuid:pk>/events": owners(200),
    "GET /events": anybodys(200),
    "GET /comparisons": anybodys(200),
    "POST /comparisons": anybodys(202, {"models": ["sketch", "imagen-4-fast"], "prompt": "a lighthouse at dusk"}),
    "GET /comparisons/<uuid:pk>": owners(200),
    "POST /comparisons/<uuid:pk>/pick": owners(200, lambda things: {"image": str(things["images"])}),
    "POST /comparisons/<uuid:pk>/trash": owners(200),
    "GET /images": anybodys(200),
    "POST /images/bulk": anybodys(200, {"action": "star", "filter": {}}),
    "GET /images/<uuid:pk>": owners(200),
    "GET /prompts": anybodys(200),
    "GET /prompts/<int:pk>": owners(200),
    "PATCH /prompts/<int:pk>": owners(200, {"starred": True}),
    "DELETE /prompts/<int:pk>": owners(204),
    "GET /searches": anybodys(200),
    "POST /searches": anybodys(201, {"name": "another"}),
    "GET /searches/<uuid:pk>": owners(200),
    "PATCH /searches/<uuid:pk>": owners(200, {"filter": {"q": "dunes"}}),
    "DELETE /searches/<uuid:pk>": owners(204),
    "GET /presets": anybodys(200),
    "POST /presets": anybodys(201, {"name": "another"}),
    "GET /presets/<uuid:pk>": owners(200),
    "PATCH /presets/<uuid:pk>": owners(200, {"prompt": "dunes"}),
    "DELETE /presets/<uuid:pk>": owners(204),
    "GET /exports": anybodys(200),
    "POST /exports": anybodys(202, {"filter": {}}),
    "GET /exports/<uuid:pk>": owners(200),
    "DELETE /exports/<uuid:pk>": owners(204),
    "GET /webhooks": anybodys(200),
    "POST /webhooks": anybodys(201, {"url": "https://hooks.example/atelier"}),
    "GET /webhooks/<uuid:pk>": owners(200),
    "PATCH /webhooks/<uuid:pk>": owners(200, {"description": "mine"}),
    "DELETE /webhooks/<uuid:pk>": owners(204),
    "GET /webhooks/<uuid:pk>/secret": owners(200),
    "POST /webhooks/<uuid:pk>/secret": owners(201),
    "POST /webhooks/<uuid:pk>/test": owners(202),
    "POST /webhooks/<uuid:pk>/replay": owners(202, {"since": "2026-01-01T00:00:00Z"}),
    "GET /webhooks/<uuid:pk>/deliveries": owners(200),
    "GET /webhooks/<uuid:pk>/deliveries/<uuid:delivery>": owners(200),
    "POST /webhooks/<uuid:pk>/deliveries/<uuid:delivery>/replay": owners(202),
    "PATCH /images/<uuid:pk>": owners(200, {"starred": True}),
    "DELETE /images/<uuid:pk>": owners(204, images="trashed"),
    "POST /images/<uuid:pk>/trash": owners(200),
    "POST /images/<uuid:pk>/restore": owners(200, images="trashed"),
    "GET /images/<uuid:pk>/record": owners(200),
    "GET /images/<uuid:pk>/download": owners(200),
    "GET /albums": anybodys(200),
    "POST /albums": anybodys(201, {"name": "Best"}),
    "GET /albums/<uuid:pk>": owners(200),
    "PATCH /albums/<uuid:pk>": owners(200, {"name": "Better"}),
    "DELETE /albums/<uuid:pk>": owners(204),
    "GET /albums/<uuid:pk>/images": owners(200),
    "POST /albums/<uuid:pk>/order": owners(200, lambda things: {"images": [str(things["published"])]}),
    "GET /shares": anybodys(200),
    "POST /shares": Entry(201, 400, lambda things: {"image": str(things["published"])}),
    "GET /shares/<uuid:pk>": owners(200),
    "DELETE /shares/<uuid:pk>": owners(204),
    "GET /shared/<str:token>": Entry(200, 200, anonymous=200),
    "GET /explore": Entry(200, 200, anonymous=200),
    "GET /reports": anybodys(200),
    "POST /reports": anybodys(201, lambda things: {"image": str(things["published"]), "reason": "other"}),
}


@dataclass(frozen=True)
class Scene:
    """Things, and those who ask for them."""

    things: Things
    callers: Mapping[str, Client]

    def status(self, caller: str, route: str, entry: Entry) -> int:
        """What this caller gets; whatever it did is taken back."""
        method, _, address = route.partition(" ")
        path = re.sub(
            r"(?<=/)(\w+)/<[^>]+>", lambda part: f"{part[1]}/{self.thing(part[1], entry)}", f"/api/v1{address}"
        )
        body = self.body(entry)
        sent = json.dumps(body) if body is not None else ""
        with transaction.atomic():
            self._give_scopes(caller, route)
            answer: Any = self.callers[caller].generic(method, path, sent, "application/json")
            transaction.set_rollback(True)
        for close in answer._resource_closers:  # files: to close the answer itself would end the connection
            close()
        return int(answer.status_code)

    def _give_scopes(self, caller: str, route: str) -> None:
        method, _, address = route.partition(" ")
        needed = views()[address].scope(method)
        given = {"the scope alone": {needed}, "all but the scope": set(SCOPES) - {needed}}
        if caller in given:
            ApiKey.objects.filter(name=caller).update(scopes=sorted(given[caller]))

    def thing(self, part: str, entry: Entry) -> Any:
        """What this part of the address is to be followed by."""
        return self.things[entry.instead.get(part, part)]

    def body(self, entry: Entry) -> Any:
        """What is to be sent."""
        return entry.body(self.things) if callable(entry.body) else entry.body


def caller(user: User, name: str = "tests") -> Client:
    """A program with a key of this person's."""
    _key, text = keys.create(user, name)
    return Client(headers={"Authorization": f"Bearer {text}"})


def revoked(user: User) -> Client:
    """A program whose key has been revoked."""
    key, text = keys.create(user, "tests")
    keys.revoke(key)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """Made once for all entries."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_catalogue()
        owner = make_user(balance=100)
        callers = {
            "owner": caller(owner),
            "stranger": caller(make_user(balance=100)),
            "admin": caller(make_user(balance=100, is_staff=True, is_superuser=True)),
            "anonymous": Client(),
            "revoked": revoked(owner),
            "the scope alone": caller(owner, name="the scope alone"),
            "all but the scope": caller(owner, name="all but the scope"),
        }
        yield Scene(make_things(owner), callers)
        transaction.set_rollback(True)


def views() -> dict[str, type[ApiView]]:
    """The view of every address, but for the one that answers wherever nothing is."""
    found = {str(pattern.pattern): pattern.callback.view_class for pattern in urlpatterns}  # type: ignore[attr-defined]
    found.pop("/<path:rest>")
    return found


def routes() -> set[str]:
    """Every method of every address."""
    methods = ("get", "post", "put", "patch", "delete")
    return {
        f"{method.upper()} {route}" for route, view in views().items() for method in methods if hasattr(view, method)
    }


def test_every_route_has_an_entry_and_every_entry_a_route() -> None:
    assert set(MATRIX) == routes()


@pytest.mark.parametrize("route", MATRIX)
def test_everybody_gets_what_is_theirs(scene: Scene, route: str) -> None:
    entry = MATRIX[route]
    assert {name: scene.status(name, route, entry) for name in scene.callers} == entry.expected()


@pytest.mark.parametrize("route", sorted(views()))
def test_every_view_says_which_scope_it_takes(route: str) -> None:
    view = views()[route]
    assert issubclass(view, ApiView)
    assert {f"{view.resource}:read", f"{view.resource}:write"} <= set(SCOPES)


def test_a_secret_is_shown_to_none_that_may_only_read() -> None:
    assert views()["/webhooks/<uuid:pk>/secret"].scope("GET") == "webhooks:write"
