"""Pictures that did not come with their generation, got after all where an admin asks for them.

The generation has ended and been settled: nothing is held for it any more. So nothing is ordered for it again and
nothing charged: the vendor is asked for what it made, and what still comes is its owner's, late and free.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from generations import delivery, erasing, events, storage, upstream
from generations.housekeeping import again
from generations.models import Attempt, Generation
from generations.providers import registry
from generations.providers.base import Provider, ProviderError
from generations.types import Picture

logger = logging.getLogger(__name__)

State = Attempt.State
Providers = Callable[[str], Provider]

LACKING = (Generation.Status.COMPLETED, Generation.Status.FAILED)  # who cancelled wants nothing more
WANTED = Q(sought__isnull=False, found="")
CAME = _("They came, late and free.")
NOT_THERE = _("The vendor does not have them, or not yet.")
NEVER_MADE = _("The vendor says that it did not make them.")
BROKE = _("Something went wrong here; the log says what.")


def ask(generation: Generation) -> bool:
    """Have a worker look for its pictures within minutes; False where all are there, or none can be had any more."""
    if generation.status not in LACKING or generation.images.count() >= generation.count:
        return False
    made = upstream.MAYBE_MADE | Q(ready__isnull=False)
    tried = generation.attempts.filter(made, state__in=(State.ABANDONED, State.DELIVERED))
    there = tried.filter(provider__in=registry.enabled(), generation__user__is_active=True)
    return bool(there.exclude(WANTED).update(sought=Now(), found="", asked_after=None))


def seek(providers: Providers = registry.provider) -> int:
    """Get what was asked for, in one try; how many pictures came. Of a worker that died on it another takes over."""
    return sum(_seek(attempt, providers) for attempt in upstream.take_turns(Attempt.objects.filter(WANTED)))


def _seek(attempt: Attempt, providers: Providers) -> int:
    lacking = _lacking(attempt)
    try:
        found = _get(attempt, providers(attempt.provider)) or CAME
    except ProviderError as error:
        found = str(error) or NOT_THERE
    except Exception:
        logger.exception("attempt %s: its pictures could not be got", attempt)
        found = BROKE
    Attempt.objects.filter(pk=attempt.pk, sought=attempt.sought).update(found=found[:300])
    return len(lacking) - len(_lacking(attempt))


def _get(attempt: Attempt, provider: Provider) -> str:
    """Whatever can be had of those that are not there; why some cannot, or nothing when all of them are there."""
    if attempt.state == State.ABANDONED and not attempt.ready:
        upstream.ask_after(attempt, provider)
    if not attempt.ready:
        return NEVER_MADE if attempt.state == State.REFUSED else NOT_THERE
    why = NOT_THERE
    for pictures in again.made(attempt, provider):
        for position in [position for position in _lacking(attempt) if position < len(pictures)]:
            try:
                _bring(attempt, position, pictures[position], provider)
            except (ProviderError, OSError, storage.UnusablePicture, erasing.BeingErased) as error:
                why = str(error)
        if not _lacking(attempt):
            return ""
    return why


def _lacking(attempt: Attempt) -> list[int]:
    there = set(attempt.generation.images.values_list("position", flat=True))
    return [position for position in range(attempt.generation.count) if position not in there]


def _bring(attempt: Attempt, position: int, picture: Picture, provider: Provider) -> None:
    """Store it and record it, unless somebody else did so meanwhile, or its owner left."""
    with delivery.opened(picture, provider) as content:
        original = storage.keep(content, trained=provider.trained, claim=erasing.claim)
    image, generation = delivery.image_of(attempt, position, picture, original), attempt.generation
    image.late = True
    with transaction.atomic():
        still = Attempt.objects.filter(WANTED, pk=attempt.pk, sought=attempt.sought)
        if not still.update(found="") or position not in _lacking(attempt):
            return
        delivery.insert(image)
        events.record(generation, ("image", generation.images.count(), generation.status))
