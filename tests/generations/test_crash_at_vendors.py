"""A worker dies at each step, with the real client of each vendor and an emulator that counts what it is paid."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from accounts.models import Hold
from config import embedded, studio
from config.embedded.places import NAME
from config.env import BASE_DIR
from generations import figures, verification
from generations.lost import LISTED_WITHIN
from generations.models import Attempt, Generation, Model, ProviderAccount, Route
from generations.providers import registry
from generations.providers.base import Provider
from tests.emulators.faults import Proceed
from tests.emulators.server import Reply
from tests.factories import make_catalogue, make_generation, make_user
from tests.generations.dying import Death, Killed, mortal
from tests.generations.steps import due_again, lease_over, take_steps
from tests.matrix import VENDORS, documented
from tests.patience import SECONDS, limited
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db

IMAGES = 2
FILES = 3  # of an image: its original and two thumbnails
PRICE = Decimal("0.04")
Policy = ProviderAccount.Policy


def stored(passed: list[str]) -> int:
    return sum(name in {"after save originals", "after save thumbnails"} for name in passed)


# Each says of all boundaries that were passed whether the last is where the worker dies.
POINTS: dict[str, Callable[[list[str]], bool]] = {
    "after the attempt's row": lambda passed: passed[-1] == "INSERT generations_attempt",
    "before the request is sent": lambda passed: passed[-1] == "before submit",
    "after the request is sent": lambda passed: passed[-1] == "after submit",
    "after acceptance": lambda passed: "after submit" in passed and passed[-1] == "UPDATE generations_attempt",
    "after a download": lambda passed: passed[-1] in {"after fetch", "after save spool"},
    "after storing": lambda passed: stored(passed) == IMAGES * FILES,
    "before settling": lambda passed: passed.count("INSERT generations_image") == IMAGES,
}
KINDS = [*VENDORS, "sketch"]
CELLS = [(kind, point) for kind in KINDS for point in POINTS if (kind, point) != ("sketch", "after a download")]


@dataclass
class Trial:
    """A generation with one route, the client of its vendor, and the vendor, where there is one outside."""

    generation: Generation
    client: Provider
    emulator: Any

    @property
    def paid(self) -> int:
        return len(self.emulator.paid) if self.emulator else 0

    def die(self, point: str) -> bool:
        """One worker, that comes as far as this; whether anybody can still know what the vendor made of it."""
        death = Death(when=POINTS[point])
        mortal(self.client, death)
        for _ in range(3):
            try:
                with death.watching():
                    self.step()
            except Killed:
                return self.is_known()
        pytest.fail(f"nobody died {point}: {death.passed}")

    def step(self) -> None:
        due_again(self.generation)
        take_steps(self.generation.pk, {self.client.name: self.client}.__getitem__)
        self.generation.refresh_from_db()

    def is_known(self) -> bool:
        """An answer that was lost is asked for again, or found in the vendor's list, where it has such."""
        sending = self.generation.attempts.get().state == "sending"
        return not sending or self.client.repeatable or (self.client.traceable and self.paid > 0)

    def go_on(self) -> None:
        """Other workers, until it has ended; what they look for in vain is not to be found later either."""
        lease_over(self.generation)
        for _ in range(4):
            self.step()
            if self.generation.is_finished:
                return
        self.generation.attempts.update(sent=F("sent") - LISTED_WITHIN)
        self.step()

    def run_out(self) -> None:
        """As if its time were over."""
        Generation.objects.filter(pk=self.generation.pk).update(deadline=Now())
        self.step()


