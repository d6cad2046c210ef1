"""People say what is wrong with pictures that they were shown, and admins decide."""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import letters
from accounts.models import User
from generations import exploring, sharing
from generations.models import Image, Report, Share

logger = logging.getLogger(__name__)


class NotShown(Exception):
    """There is no such picture that this person could have seen."""


class ReportedBefore(Exception):
    """The person has reported this picture already."""


def report(user: User, image: UUID, *, reason: str, note: str = "", token: str = "") -> Report:
    """Note what is wrong with a published picture, or with one of a share; raises ``NotShown``, ``ReportedBefore``."""
    if not is_shown(image, token=token):
        raise NotShown
    values = {"reason": reason, "note": note, "share": sharing.find(token) if token else None}
    made, new = Report.objects.get_or_create(user=user, image_id=image, defaults=values)
    if not new:
        raise ReportedBefore
    return made


def is_shown(image: UUID, *, token: str = "") -> bool:
    """Whether this picture is published, or is one of the share that has this token."""
    if not token:
        return exploring.shown().filter(pk=image).exists()
    share = sharing.find(token)
    return share is not None and sharing.images_of(share).filter(pk=image).exists()


def dismiss(reports: QuerySet[Report], by: User) -> list[Report]:
    """Nothing has to be done about these; their writers are told. Those that were open."""
    return _decide(reports.filter(resolved_at=None), Report.Decision.NOTHING, by)


def take_down(reports: QuerySet[Report], by: User, *, remove: bool = False, grounds: str = "") -> list[Report]:
    """Show the pictures of these reports to nobody but their owners, for good; or delete them for these as well.

    Owners and writers are told. The reports that this settled, others of the same pictures among them.
    """
    pictures = list(reports.filter(resolved_at=None).values_list("image", flat=True))
    images = Image.objects.filter(pk__in=pictures)
    decision = Report.Decision.REMOVED if remove else Report.Decision.TAKEN_DOWN
    with transaction.atomic():
        images.bar()
        Share.objects.filter(image__in=pictures).end()
        if remove:
            images.trash()
            images.delete_for_good()
        transaction.on_commit(partial(_tell_owners, pictures, decision, grounds))
        return _decide(Report.objects.filter(image__in=pictures, resolved_at=None), decision, by, grounds)


def _decide(reports: QuerySet[Report], decision: Report.Decision, by: User, grounds: str = "") -> list[Report]:
    with transaction.atomic():
        settled = list(reports.select_for_update(of=("self",)).select_related("user"))
        named = [one.pk for one in settled]
        Report.objects.filter(pk__in=named).update(resolved_at=Now(), decision=decision, decided_by=by, grounds=grounds)
        transaction.on_commit(partial(_tell_writers, named))
    return settled


def _tell_writers(reports: list[UUID]) -> None:
    for one in Report.objects.filter(pk__in=reports, user__is_active=True).select_related("user"):
        _mail(one.user, _("We have looked at your report"), "explore/email/decided.txt", {"report": one})


def _tell_owners(images: list[UUID], decision: str, grounds: str) -> None:
    for image in Image.objects.filter(pk__in=images, user__is_active=True).select_related("user"):
        said = {"image": image, "removed": decision == Report.Decision.REMOVED, "grounds": grounds}
        _mail(image.user, _("A picture of yours was taken down"), "explore/email/taken_down.txt", said)


def _mail(to: User, subject: Promise, template: str, said: dict[str, object]) -> None:
    try:
        letters.send(to, subject, template, said)
    except OSError:
        logger.exception("person %s could not be told what was decided", to.pk)
