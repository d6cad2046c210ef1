"""Requests that OpenAI's libraries send again by themselves: they name no key, but say how often they have tried.

A repeat belongs to an order of the same key, word for word the same, that is being made or was finished a minute ago at
most. One order is taken for each of several equal requests: whoever repeats claims one, and the next another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey
from generations import gallery
from generations.models import Generation
from generations.models.generation import GenerationQuerySet

COUNT = "x-stainless-retry-count"
DIGITS = 3
MEMORY = dt.timedelta(minutes=1)  # after the end: the libraries wait 8 seconds at most between two tries
LONGEST = dt.timedelta(hours=1)  # no generation takes longer


def tries(headers: Mapping[str, str]) -> int:
    """How often this request was sent before; 0 unless it says so."""
    said = headers.get(COUNT, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= DIGITS else 0


def claim(key: ApiKey, fingerprint: str, tried: int) -> Generation | None:
    """The generation that an earlier try began; None when this is the first that arrives."""
    now = timezone.now()
    for found in _begun(key, fingerprint, now).filter(spoken__tries__lt=tried):
        spoken = dict(found.spoken or {})
        same = Generation.objects.filter(pk=found.pk, spoken__tries=spoken["tries"])
        if same.update(spoken={**spoken, "tries": tried}):
            return found
    return None


def _begun(key: ApiKey, fingerprint: str, now: dt.datetime) -> GenerationQuerySet:
    oldest = gallery.first_id(now - LONGEST)
    return (
        Generation.objects.filter(user=key.user, pk__gte=oldest, api_key=key, fingerprint=fingerprint)
        .filter(Q(finished__isnull=True) | Q(finished__gte=now - MEMORY), source=Generation.Source.AIMLAPI)
        .order_by("pk")
    )
