"""How long things take, and how many are before you."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from django.core.cache import cache
from redis.exceptions import RedisError

from generations.models import Attempt, Generation, Model

SAMPLE = 50
ENOUGH = 5
KEPT_SECONDS = 60


def typical_seconds(model: Model) -> int:
    """The median of the model's latest completed generations, from submit to done; the catalogue's guess before."""
    return round(_remembered(f"typical:{model.pk}", lambda: _typical(model)))


def shortest_wait(attempt: Attempt) -> float:
    """Seconds in which hardly any job of this kind was ready: asking earlier is in vain. 0 without history.

    Taken low in the distribution, because asking late makes jobs look slow.
    """
    return _remembered(f"wait:{attempt.provider}:{attempt.provider_model}", lambda: _shortest(attempt))


def place_in_line(generation: Generation) -> int:
    """1 for the next to be taken up; 0 once it has been."""
    if generation.status != Generation.Status.QUEUED:
        return 0
    return Generation.objects.filter(status=Generation.Status.QUEUED, id__lte=generation.pk).count()


def _remembered(key: str, measure: Callable[[], float]) -> float:
    try:
        known: float | None = cache.get(key)
        if known is None:
            known = measure()
            cache.set(key, known, KEPT_SECONDS)
    except RedisError:
        return measure()
    return known


def _typical(model: Model) -> float:
    done = model.generations.filter(status=Generation.Status.COMPLETED).order_by("-id")
    times = done.values_list("created", "finished")[:SAMPLE]
    spans = [(finished - created).total_seconds() for created, finished in times if finished]
    return max(1, median(spans)) if spans else model.typical_seconds


def _shortest(attempt: Attempt) -> float:
    like_it = Attempt.objects.filter(provider=attempt.provider, provider_model=attempt.provider_model)
    times = like_it.filter(ready__isnull=False, accepted__isnull=False).order_by("-id").values_list("accepted", "ready")
    spans = sorted((ready - accepted).total_seconds() for accepted, ready in times[:SAMPLE] if ready and accepted)
    return spans[len(spans) // 10] if len(spans) >= ENOUGH else 0.0
