"""Giving back what delivered pictures cost: by admins, for a reason, once for each picture."""

from __future__ import annotations

from django.db import transaction

from accounts import acts, ledger
from accounts.languages import pgettext_noop
from accounts.models import Entry, User
from generations.models import Generation


def refund(generation: Generation, reason: str, actor: User) -> int:
    """Give back what was paid for its pictures and was not given back yet; how many credits."""
    if generation.source == Generation.Source.ARCHIVE:  # what was paid was paid elsewhere
        return 0
    with transaction.atomic():
        earlier = Entry.objects.filter(hold__generation=generation.pk, kind=Entry.Kind.REFUND)
        given = set(earlier.values_list("key", flat=True))
        images = sorted(generation.images.filter(late=False), key=lambda image: image.position)
        entries = [
            ledger.refund(generation.pk, image.position, generation.price, reason=reason, actor=actor)
            for image in images
            if ledger.refund_key(generation.pk, image.position) not in given
        ]
        acts.record_entries(pgettext_noop("act", "refund"), entries)
    return sum(entry.amount for entry in entries)
