"""Monthly allowances: beat fills up whoever has not had this month's, once, whoever runs it and however often.

They fill up instead of adding: credits of earlier months do not pile up, so that nothing has to expire, and of several
groups the largest allowance counts.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import ledger
from accounts.models import Allotment, User, Wallet

logger = logging.getLogger(__name__)

AT_ONCE = 500


def give(today: dt.date | None = None) -> int:
    """Give everybody who is due this month's allowance; how many got something."""
    month = (today or timezone.now().date()).replace(day=1)
    given, last = 0, 0
    while people := list(due(month).filter(pk__gt=last)[:AT_ONCE]):
        given += sum(_allot(user, month) for user in people)
        last = people[-1].pk
    if given:
        logger.info("allowances of %s: %s people", f"{month:%Y-%m}", given)
    return given


def due(month: dt.date) -> QuerySet[User]:
    """People with an allowance that they have not had in this month."""
    had = Allotment.objects.filter(user=OuterRef("pk"), month=month)
    return User.objects.filter(~Exists(had), is_active=True, groups__allowance__active=True).distinct().order_by("pk")


def _allot(user: User, month: dt.date) -> bool:
    """One person's, in a transaction of its own; False when they have enough or had it meanwhile."""
    largest = (
        user.groups.filter(allowance__active=True).order_by("-allowance__amount").select_related("allowance").first()
    )
    if largest is None:
        return False
    try:
        with transaction.atomic():
            allotment = Allotment.objects.create(user=user, group=largest, month=month)
            missing = largest.allowance.amount - Wallet.objects.get(user=user).spendable
            if missing > 0:
                reason, key = f"allowance of {month:%Y-%m}, {largest}"[:200], f"allowance:{month:%Y-%m}"
                allotment.entry = ledger.grant(user, missing, key=key, reason=reason)
                allotment.save(update_fields=["entry"])
    except IntegrityError as error:
        if ledger.violated(error) == "allotment_once":
            return False
        raise
    return allotment.entry is not None
