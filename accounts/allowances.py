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
from django.utils.translation import gettext_noop

from accounts import ledger
from accounts.models import Allotment, User, Wallet

logger = logging.getLogger(__name__)

AT_ONCE = 500


def give(today: dt.date | None = None, most: int = AT_ONCE) -> int:
    """Give this month's allowance to people who are due it, not to more than that at once; how many got something."""
    month = (today or timezone.now().date()).replace(day=1)
    given = sum(_allot(user, month) for user in due(month)[:most])
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
                key = f"allowance:{month:%Y-%m}"
                allotment.entry = ledger.grant(user, missing, key=key, reason=gettext_noop("monthly allowance"))
                allotment.save(update_fields=["entry"])
    except IntegrityError as error:
        if ledger.violated(error) == "allotment_once":
            return False
        raise
    return allotment.entry is not None
