"""What stands against attacks on a whole studio, and that docs/security.md says nothing that is not tested."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts import enrolment, sealing
from config.env import BASE_DIR
from generations import endpoints, pushing, sharing
from generations.models import Endpoint, Image
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api
from tests.generations.steps import advance
from tests.patience import SECONDS

pytestmark = pytest.mark.django_db
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = re.compile(r"^\| (?!what |---)(.+) \| (.+) \| `(tests/.+)` \|$", re.MULTILINE)


def test_every_threat_names_a_test_that_there_is() -> None:
    guide = (BASE_DIR / "docs" / "security.md").read_text(encoding="utf-8")
    table = [line for line in guide.splitlines() if line.startswith("| ")][1:]
    assert len(table) == len(ROWS.findall(guide)) > 30
    for path, name in NAMED.findall(guide):
        tree = ast.parse(Path(BASE_DIR, path).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, (path, name)


@pytest.mark.usefixtures("files")
def test_the_studios_key_is_changed_in_two_steps_and_nothing_is_lost(
    alice: Api, client: Client, settings: Settings
) -> None:
    image: Image = advance(make_generation(alice.user), FakeProvider([finished(1)])).images.get()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the first key" * 4, []
    client.force_login(alice.user)
    endpoint = endpoints.create(alice.user, "https://receiver.example/")
    secret, pushes = endpoints.shown(endpoint), pushing.public_key()
    token = sharing.token_of(sharing.create(alice.user, image=image.pk))
    picture = alice.get(f"/api/v1/images/{image.pk}").json()["url"]

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the second key" * 4, [settings.SECRET_KEY]
    assert client.get("/gallery").status_code == 200, "still signed in"
    assert Client().get(picture).getvalue()
    assert Client().get(reverse("shared", args=[token])).status_code == 200
    assert (endpoints.shown(endpoint), pushing.public_key()) == (secret, pushes)
    assert endpoints.rotate(endpoint)
    renewed = sharing.token_of(sharing.create(alice.user, image=image.pk))

    settings.SECRET_KEY_FALLBACKS = []
    fresh = Endpoint.objects.get(pk=endpoint.pk)
    assert endpoints.shown(fresh) != secret
    assert client.get("/gallery").status_code == 200, "the session was signed anew when it was used"
    assert Client().get(reverse("shared", args=[renewed])).status_code == 200
    for address in (picture, reverse("shared", args=[token])):
        assert Client().get(address).status_code in {403, 404}, "what only the old key had signed"
    with pytest.raises(sealing.Unreadable):
        pushing.public_key()


def test_outside_of_its_networks_there_is_no_admin(settings: Settings) -> None:
    admin = Client()
    admin.force_login(make_user(is_staff=True, is_superuser=True))
    assert admin.get("/admin/").status_code == 200
    settings.ADMIN_NETWORKS = ["10.1.0.0/16", "::1/128"]
    for path in ("/admin/", "/admin", "/admin/accounts/user/", "/admin/login/"):
        assert admin.get(path).status_code == 404, path
    assert admin.get("/admin/", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert admin.get("/admin/", REMOTE_ADDR="::1").status_code == 200
    assert admin.get("/gallery").status_code == 200
    forged = {"X-Forwarded-For": "10.1.2.3"}
    assert admin.get("/admin/", headers=forged).status_code == 404, "no proxy is trusted"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert admin.get("/admin/", headers=forged).status_code == 200
    assert admin.get("/admin/", headers={"X-Forwarded-For": "10.1.2.3, 8.8.8.8"}).status_code == 404


def test_the_admin_may_be_somewhere_else() -> None:
    """Addresses are made once, at the start: of a process of its own."""
    script = "import django; django.setup(); from django.urls import reverse; print(reverse('admin:index'))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "ADMIN_PATH": "/back/stairs/"}
    command = [sys.executable, "-c", script]
    said = subprocess.run(  # noqa: S603
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert said.stdout.strip() == "/back/stairs/"


def test_pages_run_nothing_but_the_studios_own_files(alice: Api, client: Client) -> None:
    client.force_login(alice.user)
    for path in ("/create", "/gallery", "/explore", "/account/"):
        policy = client.get(path)["Content-Security-Policy"]
        said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert said["default-src"] == "'none'"
        assert said["script-src"] == said["style-src"] == "'self'"
        assert "unsafe" not in policy
        assert said["frame-ancestors"] == said["base-uri"] == "'none'"


def test_every_page_says_what_browsers_are_not_to_do(client: Client) -> None:
    for path in ("/", "/explore", "/account/login/", "/api/v1/models"):
        answer = client.get(path)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
    enrolment.add("carol@example.com", "a lantern on still water")
    client.post(reverse("account_login"), {"login": "carol@example.com", "password": "a lantern on still water"})
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")


def test_who_is_told_of_a_hole(client: Client, settings: Settings) -> None:
    path = "/.well-known/security.txt"
    assert client.get(path).status_code == 404
    settings.SECURITY_CONTACT, settings.PUBLIC_BASE_URL = "mailto:security@example.com", "https://studio.example"
    answer = client.get(path)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert said["Contact"] == "mailto:security@example.com"
    assert said["Canonical"] == "https://studio.example/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["Expires"])
