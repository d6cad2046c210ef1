"""How pages tell people that an admin was there."""

from __future__ import annotations

from django import template
from django.db.models import QuerySet

from accounts.models import Act, User
from accounts.visiting import BEGUN

LATEST = 10
register = template.Library()


@register.simple_tag
def visits_to(person: User) -> QuerySet[Act]:
    """The latest, newest first."""
    return Act.objects.filter(subject=person, verb=BEGUN).order_by("-id")[:LATEST]
