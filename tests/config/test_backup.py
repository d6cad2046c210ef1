"""A studio that is backed up while it works, and comes back: books sound, pictures there, nothing sent again."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import User
from config import embedded
from config.backup import programs
from config.backup.folder import Damaged, Folder
from config.env import BASE_DIR
from generations import storage
from generations.housekeeping import restored
from generations.models import Attempt, Generation, Image
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps
from tests.patience import SECONDS

pytestmark = pytest.mark.django_db(transaction=True)
State = Attempt.State


@pytest.fixture
def alice(tmp_path: Path, settings: Settings) -> User:
    """Somebody in a studio whose pictures are files."""
    options = {"location": tmp_path / "media"}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "generations.files.FileStorage", "OPTIONS": options}
    }
    make_catalogue()
    return make_user(balance=500)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """The folder of a studio that has never been started."""
    with tempfile.TemporaryDirectory(prefix="atelier-restored-") as folder:
        yield Path(folder, "var")
        embedded.Services(Path(folder, "var")).erase()


def made(by: User) -> Image:
    generation = make_generation(by)
    take_steps(generation.pk, FakeProvider([finished(1)]))
    return generation.images.get()


def manage(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of a studio that is embedded in this folder."""
    environment = {**os.environ, "ATELIER_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, str(BASE_DIR / "manage.py"), *words]
    return subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def rows(var: Path, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(embedded.database_url(var)) as asked:
        return asked.execute(query).fetchall()


class Busy:
    """Somebody goes on ordering pictures, and getting them, while the block lasts."""

    def __init__(self, user: User) -> None:
        self._user, self._over, self.made = user, threading.Event(), 0
        self._pool = ThreadPoolExecutor(1)

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                made(self._user)
                self.made += 1
        finally:
            connection.close()

    def __enter__(self) -> Busy:
        self._done = self._pool.submit(self._work)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._done.result(SECONDS)
        self._pool.shutdown()


def in_every_state(user: User) -> dict[str, Generation]:
    """One generation in each state that something may be sent from, or be at a vendor in."""
    found = {"queued": make_generation(user, model="imagen-4"), "drawn here": make_generation(user)}
    for state in (State.PLANNED, State.SENDING, State.ACCEPTED, State.UNKNOWN):
        generation = make_generation(user, model="imagen-4")
        job = "job-1" if state == State.ACCEPTED else ""
        Attempt.objects.create(generation=generation, number=1, provider="fal", state=state, job=job, seed=1)
        Generation.objects.filter(pk=generation.pk).update(status=Generation.Status.RUNNING, claims=1)
        found[state.value] = generation
    return found


@pytest.fixture
def sold(settings: Settings) -> None:
    """Pictures that somebody else paints."""
    settings.PROVIDERS = settings.PROVIDERS | {"fal": settings.PROVIDERS["fal"] | {"enabled": True, "key": "k"}}


def nothing_is_sent(var: Path, under_way: dict[str, Generation]) -> None:
    """What was at a vendor is unknown, what was about to be sent has ended, what is drawn here goes on."""
    states = dict(rows(var, "SELECT generation_id::text, state FROM generations_attempt WHERE provider = 'fal'"))
    assert set(states.values()) == {"unknown"}
    assert states.keys() == {str(under_way[name].pk) for name in ("planned", "sending", "accepted", "unknown")}
    ended = dict(rows(var, "SELECT id::text, status FROM generations_generation"))
    assert ended[str(under_way["queued"].pk)] == "failed"
    assert ended[str(under_way["drawn here"].pk)] == "queued"


@pytest.mark.usefixtures("sold")
def test_a_studio_comes_back_as_it_was_and_sends_nothing_again(alice: User, elsewhere: Path, tmp_path: Path) -> None:
    before = [made(alice) for _picture in range(3)]
    under_way = in_every_state(alice)
    folder = tmp_path / "backup"
    with Busy(alice) as busy:
        call_command("backup", folder, verbosity=0)
        first = busy.made
        call_command("backup", folder, verbosity=0)
    assert busy.made > first > 0, "it was made while pictures were"
    call_command("backup", folder, check=True)
    manifest = Folder(folder).manifest()
    assert manifest.missing == 0
    assert 3 < manifest.rows["generations_image"] <= 3 + busy.made

    back = manage(elsewhere, "restore", str(folder))
    assert back.returncode == 0, back.stdout + back.stderr
    assert "The books are sound" in back.stdout
    assert "3 attempts are unknown now, 1 generations ended" in back.stdout
    with embedded.Services(elsewhere):
        images = {str(pk) for (pk,) in rows(elsewhere, "SELECT id FROM generations_image")}
        assert {str(image.pk) for image in before} <= images
        assert len(images) == manifest.rows["generations_image"]
        nothing_is_sent(elsewhere, under_way)
        assert "restore into an empty one" in manage(elsewhere, "restore", str(folder)).stderr
    keys = [storage.original_key(image.sha256, image.media_type) for image in before]
    assert all((elsewhere / "media" / key).read_bytes() == storage.read(key) for key in keys)


@pytest.mark.usefixtures("sold")
def test_what_is_unknown_after_a_restore_is_looked_for_and_not_sent(alice: User) -> None:
    """As the restored studio's workers go on from there, with a vendor that counts."""

    under_way = in_every_state(alice)
    settled = restored.settle_all()
    assert (settled.unknown, settled.ended) == (3, 1)
    assert restored.settle_all() == restored.Settled(0, 0), "once is enough"
    vendor = FakeProvider([accepted()], polls=[finished(1)], name="fal")
    for name, generation in under_way.items():
        if name != "drawn here":
            Generation.objects.filter(pk=generation.pk).update(lease_until=None)
            take_steps(generation.pk, vendor)
    assert vendor.requests == []
    assert vendor.polled == ["job-1"]
    by_job = under_way["accepted"]
    by_job.refresh_from_db()
    assert (by_job.status, by_job.images.count()) == (Generation.Status.COMPLETED, 1)
    alice.wallet.refresh_from_db()
    assert alice.wallet.held == sum(
        one.total for one in Generation.objects.filter(status__in=Generation.UNFINISHED, user=alice)
    )


def test_a_second_backup_copies_only_what_is_new(
    alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(alice)
    call_command("backup", tmp_path / "backup")
    assert "3 objects copied\n" in capsys.readouterr().out
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700, "nobody else reads what people keep"
    call_command("backup", tmp_path / "backup")
    assert "0 objects copied\n" in capsys.readouterr().out


def test_a_backup_says_what_is_missing(alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = made(alice)
    storage.discard(storage.original_key(image.sha256, image.media_type))
    call_command("backup", tmp_path / "backup")
    assert "1 pictures are gone from the storage" in capsys.readouterr().err


def test_a_damaged_backup_is_noticed(alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = made(alice)
    path = tmp_path / "backup"
    call_command("backup", path, verbosity=0)
    copies = Folder(path)
    original = copies.object(storage.original_key(image.sha256, image.media_type))
    content = original.read_bytes()
    with pytest.raises(CommandError, match="restore into an empty one"):
        call_command("restore", path)
    dump, listing = copies.dump, copies.listing
    for change, said, refused in (
        (lambda: original.write_bytes(content[:-1] + b"x"), "is not what its name says", "restore into an empty one"),
        (lambda: original.write_bytes(content + b"x"), "bytes, not", "bytes, not"),
        (original.unlink, "is not there", "is not there"),
        (lambda: listing.write_text("no size"), "objects.txt is not what", "objects.txt is not what"),
        (listing.unlink, "objects.txt is not what was written", "objects.txt is not what was written"),
        (lambda: dump.write_bytes(b""), "database.dump is not what was written", "database.dump is not what"),
        (dump.unlink, "database.dump is not what was written", "database.dump is not what was written"),
    ):
        change()
        with pytest.raises(SystemExit):
            call_command("backup", path, check=True)
        assert said in capsys.readouterr().out
        with pytest.raises(CommandError, match=refused):
            call_command("restore", path)
    for text in ("{", '{"format": 1}', json.dumps(json.loads((path / "manifest.json").read_text()) | {"format": 2})):
        (path / "manifest.json").write_text(text)
        with pytest.raises(CommandError):
            call_command("restore", path)


def test_a_backup_that_would_not_come_back_is_not_made() -> None:
    with pytest.raises(programs.Failed, match="the database is PostgreSQL 16"):
        programs.program("pg_dump", 16)
    assert programs.program("pg_restore", programs.server_version()).is_file()


def test_a_listing_leads_nowhere_else(tmp_path: Path) -> None:
    for key in ("../x", "/etc/passwd", "originals/../../x"):
        with pytest.raises(Damaged):
            Folder(tmp_path).object(key)
