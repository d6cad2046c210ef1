"""Every operation of our API, sent by schemathesis what its schema allows and what it does not.

The application is called as it is served, and each request is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.generations.test_permissions import MATRIX, Entry, Scene, scene  # noqa: F401 - what is asked for

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
bounded = effort(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def whole(application: Any) -> Any:
    """The application, whose answers are read and closed: schemathesis leaves files open."""

    def answering(environ: Any, start_response: Any) -> list[bytes]:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return answering


@pytest.fixture(scope="module")
def described() -> Iterator[Any]:
    """The schema, and the application that it is of; no request closes the connection that the scene is in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    refusals = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
    config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": refusals}}})
    yield schemathesis.openapi.from_wsgi("/api/schema?format=json", whole(get_wsgi_application()), config=config)
    for signal in signals:
        signal.connect(close_old_connections)


def asked(known: Scene, described: Any, route: str) -> tuple[Any, dict[str, str]]:
    """The operation, and what its address is to name."""
    method, _, address = route.partition(" ")
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/v1{address}").replace("{pk}", "{id}")
    named = re.findall(r"(\w+)/\{(\w+)\}", path)
    return described[path][method], {name: str(known.thing(part, MATRIX[route])) for part, name in named}


def owner(among: Scene) -> dict[str, str]:
    """The headers of the owner's requests: for JSON, because streams would not end."""
    authorization = among.callers["owner"].defaults["HTTP_AUTHORIZATION"]
    return {"Authorization": authorization, "Accept": "application/json"}


@pytest.mark.parametrize("route", [route for route in MATRIX if route.startswith("GET")])
def test_what_is_taken_for_granted_may_be_said(scene: Scene, described: Any, route: str) -> None:  # noqa: F811
    operation, known = asked(scene, described, route)
    schemas = {one.name: one.definition["schema"] for one in operation.query}
    defaults = {name: schema["default"] for name, schema in schemas.items() if schema.get("default") is not None}
    answer = operation.Case(path_parameters=known, query=defaults).call(headers=owner(scene))
    assert answer.status_code == MATRIX[route].owner, (defaults, answer.content)


@pytest.mark.parametrize("route", MATRIX)
def test_whatever_is_sent_is_answered_as_described(
    scene: Scene,  # noqa: F811
    described: Any,
    settings: Settings,
    route: str,
) -> None:
    settings.SUBMITS_PER_MINUTE = 100_000
    operation, known = asked(scene, described, route)
    good = scene.body(MATRIX[route])
    headers = owner(scene)

    def send(case: Case[Any]) -> None:
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    @given(operation.as_strategy(path_parameters=known), st.booleans())
    @bounded
    def allowed(case: Case[Any], helped: bool) -> None:  # noqa: FBT001 - drawn
        if helped and isinstance(case.body, dict) and isinstance(good, dict):
            case.body |= good
        send(case)

    @given(operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known))
    @bounded
    def not_allowed(case: Case[Any]) -> None:
        send(case)

    allowed()
    if operation.body or operation.query:
        not_allowed()
