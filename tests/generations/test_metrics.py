"""`/metrics`: who may read it, and that its figures are those of what was done."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import redis as redis_library
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import redis
from accounts.models import User
from accounts.telemetry import counts
from accounts.telemetry.counts import Carrier
from generations import heartbeat, submission, verification
from generations.metrics import asked
from generations.models import Attempt, Delivery, Export, Generation, Image, LedgerCheck, Model, ProviderAccount
from generations.providers import registry
from generations.providers.base import ProviderUnavailable
from generations.providers.watched import watched
from generations.types import Accepted
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
Key = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture(autouse=True)
def anew(settings: Settings) -> Iterator[None]:
    """Nothing that others counted or asked."""
    settings.METRICS_NETWORKS = ["127.0.0.0/8"]
    redis.client().delete(counts.SUMS, counts.PROCESSES, heartbeat.KEY)
    counts.carrier.carry()
    redis.client().delete(counts.SUMS)
    asked.often.forget()
    asked.seldom.forget()
    yield
    asked.often.forget()
    asked.seldom.forget()


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model) -> User:
    return make_user(balance=100)


def told(client: Client | None = None, **headers: str) -> Mapping[Key, float]:
    """Every figure by its name and labels."""
    asked.often.forget()
    asked.seldom.forget()
    answer = (client or Client()).get("/metrics", headers=headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def key(name: str, **labels: str) -> Key:
    return f"atelier_{name}", frozenset(labels.items())


@contextmanager
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redis is, and comes back."""
    with monkeypatch.context() as patch:
        nobody = redis_library.Redis(unix_socket_path="/nowhere/redis.sock", socket_timeout=1)
        patch.setattr(redis, "_quiet_until", 0.0)
        patch.setattr(redis, "client", lambda: nobody)
        yield


# Who may read it


def test_it_is_there_for_those_who_are_near() -> None:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")


@pytest.mark.parametrize("address", ["192.0.2.1", ""])
def test_for_others_there_is_nothing(address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_a_proxy_hands_on_is_not_near(header: str) -> None:
    assert Client().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "status"), [("Bearer right", 200), ("bearer right", 200), ("Bearer wrong", 401), ("right", 401), ("", 401)]
)
def test_with_a_token_it_is_there_from_anywhere(settings: Settings, sent: str, status: int) -> None:
    settings.METRICS_TOKEN = "right"
    answer = Client(REMOTE_ADDR="192.0.2.1").get("/metrics", headers={"Authorization": sent})
    assert answer.status_code == status
    assert (status == 401) == (answer.get("WWW-Authenticate") == "Bearer")


def test_without_a_token_an_empty_one_opens_nothing() -> None:
    answer = Client(REMOTE_ADDR="192.0.2.1").get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


# What is counted


def test_a_submit_and_its_ending_are_counted(
    alice: User, files: object, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        generation = make_generation(alice)
        take_steps(generation.pk)
    figures = told()
    assert figures[key("submits_total", source="api", result="accepted")] == 1
    assert figures[key("endings_total", status="completed", code="", model="sketch", provider="sketch")] == 1
    assert figures[key("generation_seconds_count", model="sketch", status="completed")] == 1
    assert figures[key("vendor_calls_total", provider="sketch", kind="submit", result="finished")] == 1
    assert figures[key("vendor_call_seconds_count", provider="sketch", kind="submit")] == 1


def test_what_is_submitted_again_and_cancelled_is_counted_as_that(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    entrance = submission.Entrance(Generation.Source.WEB, idempotency_key="one")
    with django_capture_on_commit_callbacks(execute=True):
        generation = submission.submit(alice, make_order(), entrance).generation
        submission.submit(alice, make_order(), entrance)
        submission.cancel(generation)
    figures = told()
    assert figures[key("submits_total", source="web", result="accepted")] == 1
    assert figures[key("submits_total", source="web", result="replayed")] == 1
    assert figures[key("endings_total", status="cancelled", code="cancelled", model="sketch", provider="")] == 1


def test_an_ending_that_is_rolled_back_is_not_counted(alice: User) -> None:
    generation = make_generation(alice)
    submission.cancel(generation)  # in the test's transaction, which is never committed
    assert not any(name == "atelier_endings_total" for name, _ in told())


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Accepted("job"), "accepted"),
        (ProviderUnavailable("no", code="busy"), "busy"),
        (ProviderUnavailable("gone", code="job_lost", passing=False), "job_lost"),
    ],
)
def test_a_call_to_a_vendor_is_counted_by_what_came_of_it(outcome: Any, result: str) -> None:
    provider = watched(FakeProvider(polls=[outcome]))
    with pytest.raises(type(outcome)) if isinstance(outcome, Exception) else nullcontext():
        provider.poll("job")
    assert told()[key("vendor_calls_total", provider="sketch", kind="poll", result=result)] == 1


