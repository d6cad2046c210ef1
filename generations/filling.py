"""A gallery of any size, for benchmarks and for trying pages out: many rows, few files, sound books."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import ledger
from accounts.models import Entry, Hold, User, Wallet
from generations import erasing, storage
from generations.models import Attempt, Generation, Image, Model, Prompt
from generations.providers.base import Provider
from generations.storage import Original
from generations.types import MAX_IMAGES, PIXEL_SIZES, Finished, ImageRequest

SUBJECTS = ("a lighthouse", "misty mountains", "a paper boat", "dunes", "a ringed planet", "pressed ferns", "a reef")
MOODS = ("at dusk", "at dawn", "in fog", "in the rain", "at noon", "by moonlight", "in plum and sage")
STYLES = ("gouache", "oil paint", "ink", "watercolour", "cut paper", "long exposure")
DRAWN = 15
BATCH = 250  # generations in one transaction
BETWEEN = dt.timedelta(minutes=7)  # from one generation to the next: a large gallery has many days


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that many images of the gallery share."""

    ratio: str
    original: Original


def fill(user: User, images: int, provider: Provider, report: Callable[[int], object]) -> None:
    """Give a person this many images, four to a generation, of a few pictures that the provider draws.

    They are spread over the past, newest last, and paid for with credits granted for it. ``report`` is told how many
    there are after each batch.
    """
    model = Model.objects.get(slug="sketch")
    ledger.grant(user, images * model.price_1k, key=f"grant:fill:{uuid.uuid4()}", reason="benchmark gallery")
    pictures = [_draw(provider, number) for number in range(min(DRAWN, images))]
    prompts = [_prompt(user, *words) for words in itertools.product(SUBJECTS, MOODS, STYLES)]
    sizes = [MAX_IMAGES] * (images // MAX_IMAGES) + ([images % MAX_IMAGES] if images % MAX_IMAGES else [])
    start = timezone.now() - BETWEEN * len(sizes)
    for first in range(0, len(sizes), BATCH):
        batch = [
            _generation(user, model, prompts[number % len(prompts)], pictures[number % len(pictures)].ratio, count)
            for number, count in enumerate(sizes[first : first + BATCH], first)
        ]
        for number, generation in enumerate(batch, first):
            _date(generation, start + BETWEEN * number)
        _store(user, batch, pictures, first)
        report(sum(sizes[: first + BATCH]))


def _draw(provider: Provider, number: int) -> Drawn:
    ratio = list(PIXEL_SIZES)[number % len(PIXEL_SIZES)]
    prompt = f"{SUBJECTS[number % len(SUBJECTS)]} {MOODS[number % len(MOODS)]}"
    answer = provider.submit(ImageRequest("", prompt, aspect_ratio=ratio, seed=number), reference="fill", callback=None)
    if not isinstance(answer, Finished) or answer.pictures[0].draw is None:
        raise TypeError(f"{provider.name} does not draw at once")
    drawn = io.BytesIO(answer.pictures[0].draw())
    return Drawn(ratio, storage.keep(drawn, trained=provider.trained, claim=erasing.claim))


def _prompt(user: User, subject: str, mood: str, style: str) -> Prompt:
    return Prompt.objects.remember(user, f"{subject} {mood}, {style}", "")


def _generation(user: User, model: Model, prompt: Prompt, ratio: str, count: int) -> Generation:
    return Generation(
        user=user,
        source=Generation.Source.COMMAND,
        model=model,
        prompt=prompt,
        aspect_ratio=ratio,
        resolution="1K",
        count=count,
        output_format="png",
        price=model.price_1k,
        status=Generation.Status.COMPLETED,
    )


def _date(generation: Generation, moment: dt.datetime) -> None:
    generation.pk = _id_at(moment)
    generation.created = generation.started = moment
    generation.finished = moment + dt.timedelta(seconds=1)
    generation.deadline = generation.next_step_at = moment


def _id_at(moment: dt.datetime) -> uuid.UUID:
    """A UUIDv7 of that moment: milliseconds, version, random bits."""
    milliseconds = int(moment.timestamp() * 1000) << 80
    return uuid.UUID(int=milliseconds | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))


def _store(user: User, batch: list[Generation], pictures: list[Drawn], first: int) -> None:
    wallet = Wallet.objects.get(user=user)
    with transaction.atomic():
        Generation.objects.bulk_create(batch)
        attempts = Attempt.objects.bulk_create([_attempt(generation) for generation in batch])
        holds = Hold.objects.bulk_create(
            [Hold(wallet=wallet, generation=generation.pk, amount=generation.total) for generation in batch]
        )
        Entry.objects.bulk_create([_entry(hold, "hold", hold.amount, "hold") for hold in holds])
        images = [
            _image(attempt, position, pictures[number % len(pictures)].original)
            for number, attempt in enumerate(attempts, first)
            for position in range(attempt.generation.count)
        ]
        erasing.record(*{image.sha256 for image in images})
        Image.objects.bulk_create(images)
        Entry.objects.bulk_create(
            [
                _entry(hold, "capture", generation.price, f"img:{position}")
                for hold, generation in zip(holds, batch, strict=True)
                for position in range(generation.count)
            ]
        )


def _attempt(generation: Generation) -> Attempt:
    moment = generation.created
    return Attempt(
        generation=generation,
        number=1,
        provider="sketch",
        state=Attempt.State.DELIVERED,
        seed=1,
        created=moment,
        sent=moment,
        ready=moment,
        finished=generation.finished,
    )


def _entry(hold: Hold, kind: str, amount: int, key: str) -> Entry:
    return Entry(wallet_id=hold.wallet_id, hold=hold, kind=kind, amount=amount, key=f"gen:{hold.generation}:{key}")


def _image(attempt: Attempt, position: int, original: Original) -> Image:
    moment = attempt.created + dt.timedelta(milliseconds=position)
    return Image(
        id=_id_at(moment),
        generation=attempt.generation,
        attempt=attempt,
        user_id=attempt.generation.user_id,
        position=position,
        model_id=attempt.generation.model_id,
        provider=attempt.provider,
        aspect_ratio=attempt.generation.aspect_ratio,
        sha256=original.sha256,
        media_type=original.media_type,
        size=original.size,
        width=original.width,
        height=original.height,
        placeholder=original.placeholder,
        seed=position,
        created=moment,
    )
