"""Comparisons: one prompt on two or three models at once, and the picture that is picked from what they made."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.ledger import BudgetExceeded, NotEnoughCredits
from accounts.models import User
from generations import arranging, pricing, quotes, remembered, submission
from generations.arranging import Change
from generations.models import Comparison, Generation, Image
from generations.models.image import ImageQuerySet
from generations.submission import Entrance, IdempotencyConflict, InvalidOrder, Order, Submitted

FEWEST, MOST = 2, 3


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and whether an earlier one with the same key had made it."""

    comparison: Comparison
    replayed: bool = False


def compare(
    user: User, order: Order, models: Sequence[str], entrance: Entrance, quote_ids: Sequence[str] = ()
) -> Compared:
    """Order the same from each of these models: all of it in one transaction, or nothing.

    Sent twice with the same ``idempotency_key`` it is done once. Quotes are one for each model, in their order. Raises
    what ``submission.submit`` raises.
    """
    orders = _orders(order, models)
    quoted = list(quote_ids) or [""] * len(orders)
    if len(quoted) != len(orders):
        raise InvalidOrder({"quotes": _("Send one quote for each model, or none.")})
    submission.permit(order.prompt)  # here, as a refusal is counted and the transaction would undo that
    ordered: list[Submitted] = []
    try:
        with transaction.atomic():
            for place, (one, quote_id) in enumerate(zip(orders, quoted, strict=True)):
                ordered.append(submission.submit(user, one, _part(entrance, place), quote_id=quote_id))
            return _compared(user, ordered)
    except NotEnoughCredits as error:
        total = sum(_price(user, one, quote_id) for one, quote_id in zip(orders, quoted, strict=True))
        taken = sum(one.generation.total for one in ordered)  # nothing of it is held any more
        if isinstance(error, BudgetExceeded):
            raise BudgetExceeded(total, error.period, error.budget, error.left + taken) from error
        raise NotEnoughCredits(total, error.available + taken) from error


def recent(user: User) -> QuerySet[Comparison]:
    """A person's comparisons, newest first, with what was ordered."""
    ordered = Generation.objects.select_related("prompt", "model").defer("prompt__words")
    return _own(user, ordered).select_related("winner")


def whole(user: User) -> QuerySet[Comparison]:
    """The same, with all that is known of each generation."""
    return _own(user, Generation.objects.of(user))


def pick(comparison: Comparison, image: UUID) -> None:
    """Make one of its pictures the winner, and star it; raises ``arranging.NotThere`` or ``arranging.InTrash``."""
    if not _images(comparison).filter(pk=image).exists():
        raise arranging.NotThere
    arranging.change(comparison.user, image, Change(starred=True))
    Comparison.objects.filter(pk=comparison.pk).update(winner=image)


def others(comparison: Comparison) -> ImageQuerySet:
    """Its pictures that are kept although another was picked."""
    if comparison.winner_id is None:
        return Image.objects.filter(pk__in=[])
    return _images(comparison).kept().exclude(pk=comparison.winner_id)


def trash_others(comparison: Comparison) -> int:
    """Put those into the trash; how many there were."""
    return arranging.act(comparison.user, "trash", others(comparison))


def _orders(order: Order, models: Sequence[str]) -> list[Order]:
    chosen = list(dict.fromkeys(models))
    if not FEWEST <= len(chosen) <= MOST:
        raise InvalidOrder({"models": _("Choose two or three models.")})
    return [dataclasses.replace(order, model=model) for model in chosen]


def _part(entrance: Entrance, place: int) -> Entrance:
    """How one of them came in: its key belongs to its place, and is as long as any key may be."""
    if not entrance.idempotency_key:
        return entrance
    digest = hashlib.sha256(entrance.idempotency_key.encode()).hexdigest()
    return dataclasses.replace(entrance, idempotency_key=f"compare:{digest}:{place}")


def _compared(user: User, ordered: Sequence[Submitted]) -> Compared:
    generations = [one.generation for one in ordered]
    if not any(one.replayed for one in ordered):
        comparison = Comparison.objects.create(user=user)
        comparison.generations.set(generations)
        return Compared(comparison)
    earlier = Comparison.objects.filter(user=user, generations=generations[0]).first()
    if earlier is None or set(earlier.generations.all()) != set(generations):
        raise IdempotencyConflict
    return Compared(earlier, replayed=True)


def _price(user: User, order: Order, quote_id: str) -> int:
    if quote_id:
        return pricing.total(quotes.price(quote_id, user, order.fingerprint), order.count)
    model = remembered.find(order.model)
    return pricing.total(model.price(order.resolution), order.count) if model else 0


def _own(user: User, generations: QuerySet[Generation]) -> QuerySet[Comparison]:
    prefetched = Prefetch("generations", generations.order_by("id"))
    return Comparison.objects.filter(user=user).prefetch_related(prefetched).order_by("-id")


def _images(comparison: Comparison) -> ImageQuerySet:
    return Image.objects.existing().filter(generation__comparisons=comparison)
