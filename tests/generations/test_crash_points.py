"""A worker may die between any two things it does: what follows is one set of images, one charge, one paid job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from accounts.models import Hold, User
from generations import verification
from generations.models import Generation
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import accepted, finished, png
from tests.generations.dying import Death, Killed, MortalProvider
from tests.generations.steps import due_again, lease_over, take_steps

pytestmark = pytest.mark.django_db

IMAGES = 2
URLS = {f"https://media/{number}": png(size=(64 + number, 48)) for number in range(IMAGES)}
MADE = Finished([Picture(url=url) for url in URLS])
Making = Callable[[Death], MortalProvider]


@pytest.fixture(autouse=True)
def storage(files: object, settings: Settings) -> None:
    default = settings.STORAGES["default"] | {"BACKEND": "tests.generations.dying.MortalStorage"}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=1000)


@dataclass
class Run:
    """One generation whose worker died at one boundary, and how it ended."""

    boundary: str
    state: str  # of the attempt, when the worker died
    generation: Generation
    provider: MortalProvider


def runs(alice: User, making: Making) -> Iterator[Run]:
    """One run for each boundary there is, until one comes through alive."""
    number = 0
    while True:
        death = Death(at=number)
        run = one(make_generation(alice, count=IMAGES), death, making(death))
        if not death.struck:
            assert run.generation.status == "completed"
            return
        yield run
        number += 1


def one(generation: Generation, death: Death, provider: MortalProvider) -> Run:
    state = ""
    for _ in range(9):
        try:
            with death.watching():
                take_steps(generation.pk, provider)
        except Killed:
            last = generation.attempts.last()
            state = last.state if last else ""
        lease_over(generation)
        due_again(generation)
        generation.refresh_from_db()
        if generation.is_finished:
            break
    return Run(death.passed[death.at] if death.struck else "", state, generation, provider)


def lost(run: Run) -> bool:
    """Whether nobody can know any more what the vendor made of it."""
    return run.state == "sending" and not run.provider.repeatable


def check(run: Run) -> None:
    """What must be true whenever the worker died."""
    generation, images = run.generation, run.generation.images.count()
    hold = Hold.objects.get(generation=generation.pk)
    assert (generation.status, images) == (("failed", 0) if lost(run) else ("completed", IMAGES)), run
    assert generation.error_code == ("outcome_unknown" if lost(run) else "")
    assert (hold.captured, hold.released) == (images * generation.price, hold.amount - images * generation.price)
    assert run.provider.paid <= 1, run
    assert set(run.provider.polled) <= {"job-1"}


def repeatable(death: Death) -> MortalProvider:
    return MortalProvider([finished(IMAGES)], repeatable=True, death=death)


def synchronous(death: Death) -> MortalProvider:
    return MortalProvider([finished(IMAGES)], death=death)


def synchronous_with_addresses(death: Death) -> MortalProvider:
    return MortalProvider([MADE], files=dict(URLS), death=death)


def queue(death: Death) -> MortalProvider:
    return MortalProvider([accepted()], polls=[accepted(), MADE], files=dict(URLS), death=death)


def repeatable_queue(death: Death) -> MortalProvider:
    return MortalProvider([accepted()], polls=[finished(IMAGES)], repeatable=True, death=death)


ALL = [
    repeatable,
    synchronous,
    synchronous_with_addresses,
    queue,
    repeatable_queue,
]
# What the sweep over every boundary must have come past, wherever else it came.
PASSED = {
    "INSERT generations_attempt",
    "UPDATE generations_attempt",
    "before submit",
    "after submit",
    "before save originals",
    "after save originals",
    "after save thumbnails",
    "INSERT generations_image",
    "INSERT accounts_entry",
    "UPDATE generations_generation",
    "RELEASE SAVEPOINT",
}


@pytest.mark.parametrize("making", ALL)
def test_death_at_any_boundary_ends_in_one_set_of_images_and_one_charge(alice: User, making: Making) -> None:
    boundaries = []
    for run in runs(alice, making):
        check(run)
        boundaries.append(run.boundary)
    assert set(boundaries) >= PASSED
    assert [finding for finding in verification.verify() if finding.breaches] == []


@pytest.mark.parametrize("making", ALL)
def test_an_attempt_that_made_pictures_is_never_called_abandoned(alice: User, making: Making) -> None:
    run = one(make_generation(alice, count=IMAGES), Death(), making(Death()))
    assert list(run.generation.attempts.values_list("state", flat=True)) == ["delivered"]


def test_it_would_be_seen_if_an_unknown_outcome_were_sent_again(alice: User) -> None:
    death = Death()
    one(make_generation(alice, count=IMAGES), death, synchronous(death))
    death = Death(at=death.passed.index("after submit"))
    liar = synchronous(death)
    liar.repeatable = True
    run = one(make_generation(alice, count=IMAGES), death, liar)
    assert len(run.provider.references) == 2
    liar.repeatable = False
    with pytest.raises(AssertionError):
        check(run)


def test_it_would_be_seen_if_money_were_taken_for_an_image_that_is_not_there(alice: User) -> None:
    generation = make_generation(alice, count=IMAGES)
    provider = queue(Death())
    run = one(generation, Death(), provider)
    image = run.generation.images.all()[0]
    with transaction.atomic():
        image.delete()
    with pytest.raises(AssertionError):
        check(run)
