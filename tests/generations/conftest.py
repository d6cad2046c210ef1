"""People with programs, and where pictures go: a folder that is gone afterwards, or a real S3-speaking server."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import httpx
import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from config.env import BASE_DIR
from generations.models import Model
from tests.factories import make_catalogue, make_user
from tests.generations.programs import Api
from tests.test_studio import eventually, free_port

described = cache(botocore.session.create_loader)  # of what Amazon offers: otherwise each connection reads megabytes
ACCESS_KEY, SECRET_KEY = "atelier-tests-key", "atelier-tests-secret"


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model) -> Api:
    return Api(make_user(balance=100))


@pytest.fixture
def bob(model: Model) -> Api:
    return Api(make_user(balance=100))


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of rclone's S3 server; where it is not installed the test is skipped, or fails in CI."""
    rclone = Path(sys.executable).with_name("rclone")
    if not rclone.is_file():
        (pytest.fail if os.environ.get("ATELIER_REQUIRE_ALL") == "1" else pytest.skip)("rclone is not installed")
    address = f"127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("buckets")
    command = [
        str(rclone),
        "serve",
        "s3",
        "--addr",
        address,
        "--auth-key",
        f"{ACCESS_KEY},{SECRET_KEY}",
        "--config",
        "",
    ]
    with (folder.parent / "rclone.log").open("wb") as log:
        server = subprocess.Popen([*command, str(folder)], stdout=log, stderr=log)  # noqa: S603
        try:
            eventually(lambda: _answers(address), 60)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> Path:
    """The pictures in this folder."""
    options = {"location": tmp_path}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "generations.files.FileStorage", "OPTIONS": options}
    }
    return tmp_path


@pytest.fixture
def bucket(s3_server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The pictures in a new bucket, as the product's own settings reach it; its address."""
    name = f"test-{uuid.uuid4().hex}"
    monkeypatch.setattr(botocore.session, "create_loader", described)
    for variable, value in {
        "S3_BUCKET": name,
        "S3_ENDPOINT_URL": s3_server,
        "S3_ACCESS_KEY_ID": ACCESS_KEY,
        "S3_SECRET_ACCESS_KEY": SECRET_KEY,
        "S3_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(variable, value)
    shipped = runpy.run_path(str(BASE_DIR / "config" / "settings.py"))
    settings.STORAGES = settings.STORAGES | {"default": shipped["STORAGES"]["default"]}
    call_command("createbucket", verbosity=0)
    return f"{s3_server}/{name}"


@pytest.fixture(params=["files", "s3"])
def storage_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test on files and on S3."""
    request.getfixturevalue("bucket" if request.param == "s3" else "files")
    kind: str = request.param
    return kind


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/", timeout=5).status_code < 500
    except httpx.TransportError:
        return False
