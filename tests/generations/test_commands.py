"""The commands around generations: the catalogue, the sweeper, one picture, a whole gallery."""

from __future__ import annotations

import datetime as dt
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import PIL.Image
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from accounts.models import User, Wallet
from generations import cataloguing, exports
from generations.management.commands import generate
from generations.models import Generation, Image, Model, Route
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import lease_over, take_steps

CATALOGUE = """
[[models]]
slug = "imagen-4"
name = "{name}"
ratios = ["1:1"]
resolutions = ["1K"]
formats = ["png"]
price_1k = {price}
price_2k = 10

  [[models.routes]]
  provider = "sketch"
  cost_usd = {cost}
  resolutions = ["1K"]
  formats = ["png"]
"""


def run(*words: str) -> str:
    """What a command prints."""
    printed = io.StringIO()
    call_command(*words, stdout=printed)
    return printed.getvalue()


@pytest.fixture
def alice(db: None, files: Path) -> User:
    make_catalogue()
    return make_user(email="alice@example.com", balance=100)


@pytest.mark.django_db
def test_the_shipped_catalogue_is_written_once() -> None:
    assert run("synccatalogue") != "0 rows written\n"
    assert run("synccatalogue") == "0 rows written\n"
    assert Model.objects.filter(slug="sketch").exists()
    for model in Model.objects.all():
        assert model.routes.exists(), f"nothing serves {model}"


@pytest.mark.django_db
def test_new_shipped_values_arrive_and_edited_ones_stay(tmp_path: Path) -> None:
    shipped = tmp_path / "catalogue.toml"

    def ship(name: str, price: int, cost: float) -> int:
        shipped.write_text(CATALOGUE.format(name=name, price=price, cost=cost))
        return cataloguing.sync(shipped)

    assert ship("Imagen 4", 7, 0.04) == 2
    Model.objects.update(price_1k=9)
    Route.objects.update(priority=3)
    assert ship("Imagen Four", 8, 0.05) == 2
    model, route = Model.objects.get(), Route.objects.get()
    assert (model.name, model.price_1k) == ("Imagen Four", 9)
    assert (str(route.cost_usd), route.priority) == ("0.0500", 3)
    assert ship("Imagen Four", 8, 0.05) == 0
    assert ship("Imagen 5", 8, 0.05) == 1
    assert Model.objects.get().price_1k == 9, "an edit outlives every later version"


@pytest.mark.django_db
def test_a_removed_alias_and_a_taken_back_edit_follow_the_shipped_value_again(tmp_path: Path) -> None:
    shipped = tmp_path / "catalogue.toml"
    shipped.write_text(CATALOGUE.format(name="Imagen 4", price=7, cost=0.04))
    cataloguing.sync(shipped)
    Model.objects.update(price_1k=9)
    Model.objects.update(price_1k=7)
    shipped.write_text(CATALOGUE.format(name="Imagen 4", price=8, cost=0.04))
    cataloguing.sync(shipped)
    assert Model.objects.get().price_1k == 8


LIFE = """
[[models]]
slug = "imagen-4"
name = "Imagen 4"
status = "deprecated"
retires = 2026-08-17
successor = "{successor}"
ratios = ["1:1"]
resolutions = ["1K"]
formats = ["png"]
price_1k = 7
price_2k = 10

[[models]]
slug = "gemini"
name = "Gemini"
ratios = ["1:1"]
resolutions = ["1K"]
formats = ["png"]
price_1k = 12
price_2k = 18
"""


@pytest.mark.django_db
def test_the_end_of_a_model_is_shipped_and_an_edited_successor_stays(tmp_path: Path) -> None:
    shipped = tmp_path / "catalogue.toml"
    shipped.write_text(LIFE.format(successor="gemini"))
    cataloguing.sync(shipped)
    model = Model.objects.get(slug="imagen-4")
    assert (model.status, model.retires, model.successor) == (
        "deprecated",
        dt.date(2026, 8, 17),
        Model.objects.get(slug="gemini"),
    )
    assert cataloguing.sync(shipped) == 0
    Model.objects.update(successor=None)
    shipped.write_text(LIFE.format(successor="imagen-4"))
    cataloguing.sync(shipped)
    assert Model.objects.get(slug="imagen-4").successor is None, "an admin took it away"


@pytest.mark.django_db
def test_a_new_successor_arrives(tmp_path: Path) -> None:
    shipped = tmp_path / "catalogue.toml"
    for successor in ("gemini", "imagen-4"):
        shipped.write_text(LIFE.format(successor=successor))
        cataloguing.sync(shipped)
        model = Model.objects.select_related("successor").get(slug="imagen-4")
        assert model.successor
        assert model.successor.slug == successor