def test_a_watched_provider_is_in_all_else_the_provider() -> None:
    sketch = registry.provider("sketch")
    assert (sketch.name, sketch.draws, sketch.repeatable, sketch.trained) == ("sketch", True, True, False)


def test_several_processes_are_summed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "GONE_AFTER", 600)  # for the second to start on a machine with other work
    program = """
import sys
import django; django.setup()
from accounts.telemetry import counts
counts.REQUESTS.labels("GET", "create", "200").inc(int(sys.argv[1]))
counts.REQUEST_SECONDS.labels("create").observe(0.02)
counts.carrier.start(sys.argv[2])
"""
    for number, name in ((3, "web"), (4, "worker")):
        subprocess.run([sys.executable, "-c", program, str(number), name], check=True, timeout=240)  # noqa: S603
    counts.REQUESTS.labels("GET", "create", "200").inc()
    figures = told()
    assert figures[key("requests_total", method="GET", route="create", status="200")] == 8
    assert figures[key("request_seconds_bucket", route="create", le="0.025")] == 2
    assert figures[key("request_seconds_bucket", route="create", le="0.01")] == 0
    assert (figures[key("processes", program="web")], figures[key("processes", program="worker")]) == (1, 1)
    memory = [value for (name, _), value in figures.items() if name == "atelier_process_memory_bytes"]
    assert len(memory) == 2
    assert min(memory) > 10_000_000


def test_what_could_not_be_carried_is_carried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    counts.TASKS.labels("sweep", "done").inc(5)
    with away(monkeypatch):
        counts.carrier.carry()
    assert told()[key("tasks_total", task="sweep", result="done")] == 5
    assert told()[key("tasks_total", task="sweep", result="done")] == 5, "and once"


def test_what_an_earlier_version_counted_is_left_out() -> None:
    redis.client().hincrbyfloat(counts.SUMS, '["atelier_forgotten_total", {}]', 3)
    assert key("forgotten_total") not in told()


def test_a_process_that_fell_silent_is_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = Carrier()
    carrier._program = "web"
    carrier.carry()
    assert told()[key("processes", program="web")] == 1
    monkeypatch.setattr(counts, "GONE_AFTER", -1)
    assert told()[key("processes", program="web")] == 0
    assert not redis.client().hlen(counts.PROCESSES)


# What the database says


def test_what_waits_is_told_by_its_next_step(alice: User) -> None:
    states = [None, *Attempt.OPEN]
    for state in states:
        generation = make_generation(alice)
        if state:
            Attempt.objects.create(generation=generation, number=1, provider="sketch", state=state, seed=1)
    moments = {"next_step_at": Now(), "status": "running"}
    Generation.objects.update(**moments)
    figures = told()
    steps = {"plan": 1, "send": 2, "poll": 1, "deliver": 1, "trace": 1}
    for step, number in steps.items():
        assert figures[key("generations_unfinished", step=step)] == number
        assert figures[key("generations_due", step=step)] == number
    assert figures[key("provider_in_flight", provider="sketch")] == 4
    assert figures[key("oldest_due_seconds")] >= 0
    assert figures[key("credits", kind="held")] == len(states) * 1 * generation.price
    assert figures[key("credits", kind="posted")] == 100


def test_leases_are_held_or_expired_and_what_is_held_is_not_due(alice: User) -> None:
    held, expired, later = (make_generation(alice) for _ in range(3))
    second = dt.timedelta(seconds=60)
    Generation.objects.filter(pk=held.pk).update(lease_until=Now() + second)
    Generation.objects.filter(pk=expired.pk).update(lease_until=Now() - second, next_step_at=Now() - 2 * second)
    Generation.objects.filter(pk=later.pk).update(next_step_at=Now() + second)
    figures = told()
    assert figures[key("leases", state="held")] == figures[key("leases", state="expired")] == 1
    assert figures[key("generations_due", step="plan")] == 1
    assert 120 <= figures[key("oldest_due_seconds")] < 600


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "closed"),
        ({"enabled": False}, "off"),
        ({"breaks": 1, "resume_at": 60}, "open"),
        ({"breaks": 1, "resume_at": -60}, "half-open"),
        ({"resume_at": 60}, "paused"),
    ],
)
def test_a_circuit_is_in_one_state(values: dict[str, int], state: str) -> None:
    given: dict[str, object] = dict(values)
    if "resume_at" in values:
        given["resume_at"] = timezone.now() + dt.timedelta(seconds=values["resume_at"])
    if given:
        account = ProviderAccount.objects.create(name="sketch", balance=7, balance_unit="USD", **given)
        assert ProviderAccount.objects.current().get(pk=account.pk).circuit.value == state or state == "off"
    figures = told()
    circuits = {dict(labels)["state"]: value for (name, labels), value in figures.items() if "circuit" in name}
    assert {name for name, value in circuits.items() if value} == {state}
    assert len(circuits) == 5
    assert not given or figures[key("provider_balance", provider="sketch", unit="USD")] == 7


