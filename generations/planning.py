"""Where a generation goes next: the best route that may take it now, recorded as an attempt before anything is sent."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import asdict
from functools import cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from generations import remembered, routing, webhooks
from generations.leases import LostLease
from generations.models import Attempt, Delivery, Generation, ProviderAccount, Route
from generations.models.catalogue import VERSION
from generations.models.provider import AT_EASE
from generations.rows import Row
from generations.types import MAX_SEED
from generations.work import AT_ONCE, SHORTEST_WAIT, Wait, Work, in_turn

PATIENCE = dt.timedelta(minutes=3)  # how long vendors that do not answer are asked again
ROW = Row(Attempt, but={"id", "generation", "sought", "found"})
AS_REMEMBERED = f"""
WHERE EXISTS (SELECT FROM generations_model WHERE id = %(model)s AND ({VERSION}) = %(version)s)
  AND NOT EXISTS (SELECT FROM generations_provideraccount WHERE name = %(provider)s AND NOT ({AT_EASE}))
"""  # noqa: S608 - constants
NOT_ANSWERING = {ProviderAccount.Circuit.OPEN, ProviderAccount.Circuit.HALF_OPEN}


def plan(work: Work) -> Wait:
    """Record the next attempt, or wait for a route that may take it, or give up."""
    if not work.attempts and _recorded_as_remembered(work):
        return AT_ONCE
    now = timezone.now()
    work.generation.model = remembered.current(work.generation.model_id)
    shut = [attempt for attempt in work.attempts if attempt.retry_at is None or attempt.retry_at > now]
    tried = {attempt.route_id for attempt in shut if attempt.route_id}
    routes = _routes(work, tried)
    if any(_recorded(work, route) for route in routes):
        return AT_ONCE
    if routes:
        return _wait_for_room(work, routes, now)
    return _wait_for_a_route(work, now)


def _recorded_as_remembered(work: Work) -> bool:
    """Whether the first attempt exists now, on what was the best route when this process last read the catalogue.

    The one statement that writes it makes sure that the catalogue is the same and that the vendor has nothing against
    it; else all of that is looked at.
    """
    generation, model = work.generation, remembered.by_id(work.generation.model_id)
    if model is None or generation.only_route_id or generation.webhook or not routing.serves(model):
        return False
    generation.model = model
    route = routing.next_routes(generation, ())[0]
    try:
        _record(work, route, AS_REMEMBERED, model=model.pk, version=model.version)
    except LostLease:
        return False
    work.at_ease.add(route.provider)
    return True


def _routes(work: Work, tried: Collection[int]) -> list[Route]:
    found = routing.next_routes(work.generation, tried)
    if work.generation.only_route_id:
        return found
    return [route for route in found if work.account(route.provider).enabled]


def _recorded(work: Work, route: Route) -> bool:
    """Whether the attempt exists now. The vendor's limits count it from here on."""
    generation, account = work.generation, work.account(route.provider)
    more = account.limited or generation.webhook  # than the one statement that most need
    with transaction.atomic() if more else nullcontext():
        if not generation.only_route_id and not account.admit():
            return False
        _record(work, route)
    return True


def _record(work: Work, route: Route, condition: str = "", **given: object) -> None:
    generation = work.generation
    attempt = Attempt(
        generation=generation,
        number=len(work.attempts) + 1,
        route=route,
        provider=route.provider,
        provider_model=route.provider_model,
        seed=_seed(generation, route),
        parameters=[asdict(parameter) for parameter in routing.report(route, generation, generation.prompt.negative)],
    )
    # Whoever ends a generation closes its attempts: there must be none afterwards.
    attempt.pk = work.lease.insert(_statement(), condition, **ROW.of(attempt), **given)
    if attempt.number == 1:
        webhooks.announce(generation, Delivery.PROGRESS)
    work.attempts.append(attempt)


@cache
def _statement() -> str:
    return f"INSERT INTO generations_attempt (generation_id, {ROW.columns}) SELECT held.id, {ROW.values}"


def _seed(generation: Generation, route: Route) -> int:
    """The seed asked for, or one of ours: it makes a lost request recognisable and a picture repeatable."""
    if generation.seed is not None and route.honours_seed:
        return generation.seed
    return secrets.randbelow(MAX_SEED) + 1


def _wait_for_room(work: Work, routes: list[Route], now: dt.datetime) -> Wait:
    """A full vendor is waited for until the deadline, one that does not answer for less."""
    age = now - work.generation.created
    silent = all(work.account(route.provider).circuit in NOT_ANSWERING for route in routes)
    if silent and age > PATIENCE:
        return _fail(work, "unavailable", _("No provider of this model answers at the moment."))
    return in_turn(age)


def _wait_for_a_route(work: Work, now: dt.datetime) -> Wait:
    again = [attempt.retry_at for attempt in work.attempts if attempt.retry_at]
    if again and max(again) < work.generation.created + PATIENCE:
        return max(min(again) - now, SHORTEST_WAIT)
    return _fail(work, "no_route", _("No provider is configured for this model."))


def _fail(work: Work, code: str, detail: str) -> Wait:
    """With what the last vendor said, if any was asked."""
    if not work.attempts:
        return work.fail(code, detail)
    last = work.attempts[-1]
    return work.fail(last.error_code or "unavailable", last.error_detail)
