"""Comparisons: one prompt on two or three models at once, and the picture that is picked from what they made."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.ledger import NotEnoughCredits
from accounts.models import User, Wallet
from generations import arranging, pricing, remembered, submission
from generations.arranging import Change
from generations.models import Comparison, Generation, Image
from generations.models.image import ImageQuerySet
from generations.submission import Entrance, InvalidOrder, Order

FEWEST, MOST = 2, 3


def compare(user: User, order: Order, models: Sequence[str], *, token: str = "") -> Comparison:
    """Order the same from each of these models: all of it in one transaction, or nothing.

    Sent twice with the same ``token`` it is done once. Raises what ``submission.submit`` raises.
    """
    chosen = list(dict.fromkeys(models))
    if not FEWEST <= len(chosen) <= MOST:
        raise InvalidOrder({"models": _("Choose two or three models.")})
    try:
        with transaction.atomic():
            return _submit(user, [dataclasses.replace(order, model=model) for model in chosen], token)
    except NotEnoughCredits as error:
        available = Wallet.objects.get(user=user).spendable  # nothing of it is held any more
        raise NotEnoughCredits(_total(order, chosen), available) from error


def recent(user: User) -> QuerySet[Comparison]:
    """A person's comparisons, newest first, with what was ordered."""
    ordered = Generation.objects.select_related("prompt", "model").defer("prompt__words").order_by("id")
    own = Comparison.objects.filter(user=user)
    return own.select_related("winner").prefetch_related(Prefetch("generations", ordered)).order_by("-id")


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


def _submit(user: User, orders: Sequence[Order], token: str) -> Comparison:
    submitted = [
        submission.submit(user, order, Entrance(Generation.Source.WEB, idempotency_key=token and f"{token}:{place}"))
        for place, order in enumerate(orders)
    ]
    first = submitted[0]
    if first.replayed and (earlier := Comparison.objects.filter(user=user, generations=first.generation).first()):
        return earlier
    comparison = Comparison.objects.create(user=user)
    comparison.generations.set([one.generation for one in submitted])
    return comparison


def _total(order: Order, models: Sequence[str]) -> int:
    found = filter(None, map(remembered.find, models))
    return sum(pricing.total(model.price(order.resolution), order.count) for model in found)


def _images(comparison: Comparison) -> ImageQuerySet:
    return Image.objects.existing().filter(generation__comparisons=comparison)
