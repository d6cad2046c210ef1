"""From what a provider made to images that are stored, recorded and paid for, one transaction each."""

from __future__ import annotations

import logging

from django.db import transaction

from accounts import ledger
from accounts.models import Hold
from generations import events, storage
from generations.leases import LEASE, Lease
from generations.models import Attempt, Image
from generations.providers.base import Provider, RequestRejected
from generations.types import Picture

logger = logging.getLogger(__name__)


def deliver(lease: Lease, attempt: Attempt, provider: Provider, pictures: list[Picture]) -> list[str]:
    """Store and settle each picture that is not yet; answers why some are not usable.

    Raises ``ProviderUnavailable`` when a picture cannot be fetched now, ``LostLease``, or what the storage raises:
    whatever was delivered before that stays delivered, and calling again goes on from there.
    """
    generation = lease.generation
    hold = Hold.objects.get(generation=generation.pk)
    delivered = set(generation.images.values_list("position", flat=True))
    faults = []
    for position, picture in enumerate(pictures[: generation.count]):
        if position in delivered:
            continue
        lease.renew(provider.call_limit + LEASE)
        try:
            original = storage.keep(_content(picture, provider), trained=provider.trained)
        except (storage.UnusablePicture, RequestRejected) as error:
            logger.warning("attempt %s: picture %s is not usable: %s", attempt, position, error)
            faults.append(str(error)[:300])
            continue
        _record(lease, hold, _image(attempt, generation.user_id, position, picture, original))
    return faults


def _content(picture: Picture, provider: Provider) -> bytes:
    if picture.content is not None:
        return picture.content
    if picture.draw is not None:
        return picture.draw()
    if picture.url is None:
        raise storage.UnusablePicture("neither bytes nor an address")
    if picture.url.startswith(storage.SPOOL):
        return storage.read(picture.url)
    return provider.fetch(picture.url)


def _image(attempt: Attempt, user: int, position: int, picture: Picture, original: storage.Original) -> Image:
    return Image(
        generation_id=attempt.generation_id,
        attempt=attempt,
        user_id=user,
        position=position,
        sha256=original.sha256,
        media_type=original.media_type,
        size=original.size,
        width=original.width,
        height=original.height,
        placeholder=original.placeholder,
        seed=picture.seed,
        effective_prompt=picture.prompt or "",
    )


def _record(lease: Lease, hold: Hold, image: Image) -> None:
    generation = lease.generation
    with transaction.atomic():
        lease.renew()
        image.save(force_insert=True)
        ledger.capture(hold, image.position, generation.price)
        ready = Image.objects.filter(generation=generation).count()
        events.record(generation, "image", ready=ready, status=generation.status)
