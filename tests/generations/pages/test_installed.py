"""What makes the studio an app: nothing in it is anybody's own."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import PIL.Image
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.factories import make_catalogue, make_user

pytestmark = pytest.mark.django_db


def test_the_manifest_names_icons_of_the_size_that_they_have(client: Client) -> None:
    response = client.get(reverse("manifest"))
    assert response["Content-Type"] == "application/manifest+json"
    for icon in response.json()["icons"]:
        found = finders.find(icon["src"].removeprefix("/static/"))
        width, height = PIL.Image.open(io.BytesIO(Path(str(found)).read_bytes())).size
        assert icon["sizes"] == f"{width}x{height}"
    assert {icon["purpose"] for icon in response.json()["icons"]} == {"any", "maskable"}


def test_what_another_app_shares_is_in_the_prompt(client: Client, files: Path) -> None:
    make_catalogue()
    client.force_login(make_user())
    shared = client.get("/manifest.webmanifest").json()["share_target"]
    assert shared["method"] == "GET"
    names = shared["params"]
    both = {names["title"]: "a page", names["text"]: "two herons"}
    assert "two herons</textarea>" in client.get(shared["action"], both).content.decode()
    assert "a page</textarea>" in client.get(shared["action"], both | {names["text"]: ""}).content.decode()


def test_the_worker_is_at_the_root_and_keeps_what_is_everybodys(client: Client) -> None:
    client.force_login(make_user(name="Alice Moreau"))
    response = client.get("/worker.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]
    found = re.match(r"const SETTINGS = (\{.*\});\n", response.content.decode())
    assert found
    settings = json.loads(found[1])
    for path in settings["kept"]:
        if path.startswith(settings["files"]):
            assert finders.find(path.removeprefix(settings["files"])), path
        else:
            page = client.get(path)
            assert page.status_code == 200
            assert b"Alice" not in page.content
            for used in re.findall(rb'(?:href|src)="(/static/[^"]+)"', page.content):
                assert used.decode() in settings["kept"] or b"icons/app" in used


def test_the_offline_page_is_the_same_to_everybody(client: Client) -> None:
    open_to_all = client.get(reverse("offline")).content
    client.force_login(make_user())
    assert client.get(reverse("offline")).content == open_to_all
    assert b"You are offline" in open_to_all