@pytest.fixture
def trial(kind: str, settings: Settings, files: object) -> Iterator[Trial]:
    vendor, emulator = VENDORS.get(kind), None
    config: dict[str, Any] = {**settings.PROVIDERS[kind], "enabled": True}
    if vendor:
        emulator = vendor.start()
        config |= vendor.config(emulator)
    settings.PROVIDERS = {name: {**other, "enabled": False} for name, other in settings.PROVIDERS.items()}
    settings.PROVIDERS[kind] = config
    default = settings.STORAGES["default"] | {"BACKEND": "tests.generations.dying.MortalStorage"}
    settings.STORAGES = settings.STORAGES | {"default": default}
    module, _, builder = registry.CLIENTS[kind].rpartition(".")
    client = getattr(import_module(module), builder)(config)
    yield Trial(ordered(vendor.model if vendor else "sketch", kind), client, emulator)
    if emulator:
        client.close()
        emulator.stop()


def ordered(model: str, kind: str) -> Generation:
    """Two pictures of this model, with one route, to this provider."""
    make_catalogue()
    routes = Route.objects.filter(model=Model.objects.get(slug=model))
    routes.exclude(pk=routes.filter(provider=kind).order_by("priority")[0].pk).delete()
    routes.update(cost_usd=PRICE)
    return make_generation(make_user(balance=100), model=model, count=IMAGES)


def once(kind: str) -> int:
    """How many paid calls an order of two pictures takes."""
    return int(documented()[kind, "no fault"].paid_there) if kind in VENDORS else 0


def check(trial: Trial, *, images: int) -> None:
    """The images that there are, the money for them, and sound books."""
    generation = trial.generation
    assert list(generation.images.order_by("position").values_list("position", flat=True)) == list(range(images))
    hold = Hold.objects.get(generation=generation.pk)
    assert hold.captured == images * generation.price
    assert hold.released == hold.amount - hold.captured
    assert [finding for finding in verification.verify() if finding.breaches] == []


@pytest.mark.parametrize(("kind", "point"), CELLS)
def test_it_ends_in_one_set_of_images_one_charge_and_one_paid_order(trial: Trial, kind: str, point: str) -> None:
    account(kind, Policy.FAIL)
    known = trial.die(point)
    trial.go_on()
    ended = (trial.generation.status, trial.generation.error_code)
    assert ended == (("completed", "") if known else ("failed", "outcome_unknown"))
    assert trial.paid == once(kind) or (trial.paid == 0 and point == "before the request is sent" and not known)
    assert at_risk(kind) == ((0, 0) if known else (1, IMAGES * PRICE))
    assert trial.generation.attempts.count() == 1
    check(trial, images=IMAGES if known else 0)


@pytest.mark.parametrize("kind", ["openai"])
def test_it_would_be_seen_if_what_was_lost_were_sent_again(trial: Trial, kind: str) -> None:
    trial.client.repeatable = True
    trial.die("after the request is sent")
    trial.go_on()
    assert trial.paid == 2 * once(kind)


SYNCHRONOUS = ["aimlapi", "openai", "google"]


@pytest.mark.parametrize("kind", SYNCHRONOUS)
@pytest.mark.parametrize("point", ["before the request is sent", "after the request is sent"])
def test_what_cannot_be_known_is_sent_again_within_the_loss_budget(trial: Trial, kind: str, point: str) -> None:
    account(kind, Policy.RETRY, budget=IMAGES * PRICE)
    trial.die(point)
    sent = trial.paid
    trial.go_on()
    assert trial.generation.status == "completed"
    assert trial.paid == sent + once(kind)
    assert states(trial) == [("abandoned", IMAGES * PRICE), ("delivered", None)]
    assert at_risk(kind) == (1, IMAGES * PRICE)
    check(trial, images=IMAGES)


@pytest.mark.parametrize("kind", SYNCHRONOUS)
@pytest.mark.parametrize("policy", [Policy.RETRY, Policy.WAIT])
def test_beyond_the_budget_and_where_no_news_can_come_it_fails(trial: Trial, kind: str, policy: Policy) -> None:
    account(kind, policy, budget=IMAGES * PRICE - Decimal("0.01"))
    trial.die("after the request is sent")
    trial.go_on()
    assert (trial.generation.status, trial.generation.error_code) == ("failed", "outcome_unknown")
    assert trial.paid == once(kind)
    assert states(trial) == [("abandoned", IMAGES * PRICE)]
    check(trial, images=0)


