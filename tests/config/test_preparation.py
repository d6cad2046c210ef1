from __future__ import annotations

from pathlib import Path

import pytest

from config.preparation import Preparation


@pytest.fixture(autouse=True)
def embedded_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def preparation(tmp_path: Path) -> Preparation:
    root, var = tmp_path / "code", tmp_path / "var"
    (root / "generations" / "migrations").mkdir(parents=True)
    var.mkdir()
    (root / "generations" / "migrations" / "0001_initial.py").write_text("operations = []")
    (root / "generations" / "catalogue.toml").write_text("models = []")
    (root / "requirements.lock").write_text("django==6.0")
    (var / "credentials.json").write_text("{}")
    return Preparation(var, root)


def test_a_new_studio_is_not_known(preparation: Preparation) -> None:
    assert not preparation.known()


def test_what_was_prepared_is_known_at_the_next_start(preparation: Preparation) -> None:
    preparation.remember()

    assert preparation.known()


def test_a_start_that_did_not_get_to_its_end_is_followed_by_a_thorough_one(preparation: Preparation) -> None:
    preparation.remember()
    preparation.known()

    assert not preparation.known()


@pytest.mark.parametrize(
    "name", ["generations/migrations/0002_more.py", "generations/catalogue.toml", "requirements.lock"]
)
def test_new_code_is_not_known(preparation: Preparation, name: str) -> None:
    preparation.remember()
    (preparation.root / name).write_text("changed")

    assert not preparation.known()


def test_another_database_is_not_known(preparation: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    preparation.remember()
    monkeypatch.setenv("DATABASE_URL", "postgres://another")

    assert not preparation.known()


def test_without_its_credentials_a_studio_is_not_known(preparation: Preparation) -> None:
    preparation.remember()
    (preparation.var / "credentials.json").unlink()

    assert not preparation.known()


def test_the_note_tells_nothing_of_the_database(preparation: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://studio:secret@db/studio")
    preparation.remember()

    assert "secret" not in (preparation.var / "prepared").read_text()
