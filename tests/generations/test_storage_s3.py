"""Signed links at a real S3-speaking server: they give one object, to anybody, for a while."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from pytest_django.fixtures import Settings
from storages.backends.s3 import S3Storage

from config import embedded
from generations import storage
from generations.storage import keep, original_key
from tests.config.test_backup import manage
from tests.factories import make_generation
from tests.fakes import FakeProvider, finished, png
from tests.generations.programs import Api
from tests.generations.steps import advance


@pytest.fixture
def kept(bucket: str) -> tuple[str, bytes]:
    """The key and the bytes of a picture in a bucket."""
    content = png()
    original = keep(io.BytesIO(content), trained=True, claim=lambda *_bytes: None)
    return original_key(original.sha256, original.media_type), content


def address_of(key: str, filename: str = "") -> str:
    address = storage.link(key, media_type="image/png", filename=filename)
    assert address
    return address


def test_a_signed_link_gives_the_bytes_to_whoever_has_it(kept: tuple[str, bytes]) -> None:
    key, content = kept
    answer = httpx.get(address_of(key))
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["Content-Type"] == "image/png"
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_a_signed_link_names_a_download(kept: tuple[str, bytes]) -> None:
    answer = httpx.get(address_of(kept[0], "atelier-1.png"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="atelier-1.png"'


def test_a_signed_link_opens_nothing_else(kept: tuple[str, bytes], bucket: str) -> None:
    key, _ = kept
    address, other = address_of(key), storage.spool(b"somebody else's")
    for changed in (
        address.replace("X-Amz-Expires=900", "X-Amz-Expires=90000"),
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        address.replace(key, other),
        address.replace("image%2Fpng", "text%2Fhtml"),
        f"{bucket}/{key}",
    ):
        assert changed != address
        assert httpx.get(changed).status_code in {400, 403}, changed
    assert httpx.put(address, content=b"mine now").status_code in {400, 403}
    assert storage.read(key) == kept[1]


def test_a_signed_link_expires(kept: tuple[str, bytes], settings: Settings) -> None:
    settings.SIGNED_URL_SECONDS = 3
    address = address_of(kept[0])
    assert httpx.get(address).status_code == 200
    time.sleep(4)
    assert httpx.get(address).status_code in {400, 403}


def test_making_the_bucket_twice_is_harmless(kept: tuple[str, bytes]) -> None:
    call_command("createbucket", verbosity=0)
    assert storage.read(kept[0]) == kept[1]


def test_a_part_of_an_object_can_be_read(kept: tuple[str, bytes]) -> None:
    key, content = kept
    assert isinstance(default_storage, S3Storage)
    client = default_storage.connection.meta.client
    part = client.get_object(Bucket=default_storage.bucket_name, Key=key, Range="bytes=0-9")["Body"]
    with part:
        assert part.read() == content[:10]


@pytest.fixture
def elsewhere(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a studio that has never been started, with a bucket of its own that nobody has made yet."""
    monkeypatch.setenv("S3_BUCKET", f"{bucket.rpartition('/')[2]}-elsewhere")
    with tempfile.TemporaryDirectory(prefix="atelier-restored-") as folder:
        yield Path(folder, "var")
        embedded.Services(Path(folder, "var")).erase()


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_a_bucket_back_as_another(alice: Api, elsewhere: Path, tmp_path: Path) -> None:
    image = advance(make_generation(alice.user), FakeProvider([finished(1)])).images.get()
    folder = tmp_path / "backup"
    call_command("backup", folder, verbosity=0)
    call_command("backup", folder, check=True)
    back = manage(elsewhere, "restore", str(folder))
    assert back.returncode == 0, back.stdout + back.stderr
    assert "3 of 3 objects copied" in back.stdout
    assert "The books are sound" in back.stdout
    assert isinstance(default_storage, S3Storage)
    client, other = default_storage.connection.meta.client, f"{default_storage.bucket_name}-elsewhere"
    for key in storage.keys_of(image.sha256, image.media_type)[:3]:
        assert client.get_object(Bucket=other, Key=key)["Body"].read() == storage.read(key)
