"""The files that describe the studio in containers, as far as they can be checked without an engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import studio
from config.env import BASE_DIR
from tests.patience import SECONDS

COMPOSE = BASE_DIR / "docker-compose.yml"
OURS = ("web", "worker", "beat", "migrate")
JOBS = ("migrate",)
LONG = "a-long-value-for-checks-only-0123456789-abcdefghijklmnopqrstuvwxyz"
READ = re.compile(r"""env\.(?:text|flag|integer|words|database|email)\(\s*"([A-Z][A-Z0-9_]*)\"""")
SET = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
OTHERS = {"POSTGRES_PASSWORD", "STORAGE_PORTS", "WEB_PORTS"}  # compose itself reads them


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return described


def names_read() -> set[str]:
    sources = [*(BASE_DIR / "config").rglob("*.py"), *(BASE_DIR / "generations").rglob("*.py")]
    return {name for source in sources for name in READ.findall(source.read_text())}


def test_it_keeps_to_the_compose_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603
    assert checked.returncode == 0, checked.stdout


def test_every_service_is_watched_and_restarted(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["restart"] == ("on-failure" if name in JOBS else "unless-stopped"), name
        assert service["healthcheck"].get("disable", False) == (name in JOBS), name
        assert name in JOBS or service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name


def test_our_containers_have_no_privileges(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert re.findall(r"^USER (.*)", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE) == ["10001"]


def test_a_worker_keeps_its_memory_as_that_of_a_studio_on_one_machine_does() -> None:
    kept = re.findall(r"(MALLOC_\w+)=(\d+)", (BASE_DIR / "Dockerfile").read_text())
    assert dict(kept) == studio.KEPT_MEMORY
    assert studio.worker().environment.items() >= studio.KEPT_MEMORY.items()


def test_data_outlives_every_container(services: dict[str, Any]) -> None:
    for name in ("database", "redis", "storage"):
        source = services[name]["volumes"][0].partition(":")[0]
        assert source in yaml.safe_load(COMPOSE.read_text())["volumes"]


def test_nothing_starts_on_a_database_that_is_not_migrated(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_name_it_sets_is_one_that_the_settings_read(services: dict[str, Any]) -> None:
    for name in OURS:
        assert set(services[name]["environment"]) <= names_read()


def test_every_name_that_the_settings_read_is_in_the_example() -> None:
    assert names_read() <= set(SET.findall((BASE_DIR / ".env.example").read_text()))


def test_every_name_it_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE.read_text()))
    assert asked <= set(SET.findall((BASE_DIR / ".env.example").read_text()))
    assert asked <= names_read() | OTHERS


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_containers_run_what_make_run_runs(services: dict[str, Any], name: str) -> None:
    words = set(getattr(studio, name.upper())) - {studio.HOST}
    ours = {word for word in words if not word.isdigit()}  # how long each waits is for each to say
    assert ours <= set(services[name]["command"])


def test_the_image_is_given_what_it_copies() -> None:
    allowed = {line[1:] for line in (BASE_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {"accounts", "config", "generations", "static", "templates", "manage.py"} <= allowed
    assert not {".env", "var", "tests", ".git"} & allowed
    for name in re.findall(r"COPY (?!--)(.+) \./", (BASE_DIR / "Dockerfile").read_text()):
        assert set(name.split()) <= allowed
    assert all(Path(BASE_DIR, name).exists() for name in allowed - {"locale"})


def test_nothing_is_wrong_with_what_the_guide_tells_operators_to_set(services: dict[str, Any]) -> None:
    guide = (BASE_DIR / "docs" / "operating.md").read_text(encoding="utf-8")
    told = next(block for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL) if "PUBLIC_BASE_URL=" in block)
    env = dict(line.replace("…", LONG).split("=", 1) for line in told.splitlines())
    composed = {name: filled(value, env) for name, value in services["web"]["environment"].items()}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "VIRTUAL_ENV"}}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"]
    checked = subprocess.run(  # noqa: S603
        command, cwd=BASE_DIR, env=kept | env | composed, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert checked.returncode == 0, checked.stderr
    assert set(env) - OTHERS <= names_read() | {"TRUSTED_PROXIES"}


def filled(value: str, env: dict[str, str]) -> str:
    """As compose puts in what it finds in .env."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda found: env.get(found[1], found[2] or ""), value)
