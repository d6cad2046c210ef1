"""Keys are nowhere but in the environment and in the requests that need them, whatever vendors say of them.

Every vendor is tried with a key that can be recognised: through generations that succeed, through refusals that repeat
the key as real vendors' do, through callbacks. Then everything that the studio wrote and shows is searched.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts import keys
from accounts.models import User
from accounts.telemetry.logs import Json
from generations import balances, retirement
from generations.models import Generation, Model, ProviderAccount, Route
from generations.providers import registry
from generations.providers.http import HttpProvider, answers
from tests.emulators import faults
from tests.emulators.aimlapi import AimlapiEmulator
from tests.emulators.apiframe import ApiframeEmulator
from tests.emulators.fal import FalEmulator
from tests.emulators.google import GoogleEmulator
from tests.emulators.openai import OpenAIEmulator
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.steps import take_steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files")]

CANARY = "canary-4f1d9a77"
KEYS = {
    "fal": f"{CANARY}-fal-id:{CANARY}-fal-secret",
    "apiframe": f"afk_{CANARY}-apiframe",
    "aimlapi": f"{CANARY}-aimlapi",
    "openai": f"sk-{CANARY}-openai",
    "google": f"AIza{CANARY}-google",
}
SERVES = {
    "fal": "imagen-4",
    "apiframe": "imagen-4-fast",
    "aimlapi": "imagen-4-ultra",
    "openai": "own-server",
    "google": "gemini-3-1-flash-image",
}
ECHOED = (400, 401, 429, 500)


@dataclass(frozen=True, slots=True)
class Vendors:
    """Every vendor's emulator, by the name of its provider."""

    fal: FalEmulator
    apiframe: ApiframeEmulator
    aimlapi: AimlapiEmulator
    openai: OpenAIEmulator
    google: GoogleEmulator

    def config(self) -> dict[str, dict[str, Any]]:
        """What the settings say of each."""
        fal = {name.lower().removeprefix("fal_"): value for name, value in self.fal.addresses.items()}
        return {
            "fal": fal,
            "apiframe": {"base_url": self.apiframe.server.origin},
            "aimlapi": {"base_url": self.aimlapi.base_url},
            "openai": {"base_url": self.openai.base_url},
            "google": {"base_url": self.google.base_url},
        }

    def echo(self, name: str, step: str, status: int) -> None:
        """Let the vendor's next refusal at this step say which key it was sent, in its own envelope."""
        vendor = getattr(self, name)
        said = json.dumps(f"Incorrect API key provided: {KEYS[name]}. Authorization: Bearer {KEYS[name]}")
        refusal = json.loads(json.dumps(vendor.refusal(status)).replace('"no"', said))
        vendor.faults.add(step, faults.answering(status, refusal))


@pytest.fixture
def vendors(settings: Settings, live_server: LiveServer) -> Iterator[Vendors]:
    key = dict(KEYS)
    emulators = Vendors(
        FalEmulator(small=True, key=key["fal"]),
        ApiframeEmulator(small=True, key=key["apiframe"]),
        AimlapiEmulator(small=True, key=key["aimlapi"]),
        OpenAIEmulator(small=True, key=key["openai"]),
        GoogleEmulator(small=True, key=key["google"]),
    )
    given = {
        name: {**settings.PROVIDERS[name], **config, "key": key[name], "enabled": True}
        for name, config in emulators.config().items()
    }
    settings.PROVIDERS = {**settings.PROVIDERS, **given}
    settings.CALLBACKS, settings.PUBLIC_BASE_URL = True, live_server.url
    registry.provider.cache_clear()
    yield emulators
    for name in KEYS:
        cast("HttpProvider", registry.provider(name)).close()
        getattr(emulators, name).stop()
    registry.provider.cache_clear()


@pytest.fixture
def alice() -> User:
    make_catalogue()
    for name, slug in SERVES.items():
        Route.objects.filter(model__slug=slug).exclude(provider=name).delete()
    return make_user(balance=10_000)


def follow(generation: Generation) -> Generation:
    """Take every step there is; what waits for news in vain is overdue after a while."""
    rounds = 0
    while generation.status in {"queued", "running"}:
        due = {"next_step_at": Now() - dt.timedelta(seconds=1)}
        overdue = {"deadline": Now() - dt.timedelta(seconds=1)} if rounds > 5 else {}
        Generation.objects.filter(pk=generation.pk).update(**due, **overdue)
        ProviderAccount.objects.update(breaks=0, failures=0, resume_at=None, probe_until=None)
        take_steps(generation.pk)
        generation.refresh_from_db()
        rounds += 1
        assert rounds < 10
    return generation


