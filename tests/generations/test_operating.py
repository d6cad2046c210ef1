"""What operators rely on: health, checks, and what is said when a part is away."""

from __future__ import annotations

import re
from threading import Event
from typing import Any

import pytest
import redis as redis_library
from django.core import checks
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import keys, redis
from config.env import BASE_DIR
from generations import health, heartbeat
from generations.health import Part
from generations.models import ProviderAccount
from tests.factories import make_catalogue, make_user
from tests.patience import SECONDS

nobody = redis_library.Redis(unix_socket_path="/nowhere/redis.sock", socket_timeout=1)


def ready() -> tuple[int, dict[str, bool]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_the_web_process_is_healthy_without_asking_anybody() -> None:
    assert Client().get("/healthz").content == b"ok\n"


def broken() -> None:
    raise OSError("no such bucket")


@pytest.mark.django_db(transaction=True)  # each part is asked in a thread, and so in a connection, of its own
def test_it_is_ready_when_every_part_answers_and_says_which_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECONDS", SECONDS)  # the machine may be busy
    parts = {"database": True, "redis": True, "storage": True, "worker": True}
    assert ready() == (503, parts | {"database": False, "worker": False}), "empty as it is"
    make_catalogue()
    redis.client().set(heartbeat.KEY, 1, ex=600)
    assert ready() == (200, parts)
    with monkeypatch.context() as patch:
        patch.setitem(health.PARTS, "storage", Part(broken))  # type: ignore[arg-type]
        assert ready() == (503, parts | {"storage": False})
    with monkeypatch.context() as patch:
        patch.setattr(redis, "client", lambda: nobody)
        assert ready() == (503, parts | {"redis": False, "worker": False})
    redis.client().delete(heartbeat.KEY)
    assert ready() == (503, parts | {"worker": False})


def test_a_part_that_hangs_holds_up_nobody_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, thaw = [], Event()

    def frozen() -> bool:
        asked.append(1)
        return thaw.wait(SECONDS)

    part = Part(frozen)
    monkeypatch.setattr(health, "SECONDS", 0.01)
    monkeypatch.setattr(health, "PARTS", {"storage": part})
    try:
        assert ready() == ready() == (503, {"storage": False})
        assert len(asked) == 1
    finally:
        thaw.set()
    assert part.ask().result(SECONDS)
    monkeypatch.setattr(health, "SECONDS", SECONDS)
    assert ready() == (200, {"storage": True})


@pytest.mark.django_db
def test_without_the_database_pages_and_the_api_ask_for_patience() -> None:
    make_catalogue()
    user = make_user(balance=5)
    _key, text = keys.create(user, "tests")
    program, person = Client(headers={"Authorization": f"Bearer {text}"}), Client()
    person.force_login(user)

    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        api, page = program.get("/api/v1/me"), person.get("/gallery")
    assert (api.status_code, api["Retry-After"], api.json()["code"]) == (503, "5", "unavailable")
    assert api["Content-Type"] == "application/problem+json"
    assert (page.status_code, page["Retry-After"]) == (503, "5")


def found(settings: Settings) -> set[str | None]:
    registered = checks.registry.registry.get_checks(include_deployment_checks=True)
    ours = [check for check in registered if check.__module__.startswith(("accounts.", "config.", "generations."))]
    return {message.id for check in ours for message in check(app_configs=None, databases=["default"])}


@pytest.mark.django_db
def test_settings_that_will_do_raise_nothing(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL, settings.EMBEDDED, settings.S3_BUCKET = "https://studio.example", True, ""
    settings.HTTPS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = True, 1
    assert not found(settings)


@pytest.mark.django_db
def test_links_that_nobody_can_reach_are_warned_of(settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    assert "atelier.W001" in found(settings)


@pytest.mark.django_db
def test_pictures_on_a_containers_own_disk_are_warned_of(settings: Settings) -> None:
    settings.EMBEDDED, settings.S3_BUCKET = False, ""
    assert "atelier.W002" in found(settings)


@pytest.mark.django_db
def test_half_a_key_pair_is_an_error(settings: Settings) -> None:
    settings.S3_BUCKET = "atelier"
    settings.STORAGES = {"default": {"OPTIONS": {"access_key": "known", "secret_key": None}}}
    assert "atelier.E001" in found(settings)


@pytest.mark.django_db
def test_a_limit_that_lets_nobody_in_is_an_error(settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 0
    assert "atelier.E002" in found(settings)


CONSOLE = "django.core.mail.backends.console.EmailBackend"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("W003", {"EMAIL_BACKEND": CONSOLE, "EMBEDDED": False}),
        ("W004", {"HTTPS": True, "ALLAUTH_TRUSTED_PROXY_COUNT": 0}),
        ("W005", {"REDIS_URL": "redis://redis.example.com:6379/0"}),
        ("W005", {"REDIS_URL": "redis://8.8.8.8:6379/0"}),
        ("W006", {"WEBHOOK_NETWORKS": ["10.0.0.0/8", "0.0.0.0/0"]}),
        ("E003", {"DEBUG": True, "HTTPS": True}),
        ("E004", {"RETENTION_DAYS": 90, "EMAIL_BACKEND": CONSOLE}),
        ("E005", {"TERMS_FILE": "/nowhere/terms.txt"}),
        ("E006", {"ADMIN_PATH": "api"}),
        ("E006", {"ADMIN_PATH": "albums/mine"}),
        ("E006", {"ADMIN_PATH": "privacy"}),
        ("E006", {"ADMIN_PATH": ""}),
        ("E006", {"ADMIN_PATH": "a b"}),
        ("E007", {"SECURITY_CONTACT": "security@example.com"}),
        ("E008", {"OIDC_ISSUER": "https://id.example"}),
        ("E008", {"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "atelier", "OIDC_CLIENT_SECRET": "secret"}),
        ("E009", {"OIDC_ONLY": True}),
    ],
)
def test_wrong_combinations_have_a_number(number: str, wrong: dict[str, Any], settings: Settings) -> None:
    before = found(settings)
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert f"atelier.{number}" in found(settings) - before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["redis://:word@redis.example.com/0", "redis://redis:6379/0", "redis://10.0.0.7/0", "unix:///run/redis"]
)
def test_a_guarded_redis_is_not_warned_of(address: str, settings: Settings) -> None:
    settings.REDIS_URL = address
    assert "atelier.W005" not in found(settings)


@pytest.mark.django_db
def test_a_policy_that_cannot_work_is_warned_of(settings: Settings) -> None:
    ProviderAccount.objects.create(name="fal", unknown_policy=ProviderAccount.Policy.RETRY, loss_budget_usd=0)
    assert "atelier.W007" in found(settings)


@pytest.mark.django_db
def test_what_is_checked_before_there_are_tables_asks_none() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE generations_provideraccount RENAME TO not_there_yet")
    checks.run_checks(databases=["default"])  # as `migrate` does


def test_every_number_is_explained() -> None:
    source = (BASE_DIR / "generations" / "checks.py").read_text(encoding="utf-8")
    guide = (BASE_DIR / "docs" / "operating.md").read_text(encoding="utf-8")
    numbers = set(re.findall(r"atelier\.([EW]\d{3})", source))
    assert len(numbers) == 16
    assert numbers == set(re.findall(r"^\| `([EW]\d{3})` \|", guide, re.MULTILINE))
