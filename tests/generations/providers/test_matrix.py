"""docs/providers.md says of every vendor and every fault what it comes to, and it is so."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from accounts.models import Wallet
from generations.models import Generation, Model, Route
from generations.providers import registry
from generations.providers.base import Provider, ProviderError
from generations.providers.http import HttpProvider
from tests import matrix
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.providers.contract import SLOW
from tests.generations.steps import take_steps
from tests.matrix import CELLS, PROMPT, VENDORS, Seen, all_faults

ROUNDS = 6  # steps in which whatever passes has passed
BALANCE = 1000


@dataclass(slots=True)
class Notes:
    """What was asked of a client, and what it raised."""

    calls: Counter[str] = field(default_factory=Counter)
    raised: list[ProviderError] = field(default_factory=list)


Trial = tuple[Any, HttpProvider, Notes]


@pytest.fixture
def trial(settings: Settings, request: pytest.FixtureRequest, files: Path) -> Iterator[Trial]:
    """A vendor's emulator, its client, and notes of the client's work."""
    name = request.getfixturevalue("vendor")
    emulator = VENDORS[name].start()
    config = {**settings.PROVIDERS[name], **VENDORS[name].config(emulator), "enabled": True}
    settings.PROVIDERS = {**settings.PROVIDERS, name: config}
    module, _, builder = registry.CLIENTS[name].rpartition(".")
    client = getattr(import_module(module), builder)(config)
    yield emulator, client, noting(client)
    client.close()
    emulator.stop()


def noting(client: HttpProvider) -> Notes:
    """Takes notes from now on; whoever was hasty once is patient afterwards."""
    notes, patience = Notes(), client.call_limit

    def noted(name: str, call: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            notes.calls[name] += 1
            try:
                return call(*args, **kwargs)
            except ProviderError as error:
                notes.raised.append(error)
                client.call_limit = patience
                raise

        return wrapped

    for name in ("submit", "poll", "find", "fetch"):
        setattr(client, name, noted(name, getattr(client, name)))
    return notes


@pytest.mark.django_db
@pytest.mark.parametrize(("vendor", "fault"), CELLS)
def test_a_fault_comes_to_what_is_documented(trial: Trial, vendor: str, fault: str) -> None:
    emulator, client, notes = trial
    all_faults(vendor)[fault](emulator)
    if fault in SLOW:
        client.call_limit = dt.timedelta(seconds=1.5)
    generation = submitted(vendor)
    follow(generation, vendor, client)
    seen = looked_at(generation, emulator, notes)
    if path := os.environ.get(matrix.WRITES_TO):
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(json.dumps([vendor, fault, *astuple(seen)]) + "\n")
    else:
        assert matrix.documented().get((vendor, fault)) == seen


def test_the_table_has_no_other_rows() -> None:
    if not os.environ.get(matrix.WRITES_TO):
        assert set(matrix.documented()) == set(CELLS)


def submitted(vendor: str) -> Generation:
    """Two pictures of the vendor's model, with one route to it and another to somebody else."""
    make_catalogue()
    model = Model.objects.get(slug=VENDORS[vendor].model)
    first = Route.objects.filter(model=model, provider=vendor).order_by("priority")[0]
    Route.objects.filter(model=model).exclude(pk=first.pk).delete()
    Route.objects.create(model=model, provider="sketch", priority=900, resolutions=["1K"], formats=["png"])
    return make_generation(make_user(balance=BALANCE), model=model.slug, prompt=PROMPT, count=2)


def follow(generation: Generation, vendor: str, client: Provider) -> None:
    """Take every step there is; what then still waits for news waits in vain."""
    somebody_else = FakeProvider([finished(2)])
    rounds = 0
    while generation.status in {"queued", "running"}:
        changes = {"next_step_at": Now() - dt.timedelta(seconds=1)}
        if rounds >= ROUNDS:
            changes["deadline"] = Now() - dt.timedelta(seconds=1)
        Generation.objects.filter(pk=generation.pk).update(**changes)
        take_steps(generation.pk, lambda name: client if name == vendor else somebody_else)
        generation.refresh_from_db()
        rounds += 1
        assert rounds <= ROUNDS + 2


def looked_at(generation: Generation, emulator: Any, notes: Notes) -> Seen:
    """What can be seen afterwards."""
    first = generation.attempts.order_by("number")[0]
    delivered = generation.images.count()
    wallet = Wallet.objects.get(user=generation.user)
    assert (wallet.posted, wallet.held) == (BALANCE - delivered * generation.price, 0)
    error = notes.raised[0] if notes.raised else None
    return Seen(
        error=f"`{type(error).__name__}` {error.code}" if error else "none",
        asked_next=asked_next(generation, notes),
        paid_there=str(len(emulator.paid)),
        charged=f"{delivered} of 2",
        recorded=f"{coded(first.state, first.error_code)}; {coded(generation.status, generation.error_code)}",
    )


def asked_next(generation: Generation, notes: Notes) -> str:
    """Who was asked after the first answer, and for what."""
    if generation.attempts.count() > 1:
        return "another route"
    if notes.calls["submit"] > 1:
        return "the same, under the same key"
    if notes.calls["find"]:
        return "the same, for what became of it"
    return "the same, for the picture" if notes.calls["fetch"] > 2 else "nobody"


def coded(state: str, code: str) -> str:
    """A state with its code, where there is one."""
    return f"{state} ({code})" if code else state
