"""Deleting an account with all that its owner wrote and made, once the time is over in which they may come back.

Meanwhile it is as a blocked one is: nobody gets in, and nothing in it is shown to anybody. What was being made is
stopped, so that the credits for it are there again for whoever comes back; the last of them go with the account.
What the ledger has to keep stays, anonymous: that so many images were made at such a price. Their bytes are removed by
``erasing``, as those of every deleted image are.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts import closing, departure, letters
from accounts.ledger import NotEnoughCredits
from accounts.models import User
from generations import storage, submission
from generations.models import Attempt, Delivery, Event, Generation, Image, Prompt, Report, SavedSearch

logger = logging.getLogger(__name__)
BATCH = 20  # accounts in one run


class StaysForNow(Exception):
    """Those who may use the admin are not deleted: another admin takes that right away first."""


def begin(user: User) -> dt.datetime | None:
    """Shut the account; until when it can be kept, which a mail says too, or None where it is deleted at once.

    Raises ``StaysForNow``.
    """
    if not settings.DELETION_GRACE_DAYS:
        leave(user)
        return None
    _require_leave(user)
    closed = departure.depart(user, dt.timedelta(days=settings.DELETION_GRACE_DAYS))
    user.refresh_from_db()
    if closed:
        _stop(user)
        _tell(user)
    return user.leaves_at


def finish() -> int:
    """Delete the accounts of those whose time is over; how many. One that cannot be is tried again after all others."""
    gone = 0
    for user in departure.due()[:BATCH]:
        try:
            if departure.is_over(user):
                leave(user)
                gone += 1
        except Exception:
            logger.exception("the account of person %s could not be deleted", user.pk)
            departure.put_off(user)
    return gone


def leave(user: User) -> None:
    """Delete the account, for good; raises ``StaysForNow``. What is begun and not finished can be begun again."""
    _require_leave(user)
    while not _at_rest(user):
        pass
    with transaction.atomic():
        archives = list(user.exports.exclude(key="").values_list("key", flat=True))
        transaction.on_commit(partial(_discard, [*archives, *_spooled(user)]))
        _delete_images(user)
        _delete_rows(user)
        _forget_orders(user)
        closing.close(user)


def _require_leave(user: User) -> None:
    if user.is_staff or user.is_superuser:
        raise StaysForNow


def _stop(user: User) -> None:
    for generation in Generation.objects.filter(user=user).unfinished():
        submission.cancel(generation)


def _tell(user: User) -> None:
    try:
        letters.send(user, _("Your account is closed"), "account/email/leaving.txt", {"leaves_at": user.leaves_at})
    except OSError:
        logger.exception("person %s could not be told until when their account is kept", user.pk)


def _at_rest(user: User) -> bool:
    """Stop what is being made and give up what is left; whether nothing came between."""
    _stop(user)
    try:
        closing.give_up_credits(user)
    except NotEnoughCredits:
        return False
    return not Generation.objects.filter(user=user).unfinished().exists()


def _delete_images(user: User) -> None:
    """Those that are on their way, too: whoever brings one now finds that nobody wants it, or has it deleted here."""
    Attempt.objects.filter(generation__user=user, sought__isnull=False).update(sought=None, found="")
    own = Image.objects.filter(user=user)
    own.existing().update(trashed_at=Coalesce("trashed_at", Now()))
    own.delete_for_good()


def _delete_rows(user: User) -> None:
    kept = (user.shares, user.albums, user.presets, user.comparisons, user.exports, user.endpoints, user.subscriptions)
    for rows in kept:
        rows.all().delete()
    for model in (Delivery, Event, Report, SavedSearch):
        model._default_manager.filter(user=user).delete()  # noqa: SLF001 - Django's own name for it


def _forget_orders(user: User) -> None:
    """Leave of each generation what it was worth, and nothing that was said in it."""
    orders = Generation.objects.filter(user=user)
    Attempt.objects.filter(generation__user=user).update(parameters=[], pictures=[], faults=[], error_detail="")
    if orders.exists():
        nothing = {"prompt": Prompt.objects.remember(user, "", ""), "spoken": None, "webhook": None, "api_key": None}
        orders.update(**nothing, idempotency_key="", fingerprint="", error_detail="", seed=None)
    user.prompts.exclude(text="", negative="").delete()


def _spooled(user: User) -> list[str]:
    """Where pictures wait in our storage that are no image yet."""
    waiting = Attempt.objects.filter(generation__user=user).exclude(pictures=[]).values_list("pictures", flat=True)
    addresses = (picture.get("url") or "" for pictures in waiting for picture in pictures)
    return [address for address in addresses if address.startswith(storage.SPOOL)]


def _discard(keys: Iterable[str]) -> None:
    for key in keys:
        storage.discard(key)
