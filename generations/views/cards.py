"""A generation as the feed shows it: a tile for each image that was asked for, whatever became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import timing
from generations.models import Attempt, Generation, Image
from generations.views import words

MOST_WITHOUT_ARRIVING = 0.95  # of the bar: only a picture is the whole of it

# What a place shows when no image has arrived in it.
VACANT = {"queued": "queued", "running": "running", "completed": "failed", "failed": "failed", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One image's place: ``queued``, ``running``, ``done``, ``gone``, ``failed`` or ``cancelled``."""

    position: int
    state: str
    image: Image | None = None

    @property
    def key(self) -> str:
        """Equal as long as it shows the same: a browser leaves such a tile alone."""
        return f"{self.state}:{self.image.pk}" if self.image else self.state


class Card:
    """A generation with what its template needs. ``place`` is its place in line, 0 when it waits in none."""

    def __init__(self, generation: Generation, *, place: int) -> None:
        self.generation = generation
        self.place = place

    @cached_property
    def tiles(self) -> list[Tile]:
        """In the order of the images."""
        images = {image.position: image for image in self.generation.images.all()}
        vacant = VACANT[self.generation.status]
        return [
            _arrived(position, images[position]) if position in images else Tile(position, vacant)
            for position in range(self.generation.count)
        ]

    @cached_property
    def ready(self) -> int:
        """How many images have arrived."""
        return sum(tile.image is not None for tile in self.tiles)

    @cached_property
    def attempt(self) -> Attempt | None:
        """The latest."""
        attempts = list(self.generation.attempts.all())
        return attempts[-1] if attempts else None

    @property
    def nothing_made(self) -> bool:
        """Whether one card says what happened instead of tiles."""
        return self.generation.status == Generation.Status.FAILED and not self.ready

    @property
    def partial(self) -> bool:
        """Whether it ended with some images, but not all."""
        return self.generation.is_finished and 0 < self.ready < self.generation.count

    @property
    def spent(self) -> int:
        """Credits that the arrived images cost."""
        return (self.ready - self.late) * self.generation.price

    @cached_property
    def late(self) -> int:
        """How many of them came after its end, for nothing."""
        return sum(tile.image is not None and tile.image.late for tile in self.tiles)

    @property
    def returned(self) -> int:
        """Credits that came back."""
        return self.generation.total - self.spent

    @property
    def reason(self) -> str:
        """Why the missing images are missing."""
        return words.failure(self.generation)

    @cached_property
    def elapsed(self) -> int:
        """Seconds since submit."""
        return max(0, int((timezone.now() - self.generation.created).total_seconds()))

    @cached_property
    def typical(self) -> int:
        """Seconds that this model usually takes."""
        return timing.typical_seconds(self.generation.model)

    @property
    def facts(self) -> list[str]:
        """The meta line, before the time."""
        generation = self.generation
        facts = [words.maker(generation, self.attempt), generation.aspect_ratio]
        if generation.resolution != "1K":
            facts.append(generation.resolution)
        if not self.ready and generation.count > 1:
            facts.append(
                ngettext("%(count)s image", "%(count)s images", generation.count) % {"count": generation.count}
            )
        if generation.seed is not None:
            facts.append(_("seed ignored") if self._ignored("seed") else _("seed %(seed)s") % {"seed": generation.seed})
        if self.attempt and self.attempt.provider == "sketch":
            facts.append(_("drawn by Sketch, not AI"))
        return facts

    @property
    def stamp(self) -> str:
        """Equal as long as its head shows the same."""
        attempts = self.attempt.number if self.attempt else 0
        return f"{self.generation.status}:{self.ready}:{attempts}"

    def _ignored(self, name: str) -> bool:
        parameters = self.attempt.parameters if self.attempt else []
        return any(found["name"] == name and found["verdict"] == "ignored" for found in parameters)


def _arrived(position: int, image: Image) -> Tile:
    return Tile(position, "done", image) if image.is_kept else Tile(position, "gone", image)


@dataclass(frozen=True, slots=True)
class Day:
    """The cards of one day."""

    date: dt.date
    cards: list[Card]


def by_day(cards: Iterable[Card]) -> list[Day]:
    """Newest first, as they come; today is always there, because new ones are put into it."""
    grouped = groupby(cards, key=lambda card: timezone.localdate(card.generation.created))
    days = [Day(date, list(found)) for date, found in grouped]
    today = timezone.localdate()
    return days if days and days[0].date == today else [Day(today, []), *days]
