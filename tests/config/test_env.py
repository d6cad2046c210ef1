"""The environment, read with types; nonsense is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

NAME = "ATELIER_TEST_VALUE"


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv(NAME, raising=False)
    return monkeypatch


def test_what_is_not_set_is_its_default(value: pytest.MonkeyPatch) -> None:
    assert env.text(NAME, "x") == "x"
    assert env.flag(NAME, default=True) is True
    assert env.integer(NAME, 7) == 7
    assert env.words(NAME, "a, b,,") == ["a", "b"]


@pytest.mark.parametrize(("written", "meant"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("", False)])
def test_a_flag_is_yes_or_no(value: pytest.MonkeyPatch, written: str, meant: bool) -> None:  # noqa: FBT001
    value.setenv(NAME, written)
    assert env.flag(NAME, default=not meant) is meant


def test_a_flag_that_is_neither_is_refused(value: pytest.MonkeyPatch) -> None:
    value.setenv(NAME, "maybe")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} must be 1/0"):
        env.flag(NAME, default=False)


@pytest.mark.parametrize("written", ["", "seven", "1.5", "-1"])
def test_a_number_that_is_none_or_too_small_is_refused(value: pytest.MonkeyPatch, written: str) -> None:
    value.setenv(NAME, written)
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env.integer(NAME, 7)


def test_a_choice_is_one_of_its_words(value: pytest.MonkeyPatch) -> None:
    assert env.choice(NAME, ["one", "two"]) == ""
    value.setenv(NAME, "two")
    assert env.choice(NAME, ["one", "two"], "one") == "two"
    value.setenv(NAME, "three")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} must be one of one, two"):
        env.choice(NAME, ["one", "two"])


def test_a_mapping_is_json(value: pytest.MonkeyPatch) -> None:
    assert env.mapping(NAME) == {}
    value.setenv(NAME, '{"16:9": "1536x1024"}')
    assert env.mapping(NAME) == {"16:9": "1536x1024"}


@pytest.mark.parametrize("written", ["{", "[]", "5", "16:9=1536x1024"])
def test_what_is_no_mapping_is_refused(value: pytest.MonkeyPatch, written: str) -> None:
    value.setenv(NAME, written)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} must be a JSON object"):
        env.mapping(NAME)


def test_a_secret_may_be_in_a_file(value: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    value.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env.text(NAME) == "s3cret"


def test_a_file_that_is_not_there_is_named(value: pytest.MonkeyPatch, tmp_path: Path) -> None:
    value.setenv(f"{NAME}_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match="nothing"):
        env.text(NAME)


def test_another_database_than_postgresql_is_refused(value: pytest.MonkeyPatch) -> None:
    value.setenv(NAME, "sqlite:///db.sqlite3")
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL only"):
        env.database(NAME)


def test_a_database_and_a_mail_server_are_read_from_their_urls(value: pytest.MonkeyPatch) -> None:
    value.setenv(NAME, "postgres://ada:p%40ss@db:5433/studio?sslmode=require")
    database = env.database(NAME)
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("db", 5433, "p@ss")
    assert database["OPTIONS"] == {"sslmode": "require"}
    value.setenv(NAME, "smtp+tls://ada:pw@mail:587")
    assert env.email(NAME, "consolemail://")["EMAIL_USE_TLS"] is True


def test_networks_are_a_list(value: pytest.MonkeyPatch) -> None:
    assert env.networks(NAME) == []
    value.setenv(NAME, "10.0.0.0/8, ::1/128")
    assert env.networks(NAME) == ["10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize("written", ["localhost", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(value: pytest.MonkeyPatch, written: str) -> None:
    value.setenv(NAME, written)
    with pytest.raises(ImproperlyConfigured, match="IP networks"):
        env.networks(NAME)
