"""The way out: nothing points to bytes that are gone, and bytes that nobody needs go in the end."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from generations import erasing, storage, submission, verification
from generations.models import Generation, Image, StoredFile
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.dying import Death, Killed
from tests.generations.steps import advance
from tests.patience import SECONDS
from tests.test_studio import eventually

pytestmark = pytest.mark.django_db
Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def somewhere(request: pytest.FixtureRequest) -> None:
    """Pictures are in files, unless a test says more."""
    if "storage_kind" not in request.fixturenames:
        request.getfixturevalue("files")


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


def made(by: User) -> Image:
    return advance(make_generation(by), FakeProvider([finished(1)])).images.get()


def delete(image: Image) -> None:
    """Into the trash, and out of it."""
    own = Image.objects.filter(pk=image.pk)
    assert own.trash() == own.delete_for_good() == 1


def let_time_pass(span: dt.timedelta = erasing.REST + dt.timedelta(seconds=1)) -> None:
    """As far as the bytes are concerned."""
    StoredFile.objects.update(claimed_at=F("claimed_at") - span, erasing_since=F("erasing_since") - span)


def there(image: Image) -> bool:
    keys = storage.keys_of(image.sha256, image.media_type)
    found = {default_storage.exists(key) for key in keys[:3]}
    assert len(found) == 1, "all of a picture, or nothing"
    return found.pop()


def sound() -> bool:
    return not [finding for finding in verification.verify() if finding.breaches]


@pytest.mark.usefixtures("storage_kind")
def test_what_is_deleted_loses_its_bytes_and_keeps_its_row(alice: User) -> None:
    image = made(alice)
    storage.render(image.sha256, image.media_type, "image/webp", trained=False)
    delete(image)
    let_time_pass()
    assert erasing.erase() == 1
    assert not there(image)
    assert not default_storage.exists(storage.rendition_key(image.sha256, "image/webp"))
    left = Image.objects.get(pk=image.pk)
    assert (left.erased, left.placeholder, left.effective_prompt) == (True, "", "")
    assert sound()
    assert erasing.erase() == 0


def test_the_trash_is_emptied_after_thirty_days(alice: User) -> None:
    old, young, kept = made(alice), made(alice), made(alice)
    for image, days in ((old, 31), (young, 29)):
        Image.objects.filter(pk=image.pk).trash()
        Image.objects.filter(pk=image.pk).update(trashed_at=Now() - dt.timedelta(days=days))
    assert erasing.empty_trash() == 1
    assert set(Image.objects.existing()) == {young, kept}
    assert erasing.empty_trash() == 0


def test_bytes_that_another_picture_has_stay(alice: User) -> None:
    image = made(alice)
    twin = made(make_user(balance=10))
    Image.objects.filter(pk=twin.pk).update(sha256=image.sha256)
    delete(image)
    let_time_pass()
    assert erasing.erase() == 0
    assert there(image)
    assert Image.objects.get(pk=image.pk).erased, "it has no bytes of its own any more"
    delete(twin)
    assert erasing.erase() == 1
    assert not there(image)
    assert sound()


def test_the_same_picture_in_the_trash_keeps_its_bytes(alice: User) -> None:
    image, twin = made(alice), made(alice)
    Image.objects.filter(pk=twin.pk).update(sha256=image.sha256)
    Image.objects.filter(pk=twin.pk).trash()
    delete(image)
    let_time_pass()
    erasing.erase()
    assert there(image)


def test_bytes_that_were_written_just_now_stay_for_a_while(alice: User) -> None:
    """Somebody may be about to record a picture that has them."""
    image = made(alice)
    delete(image)
    assert erasing.erase() == 0
    assert there(image)
    let_time_pass()
    assert erasing.erase() == 1


def test_who_writes_the_same_bytes_again_keeps_them(alice: User) -> None:
    image = made(alice)
    delete(image)
    let_time_pass()
    erasing.claim(image.sha256, image.media_type)
    assert erasing.erase() == 0
    assert there(image)


def test_who_would_write_what_is_being_removed_waits(alice: User) -> None:
    image = made(alice)
    StoredFile.objects.filter(pk=image.sha256).update(erasing_since=Now())
    with pytest.raises(erasing.BeingErased):
        erasing.claim(image.sha256, image.media_type)


def test_a_picture_whose_twin_is_being_removed_is_delivered_afterwards(alice: User) -> None:
    provider = FakeProvider([finished(1)])
    image = made(alice)
    delete(image)
    StoredFile.objects.filter(pk=image.sha256).update(erasing_since=Now())
    generation = make_generation(alice)
    assert advance(generation, provider).status == Generation.Status.RUNNING
    StoredFile.objects.filter(pk=image.sha256).delete()
    Generation.objects.filter(pk=generation.pk).update(next_step_at=Now())
    assert advance(generation, provider).status == Generation.Status.COMPLETED
    assert there(generation.images.get())
    assert sound()


@pytest.mark.parametrize("removed", [0, 1, 2, 3])
def test_whoever_dies_while_removing_leaves_nothing_that_points_to_missing_bytes(
    alice: User, removed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = made(alice)
    delete(image)
    let_time_pass()
    gone: list[str] = []

    def dying(key: str) -> None:
        if len(gone) == removed:
            raise ConnectionError("the storage is away")
        gone.append(key)
        default_storage.delete(key)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "discard", dying)
        with pytest.raises(ConnectionError):
            erasing.erase()
    assert sound()
    assert erasing.erase() == 0, "whoever was at it may still be"
    let_time_pass(erasing.TAKEN_OVER_AFTER)
    assert erasing.erase() == 1
    assert Image.objects.get(pk=image.pk).erased


def on_disk(files: Path) -> list[str]:
    return [str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()]


@pytest.fixture
def mortal(settings: Settings) -> None:
    """Whoever writes a file may die of it."""
    default = settings.STORAGES["default"] | {"BACKEND": "tests.generations.dying.MortalStorage"}
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.mark.usefixtures("mortal")
@pytest.mark.parametrize("boundary", ["before save originals", "after save originals", "after save thumbnails"])
def test_what_a_delivery_wrote_that_died_before_recording_it_goes(alice: User, files: Path, boundary: str) -> None:
    generation = make_generation(alice)
    with Death(when=lambda passed: passed[-1] == boundary).watching(), pytest.raises(Killed):
        advance(generation, FakeProvider([finished(1)]))
    submission.cancel(generation)
    assert erasing.erase() == 0, "it may be recorded yet"
    let_time_pass()
    assert erasing.erase() == 1
    assert [name for name in on_disk(files) if not name.startswith(storage.SPOOL)] == []
    assert not StoredFile.objects.exists()
    assert erasing.erase() == 0
    assert sound()


class Sleep(Death):
    """The machine is held for hours, and what seems to be left over is removed meanwhile."""

    def kill(self, name: str) -> None:
        let_time_pass()
        assert erasing.erase() == 1, name


@pytest.mark.usefixtures("mortal")
@pytest.mark.parametrize("thumbnails", [1, 2])
def test_who_was_held_up_until_the_bytes_were_gone_writes_them_again(alice: User, thumbnails: int) -> None:
    generation, provider = make_generation(alice), FakeProvider([finished(1)])
    with Sleep(when=lambda passed: passed.count("after save thumbnails") == thumbnails).watching():
        assert advance(generation, provider).status == Generation.Status.RUNNING
    assert not generation.images.exists()
    assert advance(generation, provider).status == Generation.Status.COMPLETED
    assert there(generation.images.get())
    assert len(provider.requests) == 1
    assert sound()


def test_a_picture_that_was_recorded_is_not_left_over(alice: User) -> None:
    image = made(alice)
    let_time_pass()
    assert erasing.erase() == 0
    assert there(image)


@pytest.mark.usefixtures("mortal")
def test_what_was_spooled_goes_once_nobody_waits_for_it(alice: User, files: Path) -> None:
    generation = make_generation(alice)
    with Death(when=lambda passed: passed[-1] == "before save originals").watching(), pytest.raises(Killed):
        advance(generation, FakeProvider([finished(1)]))
    [spooled] = on_disk(files)
    later = timezone.now() + erasing.SPOOLED
    assert erasing.clear_spool(timezone.now()) == 0, "it is young"
    assert erasing.clear_spool(later) == 0, "its generation goes on"
    submission.cancel(generation)
    assert on_disk(files) == [spooled]
    assert erasing.clear_spool(later) == 1
    assert on_disk(files) == []
    assert erasing.clear_spool(later) == 0


def test_files_are_really_gone_from_the_disk(alice: User, files: Path) -> None:
    image = made(alice)
    delete(image)
    let_time_pass()
    erasing.erase()
    assert [path for path in files.rglob("*") if path.is_file() and image.sha256 in path.name] == []


@pytest.mark.django_db(transaction=True)
def test_who_records_a_picture_while_its_bytes_are_about_to_go_keeps_them(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "REST", dt.timedelta(0))
    image = made(alice)
    delete(image)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            erasing.record(image.sha256)
            Image.objects.filter(pk=image.pk).update(deleted_at=None)
            remover = threads.submit(_in_a_thread, erasing.erase)
            eventually(somebody_waits)
        assert remover.result(SECONDS) == 0
    assert there(image)


def somebody_waits() -> bool:
    """For what this connection has locked."""
    with connection.cursor() as cursor:
        waits = "NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE {waits}")  # noqa: S608
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_nobodys_deletion_removes_anothers_picture_in_a_race(
    storage_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people get the same picture again and again, and throw it away, while its bytes are removed."""
    monkeypatch.setattr(erasing, "REST", dt.timedelta(0))
    make_catalogue()
    over = threading.Event()

    def lives(user: User) -> list[Image]:
        images = [_delivered(user) for _turn in range(4)]
        for image in images[:-1]:
            delete(image)
        return images[-1:]

    def removes() -> int:
        removed = 0
        while not over.is_set():
            removed += erasing.erase()
        return removed

    with ThreadPoolExecutor(3) as threads:
        remover = threads.submit(_in_a_thread, removes)
        people = [threads.submit(_in_a_thread, lives, make_user(balance=100)) for _person in range(2)]
        kept = [image for person in people for image in person.result()]
        over.set()
        remover.result()
    erasing.erase()
    assert [there(image) for image in kept] == [True, True]
    assert sound()
    for image in kept:
        delete(image)
    assert erasing.erase() == 1
    assert not there(kept[0])


def _delivered(user: User) -> Image:
    """The same picture as everybody's; while its bytes are being removed the delivery is repeated."""
    generation, provider = make_generation(user), FakeProvider([finished(1)])
    while advance(generation, provider).status != Generation.Status.COMPLETED:
        assert len(provider.requests) == 1
    return generation.images.get()


def _in_a_thread(act: Callable[..., Result], *arguments: Any) -> Result:
    try:
        return act(*arguments)
    finally:
        connection.close()
