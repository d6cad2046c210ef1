"""``/developers``: snippets for this studio, for anyone. That they work is shown by tests/clients."""

from __future__ import annotations

import ast
import json

import pytest
from django.test import Client
from django.utils.html import escape
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import User
from generations import routing
from generations.models import Model, Route
from generations.views.developers import FORMATS, LANGUAGES
from tests.factories import make_catalogue, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def model(settings: Settings) -> Model:
    settings.ALLOWED_HOSTS = ["studio.example", "testserver"]
    return make_catalogue()


@pytest.mark.parametrize("shown", FORMATS, ids=lambda shown: shown.slug)
def test_each_format_has_a_snippet_in_every_language_with_this_host(client: Client, shown: object) -> None:
    page = client.get(f"/developers/{shown.slug}", headers={"host": "studio.example:8443"})  # type: ignore[attr-defined]
    snippets = page.context["snippets"]
    assert [snippet.language for snippet in snippets] == list(LANGUAGES)
    assert all("studio.example:8443" in snippet.text for snippet in snippets)
    assert all("ATELIER_KEY" in snippet.text and "{" * 2 not in snippet.text for snippet in snippets)
    ast.parse(next(snippet.text for snippet in snippets if snippet.language == "python"))


def test_what_is_copied_and_what_is_read_are_the_text_itself(client: Client) -> None:
    page = client.get("/developers")
    for snippet in page.context["snippets"]:
        assert f'data-copy="{escape(snippet.text)}"' in page.text
        assert f"<code>{escape(snippet.text)}</code>" in page.text


def test_over_https_the_unmodified_fal_client_is_pointed_here_by_its_environment(client: Client) -> None:
    page = client.get("/developers/fal", secure=True, headers={"host": "studio.example"})
    python = page.context["snippets"][1].text
    assert 'os.environ["FAL_RUN_HOST"] = "studio.example/fal/run"' in python
    assert "URL_FORMAT" not in python


@pytest.mark.parametrize("gone", [(), ("imagen-4",)])
def test_the_model_is_one_that_is_offered(client: Client, gone: tuple[str, ...]) -> None:
    Route.objects.filter(model__slug__in=gone).delete()
    curl = client.get("/developers").context["snippets"][0].text
    body = json.loads(curl.partition("-d '")[2].partition("'")[0])
    assert body["model"] in set(routing.offered().values_list("slug", flat=True)) - set(gone)


def test_people_are_reminded_of_their_keys_and_nobody_elses(client: Client, alice: User) -> None:
    key, secret = keys.create(alice, "my laptop")
    assert "my laptop" not in client.get("/developers").text
    client.force_login(alice)
    page = client.get("/developers").text
    assert f"my laptop ({key.prefix}…)" in page
    assert secret not in page
    client.force_login(make_user())
    assert "my laptop" not in client.get("/developers").text


def test_a_format_that_is_not_spoken_is_not_found(client: Client) -> None:
    assert client.get("/developers/morse").status_code == 404
