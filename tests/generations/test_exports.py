"""Exports: everything that was asked for is in them, whatever dies on the way, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.test import Client

from accounts.models import ApiKey
from generations import endpoints, exports, prompts, storage
from generations.models import Album, AlbumImage, Export, Image
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api, pointers, problem
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
EXPORTS = "/api/v1/exports"


@pytest.fixture
def alice(storage_kind: str) -> Api:
    """Three pictures, of two generations."""
    make_catalogue()
    api = Api(make_user(balance=100, name="Alice"))
    for prompt, count in (("a reef", 2), ("../dunes\n/..", 1)):
        generation = make_generation(api.user, prompt=prompt, count=count)
        take_steps(generation.pk, FakeProvider([finished(count)]))
    return api


def asked(api: Api, body: dict[str, Any] | None = None) -> str:
    answer = api.post(EXPORTS, body or {})
    assert answer.status_code == 202, answer.content
    number: str = answer.json()["id"]
    return number


def make(stopped: Callable[[], bool] = lambda: False) -> None:
    """Whatever waits first."""
    pk = exports.next_in("exports")
    assert pk
    exports.make(pk, stopped)


def fetched(api: Api, number: str) -> ZipFile:
    """The archive, by its address alone."""
    url = urlsplit(api.get(f"{EXPORTS}/{number}").json()["url"])
    answer: Any = Client().get(url.path)
    content = answer.getvalue() if answer.status_code == 200 else storage.read(Export.objects.get(pk=number).key)
    return ZipFile(io.BytesIO(content))


def names(archive: ZipFile, folder: str) -> list[str]:
    return sorted(name for name in archive.namelist() if name.startswith(f"{folder}/"))


def test_an_archive_has_every_picture_as_it_is_with_its_record(alice: Api) -> None:
    Image.objects.filter(pk=Image.objects.order_by("pk")[0].pk).trash()
    number = asked(alice)
    queued = alice.get(f"{EXPORTS}/{number}").json()
    assert (queued["what"], queued["status"], queued["total"], queued["url"]) == ("account", "queued", 3, None)
    make()
    ready = alice.get(f"{EXPORTS}/{number}").json()
    assert (ready["status"], ready["done"], ready["error"]) == ("ready", 3, None)
    archive = fetched(alice, number)
    assert archive.testzip() is None
    assert archive.fp
    assert archive.fp.seek(0, io.SEEK_END) == ready["size"]
    hashes = {hashlib.sha256(archive.read(name)).hexdigest() for name in names(archive, "pictures")}
    assert hashes == set(Image.objects.values_list("sha256", flat=True))
    records = [json.loads(archive.read(name)) for name in names(archive, "records")]
    assert {record["image"] for record in records} == {str(pk) for pk in Image.objects.values_list("pk", flat=True)}


def test_that_of_a_whole_account_has_all_else_but_secrets(alice: Api) -> None:
    endpoint = endpoints.create(alice.user, "https://hooks.example/")
    prompts.keep_preset(alice.user, {"name": "wide", "parameters": {"aspect_ratio": "16:9"}})
    album, first = Album.objects.create(user=alice.user, name="mine"), Image.objects.order_by("pk")[0]
    AlbumImage.objects.create(album=album, image=first, position=1)
    number = asked(alice)
    make()
    archive = fetched(alice, number)
    whole = {name: json.loads(archive.read(name)) for name in archive.namelist() if "/" not in name}
    assert whole["account.json"][0]["email"] == alice.user.email
    assert whole["account.json"][0]["language"] == ""
    assert {one["prompt"] for one in whole["generations.json"]} == {"a reef", "../dunes\n/.."}
    assert len(whole["prompts.json"]) == 2
    assert whole["presets.json"][0]["name"] == "wide"
    assert whole["albums.json"][0]["images"] == [str(first.pk)]
    assert sum(one["amount"] for one in whole["credits.json"] if one["kind"] == "capture") == 3
    assert whole["webhooks.json"][0]["url"] == "https://hooks.example/"
    assert whole["keys.json"][0]["prefix"] == alice.key.prefix
    assert whole["missing.json"] == []
    text = "".join(archive.read(name).decode() for name in whole)
    for secret in (alice.key.digest, endpoint.secret, endpoints.shown(endpoint), alice.user.password):
        assert secret not in text


def test_names_in_it_are_unique_and_safe_whatever_was_written(alice: Api) -> None:
    number = asked(alice)
    make()
    archive = fetched(alice, number)
    assert len(set(archive.namelist())) == len(archive.namelist())
    assert all(name.isascii() and ".." not in name and not name.startswith("/") for name in archive.namelist())


def test_everything_in_it_has_its_own_date(alice: Api) -> None:
    first = Image.objects.order_by("pk")[0]
    Image.objects.filter(pk=first.pk).update(created=dt.datetime(2021, 12, 31, 23, 30, 10, tzinfo=dt.UTC))
    number = asked(alice)
    make()
    entries = {entry.filename: entry.date_time for entry in fetched(alice, number).infolist()}
    dated = {name: date for name, date in entries.items() if str(first.pk) in name}
    assert set(dated) == {f"pictures/2021-12-31-{first.pk}.png", f"records/2021-12-31-{first.pk}.json"}
    assert set(dated.values()) == {(2021, 12, 31, 23, 30, 10)}
    assert all(date >= (2021,) for date in entries.values())


def test_pictures_can_be_named_or_searched_for_and_are_ones_own(alice: Api) -> None:
    mine = Image.objects.order_by("pk")[0]
    bob = Api(make_user(balance=10))
    for body in ({"ids": [str(mine.pk)]}, {"filter": {"q": "reef"}}):
        number = asked(alice, body)
        assert alice.get(f"{EXPORTS}/{number}").json()["what"] == "images"
        make()
        archive = fetched(alice, number)
        assert len(names(archive, "pictures")) == (1 if "ids" in body else 2)
        assert {name for name in archive.namelist() if "/" not in name} == {"missing.json"}
    number = asked(bob, {"ids": [str(mine.pk)]})
    assert bob.get(f"{EXPORTS}/{number}").json()["total"] == 0
    problem(bob.get(f"{EXPORTS}/{Export.objects.filter(user=alice.user)[0].pk}"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"ids": []}, "#/ids"),
        ({"ids": ["x"]}, "#/ids/0"),
        ({"ids": ["00000000-0000-7000-8000-000000000000"], "filter": {}}, "#"),
        ({"filter": {"colour": "red"}}, "#/filter/colour"),
        ({"what": "everything"}, "#/what"),
    ],
)
def test_what_cannot_be_exported_is_refused(alice: Api, body: dict[str, Any], wrong: str) -> None:
    assert pointers(problem(alice.post(EXPORTS, body), 400, "invalid")) == {wrong}


def test_there_is_one_at_a_time_and_not_too_much_in_it(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asked(alice)
    problem(alice.post(EXPORTS, {}), 409, "export_running")
    assert alice.client.delete(f"{EXPORTS}/{number}").status_code == 204
    problem(alice.client.delete(f"{EXPORTS}/{number}"), 404, "not_found")
    monkeypatch.setattr(exports, "MOST", 2)
    problem(alice.post(EXPORTS, {}), 409, "export_too_large")
    assert asked(alice, {"filter": {"q": "reef"}})


def test_the_whole_account_needs_a_key_that_may_read_it(alice: Api) -> None:
    number = asked(alice)
    ApiKey.objects.filter(pk=alice.key.pk).update(scopes=["images:read", "images:write"])
    body = problem(alice.post(EXPORTS, {}), 403, "missing_scope")
    assert body["scope"] == "account:read"
    problem(alice.get(f"{EXPORTS}/{number}"), 404, "not_found")
    assert alice.get(EXPORTS).json()["results"] == []


def test_a_worker_that_dies_leaves_it_to_another_which_begins_anew(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die() -> bool:
        raise Killed

    number = asked(alice)
    with pytest.raises(Killed):
        make(die)
    assert not exports.waiting(), "somebody may still be at it"
    Export.objects.update(lease_until=Now() - dt.timedelta(seconds=1))
    assert exports.waiting()
    make()
    assert alice.get(f"{EXPORTS}/{number}").json()["status"] == "ready"
    assert len(names(fetched(alice, number), "pictures")) == 3


def test_a_worker_that_was_taken_for_dead_changes_nothing(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "RENEWED_EVERY", 0.0)
    number = asked(alice)

    def overtaken() -> bool:
        Export.objects.update(lease_token="00000000-0000-7000-8000-000000000000", done=0)
        return False

    make(overtaken)
    export = Export.objects.get(pk=number)
    assert (export.status, export.done, export.key) == ("running", 0, "")


def test_one_that_is_deleted_while_it_is_stored_leaves_nothing(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    written, put = [], storage.put

    def put_then_deleted(key: str, content: Any) -> None:
        put(key, content)
        written.append(key)
        Export.objects.all().delete()

    monkeypatch.setattr(storage, "put", put_then_deleted)
    asked(alice)
    make()
    with pytest.raises(FileNotFoundError):
        storage.read(written[0])


@pytest.mark.parametrize("storage_kind", ["files"], indirect=True)
def test_on_a_disk_of_our_own_an_archive_is_written_once(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    written, put = [], storage.put

    def noted(key: str, content: IO[bytes]) -> None:
        put(key, content)
        written.append(os.fstat(content.fileno()).st_ino)

    monkeypatch.setattr(storage, "put", noted)
    number = asked(alice)
    make()
    key = Export.objects.get(pk=number).key
    assert written == [Path(default_storage.path(key)).stat().st_ino]


def test_a_worker_that_is_to_stop_leaves_it_to_others_at_once(alice: Api) -> None:
    asked(alice)
    make(lambda: True)
    export = Export.objects.get()
    assert (export.status, export.tries) == ("queued", 0)
    assert exports.waiting()


def test_what_cannot_be_written_is_given_up_in_the_end(
    alice: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "put", full)
    number = asked(alice)
    for _ in range(exports.MOST_TRIES):
        assert alice.get(f"{EXPORTS}/{number}").json()["status"] != "failed"
        Export.objects.update(lease_until=None)
        make()
    body = alice.get(f"{EXPORTS}/{number}").json()
    assert (body["status"], body["error"]) == ("failed", "It could not be written: OSError")
    assert asked(alice), "another may be tried"


def test_a_picture_that_is_gone_is_named_and_the_rest_is_there(alice: Api) -> None:
    number = asked(alice)
    gone = Image.objects.order_by("pk")[0]
    Image.objects.filter(pk=gone.pk).trash()
    Image.objects.filter(pk=gone.pk).delete_for_good()
    lost = Image.objects.order_by("pk")[2]
    storage.discard(storage.original_key(lost.sha256, lost.media_type))
    make()
    archive = fetched(alice, number)
    missing = {str(image.pk) for image in Image.objects.all() if image.sha256 in {gone.sha256, lost.sha256}}
    assert set(json.loads(archive.read("missing.json"))) == missing
    assert len(names(archive, "pictures")) == len(names(archive, "records")) == 3 - len(missing)


def test_an_address_ends_and_is_nobody_elses(alice: Api, settings: Any) -> None:
    number = asked(alice)
    make()
    path = urlsplit(alice.get(f"{EXPORTS}/{number}").json()["url"]).path
    assert Client().get(path.replace("/exports/", "/exports/x", 1)).status_code == 404
    settings.SIGNED_URL_SECONDS = -1
    ended = urlsplit(alice.get(f"{EXPORTS}/{number}").json()["url"]).path
    assert Client().get(ended).status_code == 404


def test_after_a_week_it_is_removed(alice: Api) -> None:
    number = asked(alice)
    make()
    key = Export.objects.get().key
    assert exports.expire() == 0
    Export.objects.update(expires=Now() - dt.timedelta(seconds=1))
    assert exports.expire() == 1
    assert exports.expire() == 0
    body = alice.get(f"{EXPORTS}/{number}").json()
    assert (body["status"], body["url"]) == ("expired", None)
    with pytest.raises(FileNotFoundError):
        storage.read(key)


def test_a_deleted_one_leaves_nothing_in_the_storage(alice: Api) -> None:
    number = asked(alice)
    make()
    key = Export.objects.get().key
    assert alice.client.delete(f"{EXPORTS}/{number}").status_code == 204
    with pytest.raises(FileNotFoundError):
        storage.read(key)


def test_a_part_of_an_archive_can_be_fetched(files: Path) -> None:
    make_catalogue()
    api = Api(make_user())
    number = asked(api)
    make()
    url = urlsplit(api.get(f"{EXPORTS}/{number}").json()["url"])
    answer: Any = Client().get(url.path, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.getvalue()) == (206, b"PK\x03\x04")
    assert answer["Content-Disposition"].startswith("attachment; filename=")


def test_nothing_is_to_be_made_when_nothing_was_asked_for(alice: Api) -> None:
    assert not exports.waiting()
    assert exports.next_in("exports") is None
    exports.make(Export().pk)
