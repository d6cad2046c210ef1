"""How long things take, and how many are before you."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from statistics import median
from typing import TypeVar

from django.core.cache import cache, caches
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import Least
from redis.exceptions import RedisError

from generations.models import Attempt, Generation, Model

SAMPLE = 50
ENOUGH = 5
TEACHERS = 2 * ENOUGH
KEPT_SECONDS = 60
GUESS_KEPT_SECONDS = 1  # until there is history, so that the first jobs teach those that run beside them

FIRST_LOOK = 0.9  # of the time in which hardly any such job was ready
SOONEST_LOOK = 0.5
LATEST_LOOK = 30.0
CLOSE, PATIENT = 20, 8  # a job is looked at again after this part of its age: about its usual end, and otherwise
# At all the jobs of a provider together, as long as nobody knows when they will end: twice as many as a worker can
# store the pictures of in that time, and half as many as it can look at while it does nothing else.
LOOKS_PER_SECOND = 50
CROWD_MAY_COST = 0.25  # of the usual time, where it is known
JITTER = 0.1
# Each job's is looked up by itself, and by its generation: nobody knows yet how many they are, so that the database may
# think it cheaper to read all of the vendor's for each. What a worker is about to look at is passed over.
FIRST = """
(SELECT a.accepted + make_interval(secs => %(first)s * (1 + %(jitter)s * {jitter})) FROM generations_attempt a
 WHERE a.generation_id = g.id AND a.provider IS NOT DISTINCT FROM %(provider)s
   AND a.provider_model IS NOT DISTINCT FROM %(provider_model)s AND a.state = 'accepted')
