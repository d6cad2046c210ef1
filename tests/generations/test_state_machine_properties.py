"""Whatever vendors, storage, users, clocks and deaths do in whatever order, a generation ends once and ends right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import IO

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from pytest_django.fixtures import Settings

from accounts.models import Hold, User
from generations import fulfilment, submission, sweeping, upstream, verification
from generations.models import Attempt, Generation
from generations.providers.base import OutcomeUnknown, ProviderError, ProviderUnavailable, RequestRejected
from generations.types import Accepted, Finished, ImageRequest, Picture, Submission
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import png
from tests.generations.dying import Death, Killed, MortalProvider, MortalStorage
from tests.generations.steps import due_again, lease_over, take_steps

pytestmark = pytest.mark.django_db

MOMENT = dt.timedelta(milliseconds=1)
URL = "https://media/1"
WHICH = st.sampled_from([0, 1])
OUTCOMES: dict[str, Submission | ProviderError | Exception] = {
    "bytes": Finished([Picture(content=png()), Picture(content=png("gold"))]),
    "addresses": Finished([Picture(url=URL), Picture(content=png())]),
    "fewer": Finished([Picture(content=png())], withheld="The rest was held back."),
    "nothing": Finished([]),
    "no pictures": Finished([Picture(content=b"<html>"), Picture(content=b"")]),
    "accepted": Accepted("job-1", look_again=MOMENT),
    "busy": ProviderUnavailable("429", retry_after=MOMENT),
    "shut": ProviderUnavailable("bad key", passing=False),
    "rejected": RequestRejected("held back"),
    "unknown": OutcomeUnknown("read timed out"),
    "a bug": ValueError("a bug of ours in the client"),
}
PROVEN_REFUSALS = {"busy", "shut", "rejected"}


@dataclass
class Vendor(MortalProvider):
    """Does what is next on the script and, once that is over, what a healthy vendor does. Counts what it is paid."""

    script: list[str] = field(default_factory=list)
    obliged: bool = False  # it has, or may have, a job of ours
    paid_twice: int = 0

    def submit(self, request: ImageRequest, *, reference: str, callback: str | None) -> Submission:
        self.death.boundary("before submit")
        if self.obliged and not (self.repeatable and reference in self.references):
            self.paid_twice += 1
        self.references.append(reference)
        outcome = self.script.pop(0) if self.script else "bytes"
        self.obliged = outcome not in PROVEN_REFUSALS
        self.death.boundary("after submit")
        return _give(outcome)

    def poll(self, job: str, *, likely_over: bool = False) -> Submission:
        self.death.boundary("before poll")
        outcome = self.script.pop(0) if self.script else "bytes"
        if outcome in {"shut", "rejected"}:
            self.obliged = False
        self.death.boundary("after poll")
        return _give(outcome)

    def fetch(self, url: str, into: IO[bytes]) -> None:
        self.death.boundary("before fetch")
        outcome = self.script.pop(0) if self.script else "bytes"
        if isinstance(OUTCOMES[outcome], Exception):
            _give(outcome)
        into.write(png("plum"))


def _give(outcome: str) -> Submission:
    found = OUTCOMES[outcome]
    if isinstance(found, Exception):
        raise found
    return found


class TroubledStudio(RuleBasedStateMachine):
    """Two generations, each with a vendor of its own, and everything that may happen to them."""

    @initialize(repeatable=st.tuples(st.booleans(), st.booleans()))
    def open(self, repeatable: tuple[bool, bool]) -> None:
        self.start = transaction.savepoint()
        self.user: User = make_user(balance=100)
        self.vendors = {make_generation(self.user, count=2).pk: self.vendor(repeatable=kind) for kind in repeatable}

    def vendor(self, *, repeatable: bool) -> Vendor:
        return Vendor(repeatable=repeatable)

    def one(self, which: int) -> tuple[Generation, Vendor]:
        pk, vendor = list(self.vendors.items())[which]
        return Generation.objects.get(pk=pk), vendor

    @rule(
        which=WHICH,
        outcomes=st.lists(st.sampled_from(sorted(OUTCOMES)), max_size=4),
        death=st.one_of(st.none(), st.integers(0, 40)),
        full=st.sampled_from([0, 1]),
    )
    def step(self, which: int, outcomes: list[str], death: int | None, full: int) -> None:
        """A worker takes it up; it may die on the way, or find the disk full."""
        generation, vendor = self.one(which)
        vendor.script[:] = outcomes
        vendor.death = Death(at=-1 if death is None else death)
        FailingStorage.full = bool(full)
        try:
            with vendor.death.watching():
                take_steps(generation.pk, vendor)
        except Killed:
            pass
        finally:
            FailingStorage.full = False

    @rule(which=WHICH)
    def wait(self, which: int) -> None:
        """The time it was put off to has come."""
        due_again(self.one(which)[0])

    @rule(which=WHICH)
    def lose(self, which: int) -> None:
        """The worker that has it is taken for dead, rightly or not."""
        lease_over(self.one(which)[0])

    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        generation, vendor = self.one(which)
        submission.cancel(generation)
        upstream.cancel(generation.pk, vendor)

    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        Generation.objects.filter(pk=self.one(which)[0].pk).update(deadline=Now() - MOMENT)

    @rule()
    def sweep(self) -> None:
        for vendor in self.vendors.values():
            vendor.death = Death()
        sweeping.take(lambda lease: fulfilment.go_on(lease, self.vendors.get(lease.generation.pk, Vendor())))

    def teardown(self) -> None:
        if hasattr(self, "vendors"):
            try:
                self.let_it_run()
                self.everything_ended_right()
            finally:
                transaction.savepoint_rollback(self.start)

    def let_it_run(self) -> None:
        for pk, vendor in self.vendors.items():
            vendor.script, vendor.death = [], Death()
            for _ in range(8):
                generation = Generation.objects.get(pk=pk)
                lease_over(generation)
                due_again(generation)
                take_steps(pk, vendor)

    def everything_ended_right(self) -> None:
        assert [(finding.name, finding.breaches) for finding in verification.verify() if finding.breaches] == []
        for pk, vendor in self.vendors.items():
            generation = Generation.objects.get(pk=pk)
            hold = Hold.objects.get(generation=pk)
            images = generation.images.count()
            assert generation.is_finished
            assert hold.captured == images * generation.price
            assert (generation.status == "completed") <= (images > 0)
            assert not generation.attempts.filter(state__in=Attempt.OPEN).exists()
            assert vendor.paid_twice == 0
            assert generation.lease_token is None


class ResendingStudio(TroubledStudio):
    """The sabotage: a client says that repeating a request is free, and the vendor charges again."""

    def vendor(self, *, repeatable: bool) -> Vendor:
        return Vendor(repeatable=True, references=Forgetful())


class Forgetful(list[str]):
    """References that the vendor does not recognise."""

    def __contains__(self, reference: object) -> bool:
        return False


class FailingStorage(MortalStorage):
    """A disk that is full while ``full`` is set."""

    full = False

    def _boundary(self, name: str) -> None:
        if FailingStorage.full and name.startswith("before save"):
            raise OSError(28, "No space left on device")
        super()._boundary(name)


@pytest.fixture(autouse=True)
def studio(files: object, settings: Settings) -> None:
    backend = {"BACKEND": "tests.generations.test_state_machine_properties.FailingStorage"}
    settings.STORAGES = settings.STORAGES | {"default": settings.STORAGES["default"] | backend}
    make_catalogue()


TRIES = settings(
    max_examples=30, stateful_step_count=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def test_every_interleaving_ends_right() -> None:
    run_state_machine_as_test(TroubledStudio, settings=TRIES)


def test_it_would_be_seen_if_a_vendor_were_paid_twice() -> None:
    quick = settings(TRIES, phases=[Phase.generate], report_multiple_bugs=False, derandomize=True, max_examples=300)
    with pytest.raises(AssertionError, match="paid_twice"):
        run_state_machine_as_test(ResendingStudio, settings=quick)
