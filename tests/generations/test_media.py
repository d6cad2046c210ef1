"""Pictures over HTTP: the owner by session, anybody by a signed address while it lasts, nobody else."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import PIL.Image
import pytest
import time_machine
from django.core import signing
from django.core.files.storage import default_storage
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from generations import media, storage
from generations.models import Image
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db
VARIANTS = {"original": "image/png", "320.webp": "image/webp", "640.webp": "image/webp"}


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(email="alice@example.com", balance=100)


@pytest.fixture
def image(alice: User, files: Path) -> Image:
    return made_by(alice)


def made_by(person: User) -> Image:
    """A picture of theirs."""
    return advance(make_generation(person, count=2), FakeProvider([finished(2)])).images.get(position=1)


@pytest.fixture
def owner(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def own(image: Image, variant: str = "original") -> str:
    return f"/i/{image.pk}/{variant}"


def signed(image: Image, variant: str = "original") -> str:
    address = urlsplit(media.Addresses(RequestFactory().get("/")).of(image, variant))
    assert (address.scheme, address.netloc) == ("http", "testserver")
    return address.path


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def done_with(answer: Any) -> None:
    """Close the files of an answer whose bytes nobody wants; closing the answer itself would end the connection."""
    for close in answer._resource_closers:
        close()


def sign(image: Image, *, key: str | None = None, salt: str = media.SALT) -> str:
    """What a signed address holds, made as the product makes it."""
    return signing.Signer(key=key, salt=salt).sign_object([str(image.pk), "original", image.sha256[:12], 2**40])


def bytes_of(image: Image, variant: str) -> bytes:
    return storage.read(media._stored(image, variant)[0])


@pytest.mark.parametrize(("variant", "media_type"), VARIANTS.items())
def test_the_owner_sees_each_variant(owner: Client, image: Image, variant: str, media_type: str) -> None:
    answer = owner.get(own(image, variant))
    assert answer.status_code == 200
    assert body(answer) == bytes_of(image, variant)
    assert answer["Content-Type"] == media_type
    assert answer["Cache-Control"] == "private, max-age=900"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" not in answer.get("Content-Disposition", "")


def test_a_download_has_a_name(owner: Client, image: Image) -> None:
    names = {}
    for path in ("original?download", "640.webp?download", "record.json?download"):
        answer = owner.get(own(image, path))
        names[path] = re.fullmatch(r'attachment; filename="?([^"]+)"?', answer["Content-Disposition"])
        done_with(answer)
    ends = str(image.pk)[-12:]
    assert [name and name[1] for name in names.values()] == [
        f"atelier-{ends}-2.png",
        f"atelier-{ends}-2.webp",
        f"atelier-{ends}-2.json",
    ]


@pytest.mark.parametrize("variant", [*VARIANTS, "record.json"])
def test_nobody_else_learns_that_a_picture_exists(image: Image, variant: str) -> None:
    stranger = Client()
    assert stranger.get(own(image, variant)).status_code == 302
    assert stranger.get(own(image, variant))["Location"].startswith("/account/login/")
    for person in (make_user(), make_user(is_staff=True, is_superuser=True)):
        stranger.force_login(person)
        assert stranger.get(own(image, variant)).status_code == 404
        assert stranger.get(f"/i/{uuid.uuid4()}/{variant}").status_code == 404


@pytest.mark.parametrize("variant", ["999.webp", "640.png", "..", "original.png", "%2e%2e%2f", "spool"])
def test_what_is_no_variant_is_not_found(owner: Client, image: Image, variant: str) -> None:
    assert owner.get(own(image, variant)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pictures_are_only_read(owner: Client, image: Image, method: str) -> None:
    for path in (own(image), own(image, "record.json"), signed(image)):
        assert getattr(owner, method)(path).status_code == 405


def test_a_head_request_says_what_a_get_would(owner: Client, image: Image) -> None:
    for path in (own(image), signed(image)):
        answer = owner.head(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert int(answer["Content-Length"]) == image.size
        done_with(answer)


def test_an_object_that_is_gone_is_not_found(owner: Client, image: Image) -> None:
    default_storage.delete(storage.original_key(image.sha256, image.media_type))
    for path in (own(image), signed(image)):
        assert owner.get(path).status_code == 404


def test_the_record_tells_how_the_picture_came_to_be(owner: Client, image: Image) -> None:
    answer = owner.get(own(image, "record.json"))
    assert answer["Content-Type"] == "application/json"
    record = answer.json()
    assert record["image"] == str(image.pk)
    assert record["request"]["prompt"] == "a lighthouse at dusk"
    assert record["file"]["sha256"] == image.sha256
    assert record["price"]["credits"] == image.generation.price
    assert record["seed"]["returned"] == image.seed
    assert record["times"]["submitted"] < record["times"]["stored"]


@pytest.mark.parametrize(("variant", "media_type"), VARIANTS.items())
def test_a_signed_address_works_without_signing_in(image: Image, variant: str, media_type: str) -> None:
    answer = Client().get(signed(image, variant))
    assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
    assert body(answer) == bytes_of(image, variant)


def test_a_signed_address_expires_and_is_not_cached_for_longer(image: Image) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        address, client = signed(image), Client()
        clock.shift(dt.timedelta(seconds=899))
        answer = client.get(address)
        assert answer.status_code == 200
        left = int(answer["Cache-Control"].removeprefix("private, max-age="))
        assert 0 < left <= media.STEP + 1
        done_with(answer)
        clock.shift(dt.timedelta(seconds=left - 1))
        assert body(client.get(address))
        clock.shift(dt.timedelta(seconds=1))
        assert client.get(address).status_code == 404


def test_addresses_made_within_one_step_are_equal(image: Image) -> None:
    start = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        first = signed(image)
        clock.shift(dt.timedelta(seconds=media.STEP - 1))
        assert signed(image) == first
        clock.shift(dt.timedelta(seconds=1))
        assert signed(image) != first


def test_a_forged_address_opens_nothing(image: Image, alice: User) -> None:
    client = Client()
    other = made_by(alice)
    _, _, token, filename = signed(image).split("/")
    assert body(client.get(f"/media/{sign(image)}/{filename}")), "the forger knows the form"
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.replace(":", "", 1),
        "x",
        sign(image, salt="another"),
        sign(image, key="guessed"),
        sign(Image(pk=image.pk, sha256="0" * 64)),
        sign(Image(pk=uuid.uuid4(), sha256=image.sha256)),
        signing.Signer(salt=media.SALT).sign_object("something of ours, signed for another purpose"),
        f"{signed(other).split('/')[2].split(':')[0]}:{token.partition(':')[2]}",
    ]
    for wrong in forged:
        assert client.get(f"/media/{wrong}/{filename}").status_code == 404, wrong


def test_a_signed_address_names_one_variant_whatever_the_file_is_called(image: Image) -> None:
    token = signed(image, "320.webp").split("/")[2]
    answer = Client().get(f"/media/{token}/atelier-original.png")
    with PIL.Image.open(io.BytesIO(body(answer))) as picture:
        assert picture.format == "WEBP"


def test_with_s3_the_picture_comes_from_the_storage_itself(alice: User, owner: Client, bucket: str) -> None:
    image = made_by(alice)
    for path, media_type in (
        (own(image), "image/png"),
        (own(image, "320.webp"), "image/webp"),
        (signed(image), "image/png"),
    ):
        redirect = owner.get(path)
        assert redirect.status_code == 302
        assert redirect["Location"].startswith(f"{bucket}/")
        assert redirect["Cache-Control"] == "private, max-age=450", "the signed link outlives the cached redirect"
        answer = httpx.get(redirect["Location"])
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    download = httpx.get(owner.get(own(image, "original?download"))["Location"])
    assert download.content == bytes_of(image, "original")
    assert download.headers["Content-Disposition"].startswith('attachment; filename="atelier-')


def test_with_s3_strangers_get_no_link_either(alice: User, bucket: str) -> None:
    image = made_by(alice)
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(own(image)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=5-5", 5, 6),
        ("bytes=3-99999999", 3, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_part_of_a_picture_is_to_be_had(image: Image, asked: str, start: int, stop: int | None) -> None:
    whole = bytes_of(image, "original")
    part = whole[start:stop]
    answer = Client().get(signed(image), headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (206, part)
    begin = whole.index(part) if len(part) > 4 else start
    assert answer["Content-Range"] == f"bytes {begin}-{begin + len(part) - 1}/{len(whole)}"
    assert (answer["Content-Length"], answer["Content-Type"]) == (str(len(part)), "image/png")


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=0-1,4-5", "bytes=-", "pages=1-2", "bytes=x-", "bytes=0x1-2"])
def test_a_range_that_is_none_gets_the_whole(image: Image, asked: str) -> None:
    answer = Client().get(signed(image), headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (200, bytes_of(image, "original"))
    assert answer["Accept-Ranges"] == "bytes"
    assert int(answer["Content-Length"]) == image.size


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_said_to_be_there(image: Image, asked: str) -> None:
    answer = Client().get(signed(image), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{image.size}"


def test_a_part_is_of_the_version_that_the_client_has_or_the_whole_is_sent(image: Image) -> None:
    first = Client().get(signed(image), headers={"Range": "bytes=0-9"})
    done_with(first)
    for version, status in ((first["ETag"], 206), ('"another"', 200)):
        answer = Client().get(signed(image), headers={"Range": "bytes=0-9", "If-Range": version})
        assert answer.status_code == status
        done_with(answer)


def test_a_picture_is_not_sent_to_whoever_has_it(image: Image) -> None:
    first = Client().get(signed(image))
    done_with(first)
    again = Client().get(signed(image), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"].startswith("private, max-age=")
    assert again["ETag"] == first["ETag"]
    thumbnail = Client().get(signed(image, "320.webp"), headers={"If-None-Match": first["ETag"]})
    assert thumbnail.status_code == 200
    done_with(thumbnail)


def test_a_page_of_any_host_may_read_what_a_signed_address_names(image: Image, owner: Client) -> None:
    answers = Client().get(signed(image)), owner.get(own(image))
    assert [answer.get("Access-Control-Allow-Origin") for answer in answers] == ["*", None]
    for answer in answers:
        done_with(answer)
