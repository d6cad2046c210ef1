"""Bringing back an archive: all that can be kept is, once; nothing in it is believed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from accounts.models import Act, Entry, User
from generations import albums, archive, erasing, importing, prompts, refunding, searches, storage, verification
from generations.models import AlbumImage, Generation, Image, Model, Prompt, SavedSearch
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.steps import advance

pytestmark = pytest.mark.django_db
TOLD = ("aspect_ratio", "seed", "effective_prompt", "starred", "sha256", "media_type", "width", "created", "provider")


@pytest.fixture
def alice(files: Path, model: Model) -> User:
    """Three pictures of two generations, one starred and one in the trash, and all that is around them."""
    user = make_user(balance=100, name="Alice")
    for prompt, count in (("a reef", 2), ("dunes", 1)):
        advance(
            make_generation(user, prompt=prompt, count=count, negative_prompt="people"), FakeProvider([finished(count)])
        )
    first, second, third = Image.objects.filter(user=user).order_by("pk")
    Image.objects.filter(pk=first.pk).update(starred=True, effective_prompt="a reef, in gouache")
    Image.objects.filter(pk=second.pk).trash()
    Image.objects.filter(pk=third.pk).publish()
    album = albums.create(user, name="Best", description="of all")
    albums.add(album.pk, Image.objects.filter(pk__in=[third.pk]))
    albums.add(album.pk, Image.objects.filter(pk__in=[first.pk]))
    prompts.keep_preset(user, {"name": "wide", "parameters": {"aspect_ratio": "16:9"}})
    searches.keep(user, "the best", {"album": str(album.pk)}, "newest")
    Prompt.objects.filter(user=user, text="dunes").update(starred=True)
    return user


def written(user: User) -> io.BytesIO:
    """An archive of all that somebody has."""
    file = io.BytesIO()
    own = Image.objects.of(user).order_by("pk").values_list("pk", flat=True)
    archive.write(file, user, list(own), whole=True, report=lambda _done: None)
    return file


def pictures(user: User) -> list[dict[str, Any]]:
    found = Image.objects.of(user).order_by("pk").select_related("generation__prompt", "generation__model")
    return [
        {
            **{name: getattr(image, name) for name in TOLD},
            "trashed": image.trashed_at is not None,
            "prompt": (image.generation.prompt.text, image.generation.prompt.negative),
            "model": image.generation.model.slug,
            "asked": (image.generation.count, image.generation.resolution, image.generation.created),
            "albums": list(image.places.values_list("album__name", flat=True)),
        }
        for image in found
    ]


def order(user: User) -> list[str]:
    """What is in the person's album, first to last."""
    places = AlbumImage.objects.filter(album__user=user).order_by("position")
    return list(places.values_list("image__sha256", flat=True))


def history(user: User) -> set[Any]:
    return set(Prompt.objects.filter(user=user).values_list("text", "negative", "starred", "created"))


def changed(file: io.BytesIO, change: Callable[[str, Any], Any]) -> io.BytesIO:
    """The archive with other JSON in it."""
    made = io.BytesIO()
    with ZipFile(file) as old, ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, json.dumps(change(name, json.loads(content))) if name.endswith(".json") else content)
    return made


def in_records(**values: Any) -> Callable[[str, Any], Any]:
    """Every record says this instead; ``a__b`` is b in a."""

    def change(name: str, told: Any) -> Any:
        for path, value in values.items() if name.startswith("records/") else ():
            *way, last = path.split("__")
            place = told
            for step in way:
                place = place[step]
            place[last] = value
        return told

    return change


def test_what_one_account_took_away_another_brings_back(alice: User) -> None:
    bob = make_user(name="Bob")
    entries = Entry.objects.count()
    brought = importing.bring_back(bob, written(alice))
    assert (brought.pictures, brought.albums, brought.prompts, brought.presets, brought.searches) == (3, 1, 2, 1, 1)
    assert brought.refused == {}
    assert pictures(bob) == pictures(alice)
    assert order(bob) == order(alice)
    assert history(bob) == history(alice)
    assert bob.presets.get().parameters == {"aspect_ratio": "16:9"}
    assert SavedSearch.objects.get(user=bob).filter == {"album": str(bob.albums.get().pk)}
    assert not Image.objects.filter(user=bob, published_at__isnull=False).exists()
    assert Entry.objects.count() == entries
    assert [finding for finding in verification.verify() if finding.breaches] == []
    own = Generation.objects.filter(user=bob)
    assert {(one.source, one.price, one.status) for one in own} == {("archive", 0, "completed")}
    assert refunding.refund(own[0], "because", make_user()) == 0


def test_the_same_archive_again_makes_nothing_twice(alice: User) -> None:
    bob, file = make_user(), written(alice)
    importing.bring_back(bob, file)
    before = pictures(bob)
    for user in (bob, alice):
        again = importing.bring_back(user, file)
        assert (again.pictures, again.there, again.albums, again.prompts) == (0, 3, 0, 0)
        assert (again.presets, again.searches, again.refused) == (0, 0, {})
    assert pictures(bob) == before
    assert Image.objects.filter(user=alice).count() == 3


