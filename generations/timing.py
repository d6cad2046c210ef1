"""How long things take, and how many are before you."""

from __future__ import annotations

from statistics import median

from django.core.cache import cache
from redis.exceptions import RedisError

from generations.models import Generation, Model

SAMPLE = 50
KEPT_SECONDS = 60


def typical_seconds(model: Model) -> int:
    """The median of the model's latest completed generations, from submit to done; the catalogue's guess before."""
    key = f"typical:{model.pk}"
    try:
        known: int | None = cache.get(key)
        if known is None:
            known = _measured(model)
            cache.set(key, known, KEPT_SECONDS)
    except RedisError:
        return model.typical_seconds
    return known


def place_in_line(generation: Generation) -> int:
    """1 for the next to be taken up; 0 once it has been."""
    if generation.status != Generation.Status.QUEUED:
        return 0
    return Generation.objects.filter(status=Generation.Status.QUEUED, id__lte=generation.pk).count()


def _measured(model: Model) -> int:
    done = model.generations.filter(status=Generation.Status.COMPLETED).order_by("-id")
    times = done.values_list("created", "finished")[:SAMPLE]
    spans = [(finished - created).total_seconds() for created, finished in times if finished]
    return max(1, round(median(spans))) if spans else model.typical_seconds