@pytest.mark.parametrize("kind", ["fal"])
def test_where_news_can_come_it_is_waited_for_until_the_deadline(trial: Trial, kind: str) -> None:
    account(kind, Policy.WAIT)
    trial.die("before the request is sent")
    trial.go_on()
    assert (trial.generation.status, states(trial)) == ("running", [("unknown", IMAGES * PRICE)])
    trial.run_out()
    assert (trial.generation.status, trial.generation.error_code) == ("failed", "outcome_unknown")
    assert trial.paid == 0
    check(trial, images=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "boundary"), [("fal", "after submit"), ("apiframe", "after fetch")])
def test_a_process_that_is_killed_leaves_no_other_mark(
    trial: Trial, kind: str, boundary: str, tmp_path: Path, settings: Settings
) -> None:
    command = [sys.executable, "-m", "tests.generations.doomed", str(trial.generation.pk), boundary]
    worker = subprocess.run(command, cwd=BASE_DIR, env=elsewhere(trial, settings, tmp_path), check=False, timeout=300)  # noqa: S603
    assert worker.returncode == -signal.SIGKILL
    trial.go_on()
    assert trial.generation.status == "completed"
    assert trial.paid == once(kind)
    check(trial, images=IMAGES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["openai"])
def test_a_worker_that_is_asked_to_stop_ends_the_call_that_it_is_at(
    trial: Trial, kind: str, tmp_path: Path, settings: Settings
) -> None:
    options = {"location": tmp_path / "media"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": options}}
    asked_to_stop = Event()

    def painting(proceed: Proceed) -> Reply:
        asked_to_stop.wait(SECONDS)
        return proceed()

    trial.emulator.faults.add("submit", painting)
    log = tmp_path / "worker.log"
    with log.open("wb") as said:
        command = [sys.executable, "-m", *studio.WORKER]
        environment = elsewhere(trial, settings, tmp_path)
        worker = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=said, stderr=said)  # noqa: S603
    with limited(worker):
        eventually(lambda: trial.emulator.calls("submit"), SECONDS)
        worker.send_signal(signal.SIGTERM)
        eventually(lambda: "Warm shutdown" in log.read_text(), SECONDS)
        asked_to_stop.set()
        assert worker.wait() == 0
    assert trial.paid == once(kind)
    assert [state for state, _ in states(trial)] in (["ready"], ["delivered"])
    trial.generation.refresh_from_db()
    if not trial.generation.is_finished:
        trial.step()
    assert trial.generation.status == "completed"
    assert trial.paid == once(kind)
    check(trial, images=IMAGES)


def elsewhere(trial: Trial, settings: Settings, var: Path) -> dict[str, str]:
    """What a process is given that works in the same studio, with settings of the product's own."""
    shared = {
        "DATABASE_URL": embedded.database_url(settings.VAR).replace(
            f"@/{NAME}?", f"@/{connection.settings_dict['NAME']}?"
        ),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "of a worker that is to die",
        "ATELIER_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    vendor = dict(word.split("=", 1) for word in trial.emulator.environment().split())
    return {**os.environ, **shared, **vendor}


def account(kind: str, policy: Policy, budget: Decimal = Decimal(0)) -> None:
    defaults = {"unknown_policy": policy, "loss_budget_usd": budget}
    ProviderAccount.objects.update_or_create(name=kind, defaults=defaults)


def at_risk(kind: str) -> tuple[int, Decimal]:
    """How many orders the admin shows as unknown, and what they may have cost."""
    told = figures.by_provider([kind], dt.timedelta(days=1))[kind]
    return told.unknown, told.at_risk


def states(trial: Trial) -> list[tuple[str, Decimal | None]]:
    return list(Attempt.objects.filter(generation=trial.generation).values_list("state", "at_risk_usd"))
