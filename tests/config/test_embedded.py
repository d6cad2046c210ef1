from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import kombu
import psycopg
import pytest
import redis

from config import embedded
from config.embedded import account, places
from config.embedded import redis as embedded_redis
from config.program import StartFailed

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's data lives elsewhere")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not tmp_path: this one stays short enough for a socket.
    folder = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def services(folder: Path) -> Iterator[embedded.Services]:
    services = embedded.Services(folder / "var", durable=False)
    services.start()
    yield services
    services.erase()


def ask(services: embedded.Services, query: str) -> object:
    with psycopg.connect(embedded.database_url(services.var), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def remember(services: embedded.Services, word: str) -> None:
    with psycopg.connect(embedded.database_url(services.var)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT %s AS word", [word])


def test_addresses_are_the_same_before_and_while_it_runs(folder: Path) -> None:
    var = folder / "before" / "var"
    described = embedded.database(var), embedded.database_url(var), embedded.redis_url(var)
    services = embedded.Services(var, durable=False)
    with services:
        assert services.healthy()
        assert described == (
            embedded.database(var),
            embedded.database_url(var),
            embedded.redis_url(var),
        )
    assert not services.healthy()
    services.erase()


def test_the_database_holds_any_text_and_sorts_it_the_same_everywhere(services: embedded.Services) -> None:
    assert ask(services, "SHOW server_encoding") == "UTF8"
    query = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
    assert ask(services, query) == "bC.UTF-8"


def test_nothing_listens_on_tcp(services: embedded.Services) -> None:
    assert ask(services, "SHOW listen_addresses") == ""
    with redis.Redis.from_url(embedded.redis_url(services.var)) as client:
        assert client.config_get("port") == {"port": "0"}


def test_only_we_may_enter_the_folder_of_the_sockets(services: embedded.Services) -> None:
    sockets = services.places.sockets
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    for socket in sockets.iterdir():
        assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0 or not socket.is_socket()


def test_redis_refuses_rather_than_forgets(services: embedded.Services) -> None:
    with redis.Redis.from_url(embedded.redis_url(services.var)) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_celery_can_reach_the_broker(services: embedded.Services) -> None:
    with kombu.Connection(embedded.as_broker(embedded.redis_url(services.var))) as connection:
        connection.connect()
        assert connection.connected


def test_a_crash_loses_nothing_that_was_committed(folder: Path) -> None:
    services = embedded.Services(folder / "crash")
    with services:
        remember(services, "kept")
        database, cache = services.running
        for process in (database, cache):
            os.kill(process.pid, signal.SIGKILL)
            process.popen.wait(60)
    with services:
        assert ask(services, "SELECT word FROM kept") == "kept"
    services.erase()


def test_a_stale_pid_that_is_somebody_elses_by_now_does_not_matter(folder: Path) -> None:
    services = embedded.Services(folder / "stale", durable=False)
    with services:
        lock = services.places.postgres / "postmaster.pid"
        written = lock.read_text()
    lock.write_text(written.replace(written.split("\n")[0], str(os.getpid()), 1))
    with services:
        assert services.healthy()
    lock.write_text("")
    with services:
        assert services.healthy()
    services.erase()


def test_a_server_that_outlived_its_studio_is_replaced(folder: Path) -> None:
    outlived = embedded.Services(folder / "orphan", durable=False)
    outlived.start()
    with embedded.Services(folder / "orphan", durable=False) as services:
        assert services.healthy()
        for process in outlived.running:
            assert process.popen.wait(timeout=5) == 0
    services.erase()


def test_any_path_will_do_and_an_interrupted_first_start_is_repeated(folder: Path) -> None:
    services = embedded.Services(folder / ("long " * 30) / "100%, ünd so" / "var", durable=False)
    unfinished = services.places.home / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with services:
        assert len(os.fsencode(services.places.redis_socket)) < places.SOCKET_LIMIT
        assert services.healthy()
    services.erase()
    assert not services.places.sockets.exists()


def test_an_ordinary_users_data_and_sockets_are_in_var(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    where = places.places_of(Path("/srv/studio/var"))
    assert (where.postgres, where.sockets) == (Path("/srv/studio/var/postgres"), Path("/srv/studio/var/sockets"))


@pytest.mark.parametrize("name", ["x" * 100, "one,two"])
def test_sockets_move_away_from_a_path_that_cannot_hold_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    sockets = {places.places_of(Path("/srv") / name / clone / "var").sockets for clone in ("one", "two")}
    assert len(sockets) == 2
    assert all(folder.parent == Path("/tmp") for folder in sockets)  # noqa: S108


def test_another_version_of_postgres_is_named(services: embedded.Services, folder: Path) -> None:
    old = embedded.Services(folder / "old")
    data = old.places.postgres
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(StartFailed, match="PostgreSQL 15"):
        old.start()
    old.erase()


def test_a_missing_redis_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_redis, "BUNDLED", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StartFailed, match="apt install redis-server"):
        embedded_redis.binary()


def test_redis_is_also_taken_from_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = tmp_path / "valkey-server"
    server.touch(mode=0o755)
    monkeypatch.setattr(embedded_redis, "BUNDLED", Path("/nowhere"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.binary() == server


@as_root
def test_roots_database_moves_with_its_checkout(folder: Path) -> None:
    services = embedded.Services(folder / "here" / "var", durable=False)
    with services:
        remember(services, "moved")
    (folder / "here").rename(folder / "there")
    moved = embedded.Services(folder / "there" / "var", durable=False)
    with moved:
        assert ask(moved, "SELECT word FROM kept") == "moved"
    moved.erase()


@as_root
def test_a_copy_of_roots_checkout_does_not_share_its_database(folder: Path) -> None:
    services = embedded.Services(folder / "first" / "var", durable=False)
    with services:
        shutil.copytree(folder / "first", folder / "copy", symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        copy = embedded.Services(folder / "copy" / "var", durable=False)
        with pytest.raises(StartFailed, match="is a copy of"):
            copy.start()
        assert services.healthy()
    services.erase()


@as_root
def test_roots_postgres_runs_under_an_account_of_its_own(services: embedded.Services) -> None:
    assert services.places.postgres.owner() == account.NAME


@as_root
def test_in_somebody_elses_checkout_roots_postgres_runs_as_them(folder: Path) -> None:
    folder.chmod(0o755)
    theirs = folder / "theirs"
    theirs.mkdir(mode=0o700)
    shutil.chown(theirs, "nobody")
    services = embedded.Services(theirs / "var", durable=False)
    with services:
        assert services.places.home == services.places.var
        assert services.places.postgres.owner() == "nobody"
    services.erase()
    folder.chmod(0o700)
    assert embedded.Services(theirs / "var").places.home.parent == places.SYSTEM_FOLDER
