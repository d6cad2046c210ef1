"""The walk through the storage: what belongs to nobody goes, what somebody needs is noticed when it is gone."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from generations import erasing, storage, tasks, verification
from generations.housekeeping import listing, missing, orphans, walking
from generations.models import Export, Image, StorageSweep, StoredFile
from generations.types import Finished, Picture
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, png
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db
NOBODYS = "ab" + 62 * "1"


@pytest.fixture(autouse=True)
def somewhere(request: pytest.FixtureRequest) -> None:
    """Pictures are in files, unless a test says more."""
    if "storage_kind" not in request.fixturenames:
        request.getfixturevalue("files")


@pytest.fixture
def alice() -> User:
    make_catalogue()
    return make_user(balance=100)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages end in the middle of a picture's files."""
    monkeypatch.setattr(listing, "PAGE", 2)


def made(by: User, colour: str = "teal") -> Image:
    provider = FakeProvider([Finished([Picture(content=png(colour), seed=1)])])
    return advance(make_generation(by), provider).images.get()


def put(key: str, content: bytes = b"bytes") -> str:
    return default_storage.save(key, ContentFile(content))


def everything() -> list[str]:
    found, after = [], ""
    while page := listing.page(after):
        found += [stored.key for stored in page]
        after = page[-1].key
    return found


@contextmanager
def in_two_days() -> Iterator[None]:
    """As far as the age of what is stored goes; the storage itself would not believe another clock."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(orphans, "YOUNG", orphans.YOUNG - dt.timedelta(days=2))
        yield


def sweep(**options: bool) -> StorageSweep:
    """A whole walk, in two days' time: what is there is not young any more."""
    walk = walking.begin()
    with in_two_days():
        while walk.finished is None:
            walking.go_on(**options)
            walk.refresh_from_db()
    return walk


def let_time_pass() -> None:
    StoredFile.objects.update(claimed_at=F("claimed_at") - erasing.REST * 2)


def gone(image: Image, *, original: bool = True, thumbnails: bool = True) -> None:
    keys = storage.keys_of(image.sha256, image.media_type)
    for key in keys[: 1 if original else 0] + (keys[1:3] if thumbnails else []):
        default_storage.delete(key)


def missing_ones() -> set[str]:
    return set(StoredFile.objects.filter(missing_since__isnull=False).values_list("pk", flat=True))


@pytest.mark.usefixtures("storage_kind", "small_pages")
def test_a_listing_has_every_key_once_in_order_and_goes_on_after_any() -> None:
    keys = ["exports/a.zip", "originals/0a/1.png", "originals/0a/2.png", "originals/b/3.png", "spool/x", "z"]
    for key in reversed(keys):
        put(key)
    assert everything() == keys
    assert [stored.key for stored in listing.page("originals/0a/1.png")] == keys[2:4]
    assert [stored.key for stored in listing.page("originals/0a")] == keys[1:3]
    assert listing.page("zz") == []


def test_nothing_was_ever_stored(files: Path) -> None:
    files.rmdir()
    assert listing.page() == []
    assert sweep().objects_seen == 0


@pytest.mark.usefixtures("storage_kind", "small_pages")
def test_what_belongs_to_nobody_goes_and_what_belongs_to_somebody_stays(alice: User) -> None:
    image = made(alice)
    storage.render(image.sha256, image.media_type, "image/webp", trained=True)
    mine = everything()
    put(storage.original_key(NOBODYS, "image/png"))
    put(storage.thumbnail_key(NOBODYS, 320))
    put(f"{storage.EXPORTS}{uuid4()}-{uuid4().hex}.zip")
    foreign = put("somebody-elses.txt")
    walk = sweep()
    assert (walk.left_over, walk.foreign, walk.missing, walk.stopped) == (3, 1, 0, "")
    assert walk.left_over_bytes == 15
    assert walk.objects_seen == len(mine) + 4
    assert default_storage.exists(storage.original_key(NOBODYS, "image/png")), "not before nobody claimed it for long"
    let_time_pass()
    assert erasing.erase() == 1
    assert everything() == sorted([*mine, foreign])
    assert sweep().left_over == 0


def test_what_is_young_is_left_alone(alice: User) -> None:
    put(storage.original_key(NOBODYS, "image/png"))
    put(f"{storage.EXPORTS}{uuid4()}-{uuid4().hex}.zip")
    put("originals/ab/.tmpx1")
    call_command("sweepstorage")
    assert StorageSweep.objects.get().left_over == 0
    assert len(everything()) == 3


def test_what_a_dying_write_left_aside_goes(files: Path) -> None:
    put("originals/ab/.tmpx1")
    assert sweep().left_over == 1
    assert everything() == []


@pytest.mark.usefixtures("storage_kind")
def test_an_archive_that_somebody_may_fetch_stays(alice: User) -> None:
    key = put(f"{storage.EXPORTS}{uuid4()}-{uuid4().hex}.zip")
    Export.objects.create(user=alice, total=0, key=key, status=Export.Status.READY)
    assert sweep().left_over == 0
    assert everything() == [key]


