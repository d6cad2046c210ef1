"""What programs are told where no view is reached."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db
PREFIXES = [prefix for prefix, _ in configured.SPEAKERS]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_programs_over_http_are_refused_and_not_redirected(settings: Settings, prefix: str, method: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = getattr(Client(), method)(f"{prefix}nothing")
    assert answer.status_code == 403
    assert "json" in answer["Content-Type"]
    assert "https" in answer.text
    assert answer["X-Request-Id"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_not_there_is_said_in_json(prefix: str) -> None:
    answer = Client().get(f"{prefix}there//nothing")
    assert answer.status_code == 404
    assert "json" in answer["Content-Type"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_for_another_host_is_refused_in_json(prefix: str) -> None:
    answer = Client(headers={"host": "elsewhere.example"}).get(f"{prefix}nothing")
    assert answer.status_code == 400
    assert "json" in answer["Content-Type"]
    assert "another host" in answer.text


def test_what_is_for_another_host_is_refused_on_a_page() -> None:
    answer = Client(headers={"host": "elsewhere.example"}).get("/create")
    assert answer.status_code == 400
    assert "cannot be read" in answer.text


def test_pages_are_sent_on_to_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/create")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/create")


def test_over_https_nothing_is_said(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/api/nothing", secure=True).status_code == 404