def test_messages_archives_and_what_is_to_be_erased_are_told(alice: User, files: object) -> None:
    generation = make_generation(alice, count=2)
    take_steps(generation.pk)
    hour = dt.timedelta(hours=1)
    for kind, event in (("push", "completed"), ("fal", "completed"), ("fal", "failed")):
        Delivery.objects.create(user=alice, generation=generation, format=kind, event=event)
    Delivery.objects.filter(event="failed").update(next_try_at=Now() - hour)
    Export.objects.create(user=alice, total=1)
    first = Image.objects.order_by("position")[0]
    bytes_left = sum(Image.objects.exclude(pk=first.pk).values_list("size", flat=True))
    Image.objects.filter(pk=first.pk).trash()
    Image.objects.filter(pk=first.pk).delete_for_good()
    figures = told()
    assert figures[key("deliveries_pending", format="fal")] == 2
    assert figures[key("deliveries_pending", format="push")] == 1
    assert figures[key("deliveries_pending", format="standard")] == 0
    assert 3600 <= figures[key("oldest_delivery_seconds")] < 7200
    assert (figures[key("exports", status="queued")], figures[key("exports", status="running")]) == (1, 0)
    assert figures[key("oldest_export_seconds")] >= 0
    assert (figures[key("pictures")], figures[key("storage_bytes")]) == (1, bytes_left)
    assert figures[key("erasing_backlog")] == 1


def test_the_last_look_through_the_books_is_told(model: Model) -> None:
    assert told()[key("ledger_check_timestamp_seconds")] == 0
    verification.report()
    figures = told()
    assert figures[key("ledger_check_breaches")] == 0
    assert figures[key("ledger_check_timestamp_seconds")] == pytest.approx(timezone.now().timestamp(), abs=600)
    LedgerCheck.objects.create(seconds=1, broken={"L1": {"breaches": 2}, "L7": {"breaches": 1}})
    assert told()[key("ledger_check_breaches")] == 3


def test_heartbeats_are_told_and_nobody_knows_of_those_that_never_were(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told()[key("heartbeat_age_seconds", program="worker")] == math.inf
    monkeypatch.setattr(heartbeat, "_said", 0.0)
    heartbeat.beat()
    beat = Carrier()
    beat._program = "beat"
    beat.progress("beat")
    beat.carry()
    figures = told()
    assert 0 <= figures[key("heartbeat_age_seconds", program="worker")] < 60
    assert 0 <= figures[key("heartbeat_age_seconds", program="beat")] < 60


# What it costs, and what is left of it while a part is away


def test_it_takes_two_statements_however_much_there_is(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        make_generation(alice)
        asked.often.forget()
        asked.seldom.forget()
        with django_assert_num_queries(8):  # each in a transaction with a limit of time: a savepoint's in a test
            Client().get("/metrics")
    with django_assert_num_queries(0):
        Client().get("/metrics")


def test_sums_that_take_too_long_are_told_as_they_were_and_not_asked_for_at_once_again(alice: User) -> None:
    asked_for = 0

    def too_long(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        nonlocal asked_for
        if "accounts_wallet" not in sql:
            return execute(sql, params, many, context)
        asked_for += 1
        raise OperationalError("canceling statement due to statement timeout")

    before = told()
    asked.seldom.forget()
    with connection.execute_wrapper(too_long):
        for _ in range(2):
            answer = Client().get("/metrics").content.decode()
            assert 'atelier_up{part="database"} 1.0' in answer
            assert f'atelier_credits{{kind="posted"}} {before[key("credits", kind="posted")]}' in answer
    assert asked_for == 1


def test_without_the_database_the_rest_is_told() -> None:
    counts.TASKS.labels("sweep", "done").inc()

    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        figures = told()
    assert (figures[key("up", part="database")], figures[key("up", part="redis")]) == (0, 1)
    assert figures[key("tasks_total", task="sweep", result="done")] == 1
    assert key("leases", state="held") not in figures


def test_without_redis_the_rest_is_told(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    with away(monkeypatch):
        figures = told()
    assert (figures[key("up", part="database")], figures[key("up", part="redis")]) == (1, 0)
    assert figures[key("leases", state="held")] == 0
