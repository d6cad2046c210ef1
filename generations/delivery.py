"""From what a provider made to images that are stored, recorded and paid for, one transaction each."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import IO

from django.db import connection, transaction

from accounts import ledger
from generations import erasing, events, storage
from generations.leases import Lease
from generations.models import Attempt, Image
from generations.providers.base import Provider, RequestRejected
from generations.rows import Row
from generations.types import Picture

logger = logging.getLogger(__name__)

ROW = Row(Image)


@dataclass(slots=True)
class Delivery:
    """What came of an attempt's pictures. The last is stored, but not yet recorded: that is done with the ending."""

    images: int
    last: Image | None = None
    faults: list[str] = field(default_factory=list)


def deliver(lease: Lease, attempt: Attempt, provider: Provider, pictures: list[Picture]) -> Delivery:
    """Store each picture that is not yet, and record and settle all but the last.

    Raises ``ProviderUnavailable`` when a picture cannot be fetched now, ``LostLease``, or what the storage raises:
    whatever was delivered before that stays delivered, and calling again goes on from there.
    """
    generation = lease.generation
    delivery = Delivery(images=len(lease.delivered))
    wanted = pictures[: generation.count]
    for position, picture in enumerate(wanted):
        if position in lease.delivered:
            continue
        lease.keep(provider.call_limit)
        try:
            with opened(picture, provider) as content:
                original = storage.keep(content, trained=provider.trained, claim=erasing.claim)
        except (storage.UnusablePicture, RequestRejected) as error:
            logger.warning("attempt %s: picture %s is not usable: %s", attempt, position, error)
            delivery.faults.append(str(error)[:300])
            continue
        delivery.images += 1
        image = image_of(attempt, position, picture, original)
        if position == len(wanted) - 1:
            delivery.last = image
        else:
            with transaction.atomic():
                lease.renew()
                record(image)
                events.record(generation, ("image", delivery.images, generation.status))
    return delivery


def record(image: Image) -> None:
    """The image's row and its price, inside the transaction that made sure of the lease.

    Raises ``BeingErased`` when that took so long that its bytes are not sure to be there.
    """
    insert(image)
    ledger.capture(image.generation_id, image.position, image.generation.price)


def insert(image: Image) -> None:
    """The image's row, together with that of its bytes, in one statement; raises as ``record`` does."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(), {**ROW.of(image), "hashes": [image.sha256]})
        if not cursor.rowcount:
            raise erasing.BeingErased(image.sha256)
    image._state.adding = False  # noqa: SLF001


@cache
def _statement() -> str:
    return (
        f"WITH stored AS ({erasing.RECORD} RETURNING sha256) "  # noqa: S608 - names of columns
        f"INSERT INTO generations_image ({ROW.columns}) SELECT {ROW.values} FROM stored"
    )


@contextmanager
def opened(picture: Picture, provider: Provider) -> Iterator[IO[bytes]]:
    """Its bytes as a file. What is fetched goes to a disk under no name, so that nothing of it can stay behind."""
    if picture.url and picture.url.startswith(storage.SPOOL):
        with storage.open_file(picture.url) as spooled:
            yield spooled
    elif picture.url:
        with storage.aside() as fetched:
            provider.fetch(picture.url, into=fetched)
            yield fetched
    elif picture.draw:
        yield io.BytesIO(picture.draw())
    elif picture.content is not None:
        yield io.BytesIO(picture.content)
    else:
        raise storage.UnusablePicture("neither bytes nor an address")


def image_of(attempt: Attempt, position: int, picture: Picture, original: storage.Original) -> Image:
    """The row of a picture that is stored, not saved yet."""
    generation = attempt.generation
    return Image(
        generation=generation,
        attempt=attempt,
        user_id=generation.user_id,
        position=position,
        model_id=generation.model_id,
        provider=attempt.provider,
        aspect_ratio=generation.aspect_ratio,
        sha256=original.sha256,
        media_type=original.media_type,
        size=original.size,
        width=original.width,
        height=original.height,
        placeholder=original.placeholder,
        seed=picture.seed,
        effective_prompt=picture.prompt or "",
    )
