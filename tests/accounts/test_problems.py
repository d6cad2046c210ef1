"""The table of errors: what is in it is raised somewhere, and docs/api.md says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from rest_framework import exceptions

from accounts.http import Problem
from accounts.problems import PROBLEMS
from config.env import BASE_DIR

OF_DRF = {
    kind.default_code
    for kind in vars(exceptions).values()
    if isinstance(kind, type) and issubclass(kind, exceptions.APIException)
}
NEVER_RAISED = {"error", "authentication_failed", "throttled"}  # ours are of a kind, and a bad key is an invalid_key


def sources() -> list[Path]:
    """Our code, but for the table."""
    found = [path for app in ("accounts", "generations") for path in (BASE_DIR / app).rglob("*.py")]
    return [path for path in found if path != BASE_DIR / "accounts" / "problems.py"]


def words(path: Path) -> set[str]:
    """Every text in a file that could be a code."""
    return set(re.findall(r'"(\w+)"', path.read_text(encoding="utf-8")))


def test_every_code_is_raised_somewhere() -> None:
    said = set().union(*map(words, sources()))
    assert set(PROBLEMS) <= said | OF_DRF


def test_every_code_of_the_framework_is_in_the_table() -> None:
    assert set(PROBLEMS) >= OF_DRF - NEVER_RAISED


def test_a_problem_that_is_not_in_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Problem("nonsense")


def test_the_guide_lists_every_code_with_its_status() -> None:
    guide = (BASE_DIR / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", guide[guide.index("\n## Errors") :], re.MULTILINE)
    listed = [(code, int(status)) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)]
    assert sorted(listed) == sorted((code, int(kind.status)) for code, kind in PROBLEMS.items())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/nothing", "/api/elsewhere"])
def test_every_problem_names_the_request_as_its_header_does(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code in {401, 404}
    assert answer.json()["request_id"] == answer["X-Request-Id"]
