"""The walk through the storage: a page of keys after another, with what belongs to nobody and what is missing.

How far it is stands in the database after each page, so that whoever comes next goes on there. Memory holds a page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from generations.housekeeping import listing, missing, orphans
from generations.housekeeping.listing import OutOfOrder, Stored
from generations.models import StorageSweep

logger = logging.getLogger(__name__)

SPAN = 30.0  # seconds in one call: a message that takes longer than two minutes would be delivered again
# More left over or missing than so many, and than one in so many: that is no litter, but the wrong database or storage.
FEW, SHARE = 1_000, 10


@dataclass(slots=True)
class Found:
    """What a page, or several, came to."""

    objects_seen: int = 0
    bytes_seen: int = 0
    left_over: int = 0
    left_over_bytes: int = 0
    foreign: int = 0
    missing: int = 0

    def add(self, other: Found) -> None:
        """Take the figures of another on top."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class TooMuch(Exception):
    """So much belongs to nobody, or is missing, that it is not to be believed."""


def begin() -> StorageSweep:
    """A new walk, or the one that is under way."""
    try:
        with transaction.atomic():
            return StorageSweep.objects.create()
    except IntegrityError:
        return StorageSweep.objects.get(finished=None)


def go_on(*, span: float = SPAN, believe: bool = False) -> StorageSweep | None:
    """Go on with the walk that is under way for so many seconds; the walk as it then is, nothing without one.

    ``believe`` goes on where most of the storage seems to belong to nobody.
    """
    until = time.monotonic() + span
    while time.monotonic() < until:
        sweep = StorageSweep.objects.filter(finished=None).first()
        if sweep is None:
            break
        _step(sweep, believe=believe)
    return StorageSweep.objects.last()


def look() -> Found:
    """What a whole walk would come to, with nothing done about it."""
    seen, after = Found(), ""
    while True:
        page = listing.page(after)
        seen.add(_figures(page, orphans.judge(page)))
        seen.missing += sum(1 for _picture in _lacking(page, after))
        if not page:
            return seen
        after = page[-1].key


def _step(sweep: StorageSweep, *, believe: bool) -> None:
    """A page. Done twice it does nothing more, so two at once only cost time."""
    try:
        page = listing.page(sweep.position)
        judged = orphans.judge(page)
        found = _figures(page, judged)
        if not believe:
            _doubt(sweep, found)
        orphans.hand_over(judged)
        found.missing = _mark(sweep, page, found, believe=believe)
    except (OutOfOrder, TooMuch) as error:
        logger.error("the sweep of the storage was given up: %s", error)  # noqa: TRY400 - no fault of the code
        _move(sweep, stopped=str(error)[:300], finished=Now())
        return
    changes = {name: F(name) + getattr(found, name) for name in Found.__slots__}
    if page:
        _move(sweep, position=page[-1].key, **changes)
    else:
        _move(sweep, finished=Now(), **changes)
        _tell(sweep)


def _doubt(sweep: StorageSweep, found: Found) -> None:
    left_over, seen = sweep.left_over + found.left_over, sweep.objects_seen + found.objects_seen
    if left_over > max(FEW, seen // SHARE):
        raise TooMuch(f"{left_over} of {seen} objects belong to no picture: is this the database of this storage?")


def _mark(sweep: StorageSweep, page: list[Stored], found: Found, *, believe: bool) -> int:
    """How many pictures the page lacks; of an empty storage no more are looked for than it takes to say so."""
    seen = sweep.objects_seen + found.objects_seen
    most = max(0, max(FEW, seen // SHARE) - sweep.missing)
    lacking = _lacking(page, sweep.position)
    marked = missing.mark(lacking if believe else islice(lacking, most + 1))
    if not believe and marked > most:
        raise TooMuch(f"more than {sweep.missing + most} pictures are missing: is this the storage of this database?")
    return marked


def _lacking(page: list[Stored], after: str) -> Iterator[tuple[str, str]]:
    until = page[-1].key if page else None
    return missing.between(after, until, {stored.key for stored in page})


def _figures(page: list[Stored], judged: orphans.Judged) -> Found:
    left_over = judged.left_over
    return Found(
        objects_seen=len(page),
        bytes_seen=sum(stored.size for stored in page),
        left_over=len(left_over),
        left_over_bytes=sum(stored.size for stored in left_over),
        foreign=len(judged.foreign),
    )


def _move(sweep: StorageSweep, **changes: object) -> None:
    """Write it down, unless another went on from there meanwhile."""
    StorageSweep.objects.filter(pk=sweep.pk, position=sweep.position, finished=None).update(**changes)


def _tell(sweep: StorageSweep) -> None:
    sweep.refresh_from_db()
    log = logger.warning if sweep.missing else logger.info
    log(
        "the storage was swept: %s objects, %s left over, %s foreign, %s pictures missing",
        *(sweep.objects_seen, sweep.left_over, sweep.foreign, sweep.missing),
    )