def with_the_key(answer: Any) -> Any:
    """A success that repeats the key where it says what was made."""
    said = f"a lighthouse made with {KEYS['aimlapi']}"
    return {**answer, "data": [{**item, "prompt": said} for item in answer["data"]]}


def succeed(user: User, vendors: Vendors) -> None:
    for slug in SERVES.values():
        assert follow(make_generation(user, model=slug)).status == "completed"
    vendors.aimlapi.shape = "S2"
    vendors.aimlapi.faults.add("submit", faults.edited(with_the_key))
    generation = follow(make_generation(user, model=SERVES["aimlapi"]))
    assert generation.images.get().effective_prompt.startswith("a lighthouse made with ")
    until = time.monotonic() + 30
    while not (vendors.fal.courier.answers and vendors.apiframe.courier.answers):
        assert time.monotonic() < until, "nobody called back"
        time.sleep(0.02)


def be_refused(user: User, vendors: Vendors) -> None:
    steps = {"fal": ("submit", "status", "result"), "apiframe": ("submit", "job")}
    for name, slug in SERVES.items():
        for step in steps.get(name, ("submit",)):
            for status in ECHOED:
                vendors.echo(name, step, status)
                follow(make_generation(user, model=slug))
                Route.objects.update(gone_since=None)


def ask_around(vendors: Vendors) -> None:
    for name, step in (("fal", "billing"), ("apiframe", "me"), ("aimlapi", "billing")):
        vendors.echo(name, step, 401)
    balances.ask()
    for name in KEYS:
        vendors.echo(name, "models", 401)
    retirement.look()


def written() -> Mapping[str, str]:
    """Every row of every table, as text."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT string_agg(t::text, E'\\n') FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            found[table] = cursor.fetchone()[0] or ""
    return found


def shown(user: User) -> Mapping[str, str]:
    """Every page and answer that tells of providers or of what became of a generation."""
    _, text = keys.create(user, "laptop")
    admin, person = Client(), Client(headers={"authorization": f"Bearer {text}"})
    admin.force_login(make_user(is_staff=True, is_superuser=True))
    generations = list(Generation.objects.values_list("pk", flat=True))
    pages = ["/metrics", "/admin/", "/admin/generations/provideraccount/", "/admin/generations/route/"]
    pages += [f"/admin/generations/provideraccount/{name}/change/" for name in KEYS]
    pages += [f"/admin/generations/route/{pk}/change/" for pk in Route.objects.values_list("pk", flat=True)]
    pages += [f"/admin/generations/model/{pk}/change/" for pk in Model.objects.values_list("pk", flat=True)]
    pages += [f"/admin/generations/generation/{pk}/change/" for pk in generations]
    answers = [f"/api/v1/generations/{pk}" for pk in generations]
    answers += ["/api/v1/generations?limit=100", "/api/v1/images?limit=100", "/api/v1/models", "/api/v1/me"]
    found = {page: admin.get(page) for page in pages} | {answer: person.get(answer) for answer in answers}
    assert {response.status_code for response in found.values()} == {200}
    return {url: response.content.decode() for url, response in found.items()}


def test_no_key_is_written_logged_or_shown(alice: User, vendors: Vendors, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        succeed(alice, vendors)
        be_refused(alice, vendors)
        ask_around(vendors)
        pages = shown(alice)
    rows = written()
    assert "Incorrect API key provided" in rows["generations_attempt"], "what vendors say is kept, the key aside"
    assert "Incorrect API key provided" in caplog.text
    lines = "\n".join(map(Json().format, caplog.records))
    assert lines.count('"logger": "vendor"') > len(KEYS)
    for place, text in {**rows, **pages, "the log": caplog.text, "the log as JSON": lines}.items():
        assert CANARY not in text, place


@pytest.mark.parametrize(
    ("header", "said", "kept"),
    [
        ("Bearer sk-12345678", "Incorrect API key provided: sk-12345678.", "Incorrect API key provided: [hidden]."),
        ("Key someone:12345678", "someone:12345678 is no key", "[hidden] is no key"),
        ("Key someone:12345678", "the secret 12345678 is wrong", "the secret [hidden] is wrong"),
        ("Bearer key", "This requires a Bearer key.", "This requires a Bearer key."),
        ("", "no", "no"),
    ],
)
def test_of_what_a_vendor_says_our_key_is_hidden(header: str, said: str, kept: str) -> None:
    assert answers.without(answers.secrets_of([header]), said.encode()).decode() == kept
