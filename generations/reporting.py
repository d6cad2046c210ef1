"""People say what is wrong with pictures that they were shown, and admins decide."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from generations import exploring, sharing
from generations.models import Image, Report, Share


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


def resolve(reports: QuerySet[Report]) -> int:
    """Nothing more has to be done about these; how many were open."""
    return reports.filter(resolved_at=None).update(resolved_at=Now())


def take_down(reports: QuerySet[Report]) -> int:
    """Show the pictures of these reports to nobody but their owners any more; how many reports that settled."""
    open_ones = list(reports.filter(resolved_at=None))
    images = [report.image_id for report in open_ones]
    with transaction.atomic():
        Image.objects.filter(pk__in=images).unpublish()
        Share.objects.filter(image__in=images).end()
        Share.objects.filter(pk__in=[report.share_id for report in open_ones if report.share_id]).end()
        return resolve(Report.objects.filter(image__in=images))
