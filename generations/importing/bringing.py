"""Rows and bytes of what was brought: pictures first, then what they are in.

No credits come of it and the ledger hears nothing: what was paid was paid elsewhere. Nothing is published by it, no
receiver is told, and no vendor's job, cost or address is taken over.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from generations import albums, delivery, erasing, prompts, quotas, searches, storage
from generations.importing import shapes
from generations.importing.opening import Archive, Unusable
from generations.models import Album, AlbumImage, Attempt, Generation, Image, Model, Prompt
from generations.models.prompt import digest_of

MOST_LIVES = 20  # of one picture: each time that it was deleted for good and brought back
BATCH = 500


@dataclass(slots=True)
class Brought:
    """What came of it; ``refused`` says of each that could not be kept why."""

    pictures: int = 0
    there: int = 0
    prompts: int = 0
    presets: int = 0
    searches: int = 0
    albums: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    here: dict[UUID, UUID] = field(default_factory=dict)  # pictures and albums, by what the archive calls them


def bring_back(user: User, file: IO[bytes], report: Callable[[int], object] = lambda _done: None) -> Brought:
    """Keep what an archive has for this person; raises ``Unusable`` where it is none.

    ``report`` is told how many records were looked at, after each.
    """
    brought, archive = Brought(), Archive(file)
    _each(archive, "prompts.json", brought, lambda row: _prompt(user, row, brought))
    for done, name in enumerate(archive.names("records"), 1):
        try:
            _picture(user, archive, name, brought)
        except (Unusable, storage.UnusablePicture) as error:
            brought.refused[name] = str(error)
        except erasing.BeingErased:
            brought.refused[name] = "The same picture is being deleted at this moment; bring it back later."
        report(done)
    _each(archive, "albums.json", brought, lambda row: _album(user, row, brought))
    _each(archive, "presets.json", brought, lambda row: _preset(user, row, brought))
    _each(archive, "searches.json", brought, lambda row: _search(user, row, brought))
    return brought


def _each(archive: Archive, name: str, brought: Brought, keep: Callable[[Any], None]) -> None:
    """Each row of a list; one that cannot be kept is no reason to leave the others."""
    try:
        rows = archive.rows(name)
    except Unusable as error:
        brought.refused[name] = str(error)
        return
    for number, row in enumerate(rows):
        try:
            keep(row)
        except Unusable as error:
            brought.refused[f"{name} {number}"] = str(error)


def _picture(user: User, archive: Archive, name: str, brought: Brought) -> None:
    values = shapes.checked(shapes.RecordShape, archive.record(name))
    here = _here(user, values)
    if here is None:
        if full := quotas.of(user).refusal(1):
            raise Unusable(full)
        model = _model(values)
        stem = name.removeprefix("records/").removesuffix(".json")
        with archive.picture(f"pictures/{stem}.{storage.EXTENSIONS[values['file']['media_type']]}") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != values["file"]["sha256"]:  # type: ignore[arg-type]  # IO names no readinto
                raise Unusable("This is not the picture that its record speaks of.")
            trained = values["provider"]["name"] != "sketch"
            original = storage.keep(content, trained=trained, claim=erasing.claim)
        here = _record(user, model, values, original)
        brought.pictures += 1
    else:
        brought.there += 1
    brought.here[values["image"]] = here


def _model(values: dict[str, Any]) -> Model:
    """The model of this studio that took the order, as it would today."""
    names = dict.fromkeys([values["model"]["made_by"], values["request"]["model"]])
    for name in names:
        if model := Model.objects.named(name).first():
            return model
    raise Unusable(f"No model of this studio is called {values['request']['model']}.")


def _here(user: User, values: dict[str, Any]) -> UUID | None:
    """What the picture is called here, if it is there."""
    if Image.objects.existing().filter(user=user, pk=values["image"]).exists():
        found: UUID = values["image"]
        return found
    own = Image.objects.existing().filter(user=user, position=values["position"])
    return own.filter(generation__in=_lives(user, values)).values_list("pk", flat=True).first()


def _lives(user: User, values: dict[str, Any]) -> list[UUID]:
    """What its generation is called when it is brought back for the first time, for the second, …"""
    moment = values["times"]["submitted"]
    return [derived(moment, user, "generation", values["generation"], life) for life in range(MOST_LIVES)]


def _record(user: User, model: Model, values: dict[str, Any], original: storage.Original) -> UUID:
    """The picture's row, with its generation and attempt where it is the first of them."""
    asked, times, seed = values["request"], _past(values["times"]), values["seed"]
    with transaction.atomic():
        attempt = _attempt(user, model, values, times)
        image = Image(
            id=derived(values["times"]["stored"], user, f"image {attempt.generation_id}", values["image"]),
            generation=attempt.generation,
            attempt=attempt,
            user=user,
            position=values["position"],
            model=model,
            provider=attempt.provider,
            aspect_ratio=asked["aspect_ratio"],
            sha256=original.sha256,
            media_type=original.media_type,
            size=original.size,
            width=original.width,
            height=original.height,
            placeholder=original.placeholder,
            seed=seed["returned"],
            effective_prompt="" if values["effective_prompt"] == asked["prompt"] else values["effective_prompt"],
            created=times["stored"],
            starred=values["owner"]["starred"],
            trashed_at=timezone.now() if values["owner"]["trashed"] else None,  # its thirty days begin anew
        )
        delivery.insert(image)
    return image.pk


