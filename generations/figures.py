"""How the providers did in a span of time: requests, outcomes, latency and money, in one statement for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import connection

HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7)
NONE = Decimal(0)

# What was cancelled by its user says nothing about the vendor. A vendor that does not say what a picture cost is taken
# to ask what its route says. The first half walks attempt_recent, the second attempt_in_flight.
STATEMENT = """
WITH request AS (
    SELECT a.{by} AS name, a.state, a.error_code, a.at_risk_usd, a.cost_usd,
           a.ready IS NOT NULL AS made,
           extract(epoch FROM a.ready - a.sent)::float AS seconds,
           a.state IN ('delivered', 'refused') OR a.state = 'abandoned' AND g.status <> 'cancelled' AS ended,
           a.state = 'delivered' AND images.number > 0 AS succeeded,
           a.state = 'delivered' AND images.number BETWEEN 1 AND g.count - 1 AS partial,
           a.state = 'abandoned' AND a.ready IS NOT NULL AS late,
           a.state IN ('unknown', 'abandoned') AND a.ready IS NULL AND a.at_risk_usd IS NOT NULL AS unknown,
           COALESCE(r.cost_usd, 0) * GREATEST(images.number, jsonb_array_length(a.pictures)) AS estimate
    FROM generations_attempt a
    JOIN generations_generation g ON g.id = a.generation_id
    LEFT JOIN generations_route r ON r.id = a.route_id
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM generations_image i WHERE i.attempt_id = a.id) images
    WHERE a.provider = ANY(%(providers)s) AND a.created > now() - %(span)s AND a.sent IS NOT NULL
      AND a.{by} IS NOT NULL
), told AS (
    SELECT name,
           count(*) AS requests,
           count(*) FILTER (WHERE ended) AS ended,
           count(*) FILTER (WHERE succeeded) AS succeeded,
           count(*) FILTER (WHERE state = 'refused' AND error_code = 'content_policy') AS filtered,
           count(*) FILTER (WHERE partial) AS partial,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS slow,
           COALESCE(sum(COALESCE(cost_usd, estimate)) FILTER (WHERE made), 0) AS spend,
           COALESCE(sum(estimate) FILTER (WHERE made AND cost_usd IS NULL), 0) AS estimated,
           count(*) FILTER (WHERE unknown) AS unknown,
           COALESCE(sum(at_risk_usd) FILTER (WHERE unknown), 0) AS at_risk,
           count(*) FILTER (WHERE late) AS late,
           COALESCE(sum(COALESCE(cost_usd, estimate)) FILTER (WHERE late), 0) AS lost
    FROM request GROUP BY name
), flying AS (
    SELECT {by} AS name, count(*) AS in_flight
    FROM generations_attempt
    WHERE provider = ANY(%(providers)s) AND state IN ('planned', 'sending', 'accepted', 'unknown')
      AND {by} IS NOT NULL
    GROUP BY {by}
)
SELECT name, requests, ended, succeeded, filtered, partial, median, slow,
       spend, estimated, unknown, at_risk, late, lost, in_flight
FROM told FULL JOIN flying USING (name)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a provider, or a route, did in a span of time; ``in_flight`` is now. Seconds are from sent to ready."""

    requests: int = 0
    ended: int = 0
    succeeded: int = 0
    filtered: int = 0
    partial: int = 0
    median: float | None = None
    slow: float | None = None
    spend: Decimal = NONE
    estimated: Decimal = NONE
    unknown: int = 0
    at_risk: Decimal = NONE
    late: int = 0
    lost: Decimal = NONE
    in_flight: int = 0

    def rate(self, number: int) -> float | None:
        """Which part of the requests that ended this number is; nothing while none has."""
        return number / self.ended if self.ended else None


NOTHING = Figures()


def by_provider(providers: list[str], span: dt.timedelta) -> Mapping[str, Figures]:
    """Of each of these providers that did anything: by its name."""
    return _figures("provider", providers, span)


def by_route(provider: str, span: dt.timedelta) -> Mapping[int, Figures]:
    """Of each of a provider's routes that did anything and still stand in the catalogue: by its id."""
    return _figures("route_id", [provider], span)


def _figures(by: str, providers: list[str], span: dt.timedelta) -> dict[Any, Figures]:
    given: dict[str, Any] = {"providers": providers, "span": span}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(by=by), given)
        return {name: _given(row) for name, *row in cursor.fetchall()}


def _given(row: list[Any]) -> Figures:
    named = zip((field.name for field in fields(Figures)), row, strict=True)
    return Figures(**{name: value for name, value in named if value is not None})