@pytest.mark.django_db
def test_no_two_shipped_models_share_a_name() -> None:
    cataloguing.sync()
    names = [name for model in Model.objects.all() for name in (model.slug, *model.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_what_an_own_server_honours_is_said_in_the_environment(settings: Settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"openai": {"honours": {"honours_seed": False}}}
    cataloguing.sync()
    route = Route.objects.get(provider="openai")
    assert (route.honours_seed, route.honours_negative_prompt) == (False, True)
    settings.PROVIDERS = settings.PROVIDERS | {"openai": {"honours": {"honours_seed": True}}}
    assert cataloguing.sync() == 1
    route.refresh_from_db()
    assert route.honours_seed


def test_sweeping_says_how_many_were_due_and_leaves_them_to_a_worker(alice: User) -> None:
    make_generation(alice)
    assert run("sweep") == "1 generations, 0 messages and 0 exports were due\n"
    assert Generation.objects.get().status == "queued"


def test_sweeping_inline_needs_neither_worker_nor_redis(alice: User) -> None:
    generation = make_generation(alice, aspect_ratio="1:1")
    assert run("sweep", "--inline") == "1 generations, 0 messages and 0 exports were due\n"
    generation.refresh_from_db()
    assert (generation.status, generation.images.count()) == ("completed", 1)
    assert Wallet.objects.get(user=alice).spendable == 99


def test_sweeping_inline_takes_over_from_the_dead(alice: User) -> None:
    generation = make_generation(alice)
    Generation.objects.update(lease_token="0" * 32, lease_until=Now() + dt.timedelta(seconds=30))
    assert run("sweep", "--inline") == "0 generations, 0 messages and 0 exports were due\n"
    lease_over(generation)
    assert run("sweep", "--inline") == "1 generations, 0 messages and 0 exports were due\n"


def test_sweeping_inline_makes_exports(alice: User) -> None:
    make_generation(alice, aspect_ratio="1:1")
    run("sweep", "--inline")
    export = exports.ask(alice)
    assert run("sweep") == "0 generations, 0 messages and 1 exports were due\n"
    assert run("sweep", "--inline") == "0 generations, 0 messages and 1 exports were due\n"
    export.refresh_from_db()
    assert (export.status, export.done) == ("ready", 1)
    assert run("sweep", "--inline") == "0 generations, 0 messages and 0 exports were due\n"


@contextmanager
def a_worker(answer: FakeProvider) -> Iterator[None]:
    """Takes up whatever is queued, beside the test."""
    over = threading.Event()

    def work() -> None:
        try:
            while not over.is_set():
                for pk in Generation.objects.unfinished().values_list("pk", flat=True):
                    take_steps(pk, answer)
                time.sleep(0.05)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


@pytest.mark.django_db(transaction=True)
def test_generate_waits_saves_the_pictures_and_prints_where(tmp_path: Path, files: Path) -> None:
    make_catalogue()
    alice = make_user(email="alice@example.com", balance=5)
    folder = tmp_path / "new" / "folder"
    with a_worker(FakeProvider([finished(2)])):
        printed = run(
            "generate", "alice@example.com", "a lighthouse", "--count", "2", "--seed", "7", "--out", str(folder)
        )
    saved = [Path(line) for line in printed.splitlines()]
    assert sorted(folder.iterdir()) == saved
    generation = Generation.objects.get()
    assert (generation.source, generation.seed) == ("command", 7)
    assert [path.name for path in saved] == [f"{generation.pk}-1.png", f"{generation.pk}-2.png"]
    for path in saved:
        with PIL.Image.open(path) as picture:
            picture.load()
    assert Wallet.objects.get(user=alice).spendable == 3


@pytest.mark.django_db(transaction=True)
def test_generate_says_why_nothing_was_made(files: Path, tmp_path: Path) -> None:
    make_catalogue()
    make_user(email="alice@example.com", balance=5)
    Route.objects.update(enabled=False)
    with a_worker(FakeProvider()), pytest.raises(CommandError, match="failed: No provider is configured"):
        run("generate", "alice@example.com", "a lighthouse", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db(transaction=True)
def test_generate_does_not_wait_for_ever_where_no_worker_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    make_catalogue()
    make_user(email="alice@example.com", balance=5)
    Model.objects.update(deadline_seconds=0)
    monkeypatch.setattr(generate, "GRACE", dt.timedelta())
    with pytest.raises(CommandError, match="no worker runs"):
        run("generate", "alice@example.com", "a lighthouse")


REFUSED = {
    "nobody": (["nobody@example.com", "a lighthouse"], "there is nobody"),
    "too little credit": (["alice@example.com", "a lighthouse", "--count", "4"], "4 credits needed, 3 available"),
    "an unknown model": (["alice@example.com", "a lighthouse", "--model", "dall-e-9"], "There is no model"),
    "an empty prompt": (["alice@example.com", " "], "Describe the picture first"),
    "too many images": (["alice@example.com", "a lighthouse", "--count", "5"], "From 1 to 4 images"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("words", "reason"), REFUSED.values(), ids=REFUSED)
def test_generate_refuses_in_words_and_leaves_nothing(words: list[str], reason: str) -> None:
    make_catalogue()
    make_user(email="alice@example.com", balance=3)
    with pytest.raises(CommandError, match=reason):
        run("generate", *words)
    assert not Generation.objects.exists()


@pytest.mark.parametrize("images", [1, 7, 60])
def test_a_filled_gallery_has_sound_books(alice: User, images: int) -> None:
    run("fillgallery", "alice@example.com", "--images", str(images))
    assert Image.objects.filter(user=alice).count() == images
    assert Wallet.objects.get(user=alice).spendable == 100, "filling is paid for by itself"
    assert not Generation.objects.filter(finished__gt=Now()).exists(), "it lies in the past"
    assert run("verifyledger").count(" 0 ") == 16


@pytest.mark.django_db
@pytest.mark.parametrize(("email", "images", "reason"), [("x@example.com", "1", "nobody"), ("x", "0", "at least 1")])
def test_a_gallery_that_cannot_be_filled_is_refused_in_words(email: str, images: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("fillgallery", email, "--images", images)