def _attempt(user: User, model: Model, values: dict[str, Any], times: dict[str, dt.datetime]) -> Attempt:
    """That of the first life of the generation in which nothing stands where the picture is to be."""
    taken = set(
        Image.objects.filter(generation__in=_lives(user, values), position=values["position"]).values_list(
            "generation", flat=True
        )
    )
    pk = next((pk for pk in _lives(user, values) if pk not in taken), None)
    if pk is None:
        raise Unusable("It was deleted and brought back too often.")
    if found := Attempt.objects.filter(generation=pk).select_related("generation").first():
        return found
    asked, seed = values["request"], values["seed"]
    generation = Generation.objects.create(
        id=pk,
        user=user,
        source=Generation.Source.ARCHIVE,
        model=model,
        prompt=_kept_prompt(user, asked["prompt"], asked["negative_prompt"], times["submitted"]),
        asked_model="" if asked["model"] == model.slug else asked["model"],
        price=0,
        status=Generation.Status.COMPLETED,
        created=times["submitted"],
        started=times["started"],
        finished=times["stored"],
        deadline=times["stored"],
        next_step_at=times["stored"],
        **{name: asked[name] for name in ("aspect_ratio", "resolution", "count", "seed", "output_format")},
    )
    return Attempt.objects.create(
        generation=generation,
        number=1,
        provider=values["provider"]["name"],
        provider_model=values["model"]["answered"],
        state=Attempt.State.DELIVERED,
        seed=seed["sent"],
        parameters=[dict(one) for one in values["parameters"]],
        created=times["submitted"],
        finished=times["stored"],
    )


def _past(times: dict[str, dt.datetime | None]) -> dict[str, dt.datetime]:
    """In their order, and not in the future, whatever was written."""
    submitted, stored = times["submitted"], times["stored"]
    now = timezone.now()
    begun = min(submitted or now, now)
    ended = min(max(stored or begun, begun), now)
    return {"submitted": begun, "started": min(max(times["started"] or begun, begun), ended), "stored": ended}


def _kept_prompt(user: User, text: str, negative: str, moment: dt.datetime) -> Prompt:
    """The person's prompt with these texts; one that is new is as old as what was made of it."""
    _write_prompt(user, text, negative, created=moment, last_used=moment)
    return Prompt.objects.defer("words").get(user=user, digest=digest_of(text, negative))


def _write_prompt(user: User, text: str, negative: str, **values: Any) -> int:
    """How many are new by it: none, or one."""
    before = Prompt.objects.filter(user=user, digest=digest_of(text, negative))
    if before.exists():
        return 0
    new = Prompt(user=user, text=text, negative=negative, digest=digest_of(text, negative), **values)
    Prompt.objects.bulk_create([new], ignore_conflicts=True)
    return 1


def _prompt(user: User, row: Any, brought: Brought) -> None:
    values = shapes.checked(shapes.PromptShape, row)
    now = timezone.now()
    dates = {name: min(values.pop(name), now) for name in ("created", "last_used")}
    marks = {name: values.pop(name) for name in ("starred", "hidden")}
    brought.prompts += _write_prompt(user, values["text"], values["negative"], **marks, **dates)


def _album(user: User, row: Any, brought: Brought) -> None:
    """An album, new or there already, with those of its pictures that are here."""
    values = shapes.checked(shapes.AlbumShape, row)
    created = min(values["created"], timezone.now())
    own = Album.objects.filter(user=user)
    album = own.filter(pk__in=[values["id"], pk := derived(values["created"], user, "album", values["id"])]).first()
    if album is None:
        try:
            named = {"name": values["name"], "description": values["description"]}
            album = albums.create(user, id=pk, created=created, **named)
        except albums.TooMany as error:
            raise Unusable(f"There are as many albums as anybody may have; {values['name']!r} is left out.") from error
        brought.albums += 1
    brought.here[values["id"]] = album.pk
    _place(album, [brought.here[image] for image in values["images"] if image in brought.here])


def _place(album: Album, images: Iterable[UUID]) -> None:
    """In their order, behind what is in it already."""
    there = AlbumImage.objects.filter(album=album)
    last = there.order_by("-position").values_list("position", flat=True).first() or 0
    places = [AlbumImage(album=album, image_id=pk, position=last + number) for number, pk in enumerate(images, 1)]
    AlbumImage.objects.bulk_create(places, batch_size=BATCH, ignore_conflicts=True)


def _preset(user: User, row: Any, brought: Brought) -> None:
    values = shapes.preset(row)
    try:
        prompts.keep_preset(user, values)
        brought.presets += 1
    except prompts.NameTaken:
        pass  # as the second time that an archive is brought back
    except prompts.TooMany as error:
        raise Unusable(f"There are as many presets as anybody may have; {values['name']!r} is left out.") from error


def _search(user: User, row: Any, brought: Brought) -> None:
    values = shapes.search(row)
    wanted = values["filter"]
    if "album" in wanted:
        wanted = wanted | {"album": str(brought.here.get(UUID(str(wanted["album"])), wanted["album"]))}
    try:
        searches.keep(user, values["name"], wanted, values["sort"])
        brought.searches += 1
    except searches.NameTaken:
        pass
    except searches.TooMany as error:
        raise Unusable(f"There are as many searches as anybody may have; {values['name']!r} is left out.") from error


def derived(moment: dt.datetime, user: User, kind: str, pk: UUID, life: int = 0) -> UUID:
    """A UUIDv7 of that moment, always the same for the same thing of the same person."""
    milliseconds = int(moment.timestamp() * 1000)
    rest = int.from_bytes(hashlib.sha256(f"{user.pk} {kind} {pk} {life}".encode()).digest()[:10])
    return UUID(int=milliseconds << 80 | 0x7 << 76 | (rest >> 64 & 0xFFF) << 64 | 0b10 << 62 | rest & (1 << 62) - 1)