def test_what_was_deleted_for_good_comes_back_as_often_as_that(alice: User) -> None:
    file = written(alice)
    for _time in range(3):
        own = Image.objects.filter(user=alice)
        own.trash()
        own.delete_for_good()
        assert importing.bring_back(alice, file).pictures == 3
        assert Image.objects.of(alice).count() == 3
        assert storage.exists(storage.original_key(own.of(alice)[0].sha256, "image/png"))
    assert [finding for finding in verification.verify() if finding.breaches] == []


@pytest.mark.parametrize(
    "values",
    [
        {"request__prompt": "x" * 5000},
        {"request__prompt": "a\0b"},
        {"request__prompt": "\ud800"},
        {"request__aspect_ratio": "5:4"},
        {"request__count": 10**30},
        {"request__model": "no-such-model", "model__made_by": "no-such-model"},
        {"position": 4},
        {"position": True},
        {"times__stored": "9999-12-31T23:59:59Z"},
        {"times__submitted": "0001-01-01T00:00:00+14:00"},
        {"times": None},
        {"image": "../../etc/passwd"},
        {"seed__sent": 2**64},
        {"parameters": [{"name": "seed", "asked": {"deep": []}, "verdict": "sent"}]},
        {"parameters": "many"},
        {"provider__name": "<script>"},
        {"file__sha256": "0" * 64},
        {"file__media_type": "image/svg+xml"},
        {"owner": []},
    ],
)
def test_a_record_that_cannot_be_is_said_and_left_out(alice: User, values: dict[str, Any]) -> None:
    bob = make_user()
    brought = importing.bring_back(bob, changed(written(alice), in_records(**values)))
    assert brought.pictures == 0
    assert len(brought.refused) == 3
    assert all(brought.refused.values())
    assert not Image.objects.filter(user=bob).exists()
    assert brought.albums == 1


def test_one_that_cannot_be_read_holds_up_no_other(alice: User) -> None:
    bob, file = make_user(), written(alice)
    number = iter(range(3))

    def break_one(name: str, told: Any) -> Any:
        if name == "albums.json":
            return [{"id": 1}, *told, None]
        return [] if name.startswith("records/") and next(number) == 1 else told

    brought = importing.bring_back(bob, changed(file, break_one))
    assert (brought.pictures, brought.albums, len(brought.refused)) == (2, 1, 3)


def test_what_is_no_picture_and_what_would_fill_the_disk_is_refused(alice: User) -> None:
    bob, made = make_user(), io.BytesIO()
    with ZipFile(written(alice)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            bomb = bytes(storage.MAX_BYTES + 1) if name.startswith("pictures/") else old.read(name)
            new.writestr(name, bytes(51_000_000) if name == "prompts.json" else bomb)
    brought = importing.bring_back(bob, made)
    assert brought.pictures == 0
    assert {why.rpartition("has")[2] for why in brought.refused.values()} == {
        f" more than {storage.MAX_BYTES} bytes.",
        " more than 50000000 bytes.",
    }


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused_whole(content: bytes) -> None:
    with pytest.raises(importing.Unusable):
        importing.bring_back(make_user(), io.BytesIO(content))


def test_a_torn_archive_is_refused_or_read_as_far_as_it_goes(alice: User) -> None:
    content = bytearray(written(alice).getvalue())
    with pytest.raises(importing.Unusable):
        importing.bring_back(make_user(), io.BytesIO(content[: len(content) // 2]))
    start = content.index(b"\x89PNG") + 200
    content[start : start + 40] = bytes(40)
    assert len(importing.bring_back(make_user(), io.BytesIO(content)).refused) >= 1


def test_no_more_than_there_is_room_for_is_kept(alice: User, settings: Settings) -> None:
    settings.QUOTA_IMAGES = 2
    bob = make_user()
    brought = importing.bring_back(bob, written(alice))
    assert brought.pictures == 2
    assert list(brought.refused.values()) == ["You may keep 2 pictures and have 2. Delete some for good in the trash."]


def test_bytes_that_another_has_stay_when_one_deletes_them(alice: User) -> None:
    bob = make_user()
    importing.bring_back(bob, written(alice))
    own = Image.objects.filter(user=bob)
    own.trash()
    own.delete_for_good()
    erasing.erase()
    assert all(storage.exists(storage.original_key(one.sha256, one.media_type)) for one in Image.objects.of(alice))


def test_the_command_says_what_came_of_it_and_is_in_the_log(
    alice: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bob, path = make_user(email="bob@example.com"), tmp_path / "archive.zip"
    path.write_bytes(written(alice).getvalue())
    call_command("importarchive", "Bob@example.com", str(path))
    told = capsys.readouterr().out
    assert "3 pictures, 1 albums" in told
    assert "credits" in told
    act = Act.objects.get()
    assert (act.verb, act.subject, act.after) == ("importarchive", bob, {"pictures": 3, "refused": 0})
    for email, file in (
        ("nobody@example.com", path),
        ("bob@example.com", tmp_path),
        ("bob@example.com", tmp_path / "no"),
    ):
        with pytest.raises(CommandError):
            call_command("importarchive", email, str(file))
