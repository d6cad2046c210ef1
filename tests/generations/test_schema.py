"""What our API says of itself. That its answers are what it says is held to by ``tests.described`` in every test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import ValidationError

from accounts import keys
from accounts.problems import PROBLEMS
from config.env import BASE_DIR
from generations.models import Generation
from tests import described
from tests.factories import make_catalogue, make_generation, make_user

VERBS = (
    "arrange",
    "cancel",
    "change",
    "create",
    "delete",
    "download",
    "get",
    "list",
    "pick",
    "redeem",
    "replay",
    "restore",
    "retry",
    "rotate",
    "test",
    "trash",
    "update",
    "vary",
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As it is served."""
    made: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return made


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_and_nothing_in_it_had_to_be_guessed() -> None:
    generated: Any = GENERATOR_STATS
    generated.reset()
    validate: Any = validate_schema
    validate(made := SchemaGenerator().get_schema(public=True))  # type: ignore[no-untyped-call]
    assert not generated._warn_cache
    assert not generated._error_cache
    assert made["openapi"].startswith("3.1")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/schema", "/api/docs", "/api/docs?script"])
def test_it_is_served_to_anybody(path: str) -> None:
    assert Client().get(path).status_code == 200


def test_every_operation_has_a_name_of_its_own_that_begins_with_a_verb(schema: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(set(names)) == len(names)
    assert {name for name in names if not (name.startswith(VERBS) and name.isalnum())} == set()


def test_every_operation_is_summed_up_in_one_line(schema: dict[str, Any]) -> None:
    summaries = {operation["operationId"]: operation["summary"] for _, _, operation in operations(schema)}
    assert {name for name, summary in summaries.items() if not 0 < len(summary) <= 100} == set()


def test_every_example_is_one(schema: dict[str, Any]) -> None:
    shown = [
        (f"{shape}.{name}", value)
        for shape, described_shape in schema["components"]["schemas"].items()
        for name, value in described_shape.get("properties", {}).items()
        if "examples" in value
    ]
    assert len(shown) > 50
    for name, value in shown:
        assert described.validator(json.dumps(value)).is_valid(value["examples"][0]), name


def test_the_guide_names_every_address(schema: dict[str, Any]) -> None:
    guide = re.sub(r"\{\w+\}", "{id}", (BASE_DIR / "docs" / "api.md").read_text())
    paths = {re.sub(r"\{\w+\}", "{id}", path) for path in schema["paths"]}
    assert {path for path in paths if path not in guide and f"…/{path.rpartition('/')[2]}" not in guide} == set()


def test_every_tag_is_explained(schema: dict[str, Any]) -> None:
    used = {tag for _, _, operation in operations(schema) for tag in operation["tags"]}
    assert {tag["name"] for tag in schema["tags"]} == used


def test_every_problem_is_an_answer_of_some_operation(schema: dict[str, Any]) -> None:
    never_of_an_operation = {"method_not_allowed"}
    said = json.dumps({"paths": schema["paths"], "responses": schema["components"]["responses"]})
    assert {code for code in PROBLEMS if f'"{code}": {{"summary"' not in said} == never_of_an_operation


@pytest.mark.django_db
def test_an_answer_that_it_does_not_describe_would_be_seen() -> None:
    make_catalogue()
    user = make_user(balance=5)
    _key, text = keys.create(user, "tests")
    generation: Generation = make_generation(user)
    body = Client(headers={"X-API-Key": text}).get(f"/api/v1/generations/{generation.pk}").json()
    check = described.validator(json.dumps({"$ref": "#/components/schemas/Generation"})).validate
    check(body)
    without = {name: value for name, value in body.items() if name != "deadline"}
    for wrong in ({**body, "more": 1}, without, {**body, "count": "1"}, {**body, "status": "lost"}):
        with pytest.raises(ValidationError):
            check(wrong)