def test_who_writes_the_same_bytes_meanwhile_keeps_them(alice: User) -> None:
    """Found left over, and delivered to somebody before it was removed."""
    image = made(alice)
    Image.objects.filter(pk=image.pk).update(sha256=NOBODYS)
    StoredFile.objects.all().delete()
    assert sweep().left_over == 3
    assert made(alice).sha256 == image.sha256
    let_time_pass()
    assert erasing.erase() == 0
    assert default_storage.exists(storage.original_key(image.sha256, image.media_type))


def test_what_a_backup_brought_back_of_a_deleted_picture_goes_again(alice: User) -> None:
    image = made(alice)
    own = Image.objects.filter(pk=image.pk)
    content = storage.read(storage.original_key(image.sha256, image.media_type))
    assert own.trash() == own.delete_for_good() == 1
    let_time_pass()
    assert erasing.erase() == 1
    put(storage.original_key(image.sha256, image.media_type), content)
    assert sweep().left_over == 1
    let_time_pass()
    assert erasing.erase() == 1
    assert everything() == []


def test_a_walk_goes_on_where_another_stopped(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 1)
    image = made(alice)
    walking.begin()
    listed: list[str] = []
    page = listing.page

    def counted(after: str = "") -> list[listing.Stored]:
        listed.append(after)
        return page(after)

    monkeypatch.setattr(listing, "page", counted)
    for _call in range(4):
        walking.go_on(span=1e-9)
    assert len(listed) == len(set(listed)) <= 4
    call_command("sweepstorage")
    assert len(listed) == len(set(listed)), "no page twice"
    walk = StorageSweep.objects.get()
    assert (walk.objects_seen, walk.missing) == (3, 0)
    assert image.sha256 in walk.position


def test_one_walk_is_under_way_at_a_time() -> None:
    first = walking.begin()
    assert walking.begin() == first
    tasks.begin_storage_sweep()
    tasks.sweep_storage()
    assert StorageSweep.objects.get().finished
    tasks.sweep_storage()
    assert StorageSweep.objects.count() == 1


def test_with_the_wrong_database_nothing_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "FEW", 3)
    keys = [put(storage.original_key(f"{number:064x}", "image/png")) for number in range(4)]
    walk = sweep()
    assert "is this the database of this storage?" in walk.stopped
    assert not StoredFile.objects.exists()
    with in_two_days(), pytest.raises(CommandError, match="--believe"):
        call_command("sweepstorage")
    assert everything() == keys
    with in_two_days():
        call_command("sweepstorage", "--believe")
    let_time_pass()
    assert erasing.erase() == 4


def test_a_storage_in_which_nothing_is_is_given_up(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "FEW", 2)
    for image in [made(alice, colour) for colour in ("red", "green", "blue", "white")]:
        gone(image)
    walk = sweep()
    assert "more than 2 pictures are missing" in walk.stopped
    assert StoredFile.objects.filter(missing_since__isnull=False).count() == 3, "no more are looked for than that"
    call_command("sweepstorage", "--believe")
    assert StorageSweep.objects.latest("pk").missing == 4


def test_a_storage_that_does_not_list_in_order_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf:
        """An S3 server that has never heard of StartAfter."""

        bucket_name = "bucket"

        def __getattr__(self, _name: str) -> Deaf:
            return self

        def list_objects_v2(self, **_wanted: object) -> dict[str, list[dict[str, object]]]:
            return {"Contents": [{"Key": "a", "Size": 1, "LastModified": dt.datetime.now(dt.UTC)}]}

    monkeypatch.setattr(listing, "default_storage", Deaf())
    assert "after 'a' came 'a'" in sweep().stopped