"""
BRING_FORWARD = f"""
UPDATE generations_generation g SET next_step_at = coalesce({FIRST.format(jitter="(2 * random() - 1)")}, next_step_at)
WHERE id = ANY (ARRAY(
    SELECT id FROM generations_generation g
    WHERE status = 'running' AND lease_token IS NULL AND next_step_at > statement_timestamp()
      AND next_step_at > {FIRST.format(jitter="1")}
    FOR NO KEY UPDATE SKIP LOCKED
))
"""  # noqa: S608 - constants

Value = TypeVar("Value")


def typical_seconds(model: Model) -> int:
    """The median of the model's latest completed generations, from submit to done; the catalogue's guess before."""
    key = f"typical:{model.pk}"
    try:
        known: float | None = cache.get(key)
        if known is None:
            known = _typical(model)
            cache.set(key, known, KEPT_SECONDS)
    except RedisError:
        known = _typical(model)
    return round(known)


def next_look(attempt: Attempt, elapsed: dt.timedelta) -> dt.timedelta:
    """When to ask after an accepted job again: shortly before such jobs end, then often, then ever more patiently.

    Without history it is asked from the start. Many jobs at one provider are each asked less often, and first when
    most such jobs are ready; but for the oldest few without history, which teach those that run beside them.
    """
    age = elapsed.total_seconds()
    jobs = _known_here(f"jobs:{attempt.provider}", lambda: _jobs(attempt), lambda jobs: GUESS_KEPT_SECONDS)
    crowd = jobs / LOOKS_PER_SECOND
    earliest, usual = _usual(attempt, crowd)
    if not usual and _is_one_of_the_oldest(attempt):
        crowd = 0
    if age < earliest * FIRST_LOOK:
        seconds = _first_look(earliest, usual, crowd) - age
    elif age < usual * 2:
        seconds = max(age / CLOSE, _cost(usual, crowd))
    else:
        seconds = max(age / PATIENT, crowd)
    jitter = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311 - so that jobs sent together are not asked together
    return dt.timedelta(seconds=min(max(seconds * jitter, SOONEST_LOOK), LATEST_LOOK))


def likely_over(attempt: Attempt, elapsed: dt.timedelta) -> bool:
    """Whether such jobs were ready at this age before; False without history."""
    earliest = _known(attempt)[0]
    return 0 < earliest <= elapsed.total_seconds()


def hold_back(provider: str, wait: dt.timedelta) -> None:
    """This vendor wants to be left alone for so long: meanwhile nothing that waits for it is brought forward."""
    caches["here"].set(f"held:{provider}", value=True, timeout=wait.total_seconds())


def place_in_line(generation: Generation) -> int:
    """1 for the next to be taken up; 0 once it has been. One of each person's comes before the second of anybody's."""
    if generation.status != Generation.Status.QUEUED:
        return 0
    queued = Generation.objects.filter(status=Generation.Status.QUEUED)
    turn = queued.filter(user=generation.user_id, id__lte=generation.pk).count()
    others = queued.exclude(user=generation.user_id).values("user").annotate(number=Least(Count("id"), turn))
    return turn + (others.aggregate(Sum("number"))["number__sum"] or 0)


def _usual(attempt: Attempt, crowd: float) -> tuple[float, float]:
    """Seconds in which hardly any job of this kind was ready, and in which half of them were; 0 without history.

    As soon as there is some, what this process put off without it is brought forward.
    """
    here, guessed = caches["here"], f"guessed:{attempt.provider}:{attempt.provider_model}"
    known = _known(attempt)
    if not any(known):
        here.set(guessed, value=True, timeout=None)
    elif not here.get(f"held:{attempt.provider}") and here.delete(guessed):
        _bring_forward(attempt, _first_look(*known, crowd))
    return known


def _known(attempt: Attempt) -> tuple[float, float]:
    key = f"usual:{attempt.provider}:{attempt.provider_model}"
    return _known_here(
        key, lambda: _quantiles(attempt), lambda known: KEPT_SECONDS if any(known) else GUESS_KEPT_SECONDS
    )


def _is_one_of_the_oldest(attempt: Attempt) -> bool:
    """Of its kind, among those that its vendor has now."""
    key = f"oldest:{attempt.provider}:{attempt.provider_model}"
    oldest = _known_here(key, lambda: _oldest(attempt), lambda oldest: GUESS_KEPT_SECONDS)
    return len(oldest) < TEACHERS or attempt.pk <= oldest[-1]


def _first_look(earliest: float, usual: float, crowd: float) -> float:
    """The age at which such a job is looked at first; one of a crowd rather later than in vain."""
    return earliest * FIRST_LOOK + _cost(usual, crowd)


def _cost(usual: float, crowd: float) -> float:
    """Seconds for which a job that is ready may wait, so that a crowd is not looked at too often."""
    return min(crowd, usual * CROWD_MAY_COST)


def _bring_forward(attempt: Attempt, first: float) -> None:
    kind = {"provider": attempt.provider, "provider_model": attempt.provider_model}
    with connection.cursor() as cursor:
        cursor.execute(BRING_FORWARD, {**kind, "first": first, "jitter": JITTER})


def _known_here(key: str, measure: Callable[[], Value], seconds: Callable[[Value], float]) -> Value:
    """Kept by each process for itself: a worker asks for it at every step, and Redis is a call away."""
    here = caches["here"]
    known: Value | None = here.get(key)
    if known is None:
        known = measure()
        here.set(key, known, seconds(known))
    return known


def _typical(model: Model) -> float:
    done = model.generations.filter(status=Generation.Status.COMPLETED).exclude(source=Generation.Source.ARCHIVE)
    times = done.order_by("-id").values_list("created", "finished")[:SAMPLE]
    spans = [(finished - created).total_seconds() for created, finished in times if finished]
    return max(1, median(spans)) if spans else model.typical_seconds


def _quantiles(attempt: Attempt) -> tuple[float, float]:
    """The earliest is taken low in the distribution, because asking late makes jobs look slow."""
    like_it = Attempt.objects.filter(provider=attempt.provider, provider_model=attempt.provider_model)
    times = like_it.filter(ready__isnull=False, accepted__isnull=False).order_by("-id").values_list("accepted", "ready")
    spans = sorted((ready - accepted).total_seconds() for accepted, ready in times[:SAMPLE] if ready and accepted)
    return (spans[len(spans) // 10], median(spans)) if len(spans) >= ENOUGH else (0.0, 0.0)


def _jobs(attempt: Attempt) -> int:
    return Attempt.objects.filter(provider=attempt.provider, state=Attempt.State.ACCEPTED).count()


def _oldest(attempt: Attempt) -> list[int]:
    alike = Attempt.objects.filter(provider=attempt.provider, provider_model=attempt.provider_model)
    accepted = alike.filter(state=Attempt.State.ACCEPTED)
    return list(accepted.order_by("pk").values_list("pk", flat=True)[:TEACHERS])