def test_a_dry_run_changes_nothing(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    image = made(alice)
    gone(image)
    keys = [*everything(), put(storage.original_key(NOBODYS, "image/png"))]
    with in_two_days():
        call_command("sweepstorage", "--dry-run")
    assert "1 left over (5 bytes), 0 not ours; 1 pictures missing" in capsys.readouterr().out
    assert everything() == keys
    assert not StorageSweep.objects.exists()
    assert not missing_ones()


@pytest.mark.usefixtures("storage_kind", "small_pages")
def test_missing_pictures_are_noticed(alice: User) -> None:
    images = [made(alice, colour) for colour in ("red", "green", "blue", "white", "black")]
    gone(images[0])
    gone(images[1], thumbnails=False)
    gone(images[2], original=False)
    trashed = Image.objects.filter(pk=images[3].pk)
    assert trashed.trash() == trashed.delete_for_good() == 1
    gone(images[3])
    assert sweep().missing == 3
    assert missing_ones() == {image.sha256 for image in images[:3]}
    assert sweep().missing == 3


def test_what_came_after_its_page_was_listed_is_not_missing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    image = made(alice)
    monkeypatch.setattr(listing, "page", lambda _after="": [])
    assert sweep().missing == 0
    assert default_storage.exists(storage.original_key(image.sha256, image.media_type))


@pytest.mark.usefixtures("storage_kind")
def test_a_missing_picture_is_fetched_again_while_the_vendor_has_it(alice: User) -> None:
    image = made(alice, "red")
    image.attempt.pictures = [{"url": "https://vendor.example/1", "seed": 1, "prompt": ""}]
    image.attempt.save()
    gone(image)
    sweep()
    vendor = FakeProvider(files={"https://vendor.example/1": png("red")})
    assert missing.seek(vendor) == 1
    assert vendor.fetched == ["https://vendor.example/1"]
    assert missing_ones() == set()
    assert [finding for finding in verification.verify() if finding.breaches] == []


def test_another_picture_at_the_vendors_address_is_not_taken(alice: User) -> None:
    image = made(alice, "red")
    image.attempt.pictures = [{"url": "https://vendor.example/1", "seed": 1, "prompt": ""}]
    image.attempt.save()
    gone(image)
    sweep()
    vendor = FakeProvider(files={"https://vendor.example/1": png("blue")})
    assert missing.seek(vendor) == 0
    assert missing_ones() == {image.sha256}
    assert missing.seek(vendor) == 0
    assert len(vendor.fetched) == 1, "not sought again within a day"


def test_missing_thumbnails_are_made_again_of_the_original(alice: User) -> None:
    image = made(alice)
    gone(image, original=False)
    sweep()
    assert missing.seek(FakeProvider()) == 1
    assert [finding for finding in verification.verify() if finding.breaches] == []


def test_what_was_drawn_here_is_drawn_again(alice: User) -> None:
    generation = make_generation(alice)
    call_command("sweep", "--inline")
    image = generation.images.get()
    gone(image)
    call_command("sweepstorage")
    assert missing_ones() == set()
    assert default_storage.exists(storage.original_key(image.sha256, image.media_type))


def test_what_is_deleted_meanwhile_is_missed_no_more(alice: User) -> None:
    image = made(alice)
    gone(image)
    sweep()
    own = Image.objects.filter(pk=image.pk)
    assert own.trash() == own.delete_for_good() == 1
    assert missing.seek(FakeProvider()) == 0
    assert missing_ones() == set()


def test_the_same_picture_delivered_again_is_missed_no_more(alice: User) -> None:
    image = made(alice)
    gone(image)
    sweep()
    assert made(alice).sha256 == image.sha256
    assert missing_ones() == set()


def test_foreign_keys_confuse_no_span(alice: User) -> None:
    image = made(alice)
    gone(image)
    for key in ("originals/README", "originals/zz/x", "thumbnails/ff/README", "a", "thumbnailsx/1", "originals/0"):
        put(key)
    assert sweep().missing == 1
    assert missing_ones() == {image.sha256}


def test_young_is_what_files_say(files: Path) -> None:
    put(storage.original_key(NOBODYS, "image/png"))
    old = time.time() - orphans.YOUNG.total_seconds() - 60
    path = files / storage.original_key(NOBODYS, "image/png")
    os.utime(path, (old, old))
    call_command("sweepstorage")
    assert StorageSweep.objects.get().left_over == 1


def test_the_admin_says_what_is_missing_and_gets_it_again(alice: User, client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    index, files = reverse("admin:index"), reverse("admin:generations_storedfile_changelist")
    image = made(alice)
    gone(image, original=False)
    assert b"gone from the storage" not in client.get(index).content
    sweep()
    assert b"1 picture is gone from the storage." in client.get(index).content
    assert alice.email.encode() in client.get(files + "?missing_since__isempty=0").content
    chosen = {"action": "seek", "_selected_action": [image.sha256]}
    StoredFile.objects.filter(missing_since__isnull=False).update(sought_at=Now())  # in vain
    said = client.post(files, chosen | {"_confirmed": "1", "_reason": "the vendor has mended it"}, follow=True)
    assert b"Done to 1." in said.content
    tasks.sweep_storage()
    assert b"gone from the storage" not in client.get(index).content


def test_the_admin_says_that_a_walk_was_given_up(alice: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "FEW", 0)
    client.force_login(make_user(is_staff=True, is_superuser=True))
    put(storage.original_key(NOBODYS, "image/png"))
    walk = sweep()
    assert b"The sweep of the storage was given up: 1 of 1 objects" in client.get(reverse("admin:index")).content
    assert client.get(reverse("admin:generations_storagesweep_change", args=[walk.pk])).status_code == 200
    assert client.get(reverse("admin:generations_storagesweep_changelist")).status_code == 200


def test_the_lists_of_the_admin_take_as_many_statements_however_long_they_are(alice: User, client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    counts = []
    for colours in (("red",), ("green", "blue", "white")):
        for colour in colours:
            made(alice, colour)
        with CaptureQueriesContext(connection) as asked:
            assert alice.email in client.get(reverse("admin:generations_storedfile_changelist")).content.decode()
        counts.append(len(asked))
    assert counts[0] == counts[1]
