"""What the studio earned and paid, by day, model and provider: from the ledger's entries and the vendors' attempts.

Credits are earned when a picture is captured, and given back when it is refunded. What a picture cost is what its
vendor said or, where it says nothing, what the route's cost is. Days are those of UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

# Attempts are of the day on which they were made: a provider is paid also for what is given up, or late.
BY_DAY = """
WITH earned AS (
    SELECT (e.created AT TIME ZONE 'UTC')::date AS day, g.model_id AS model, COALESCE(i.provider, '') AS provider,
           sum(CASE e.kind WHEN 'capture' THEN e.amount ELSE -e.amount END) AS credits,
           count(*) FILTER (WHERE e.kind = 'capture') AS images
    FROM accounts_entry e
    JOIN accounts_hold h ON h.id = e.hold_id
    JOIN generations_generation g ON g.id = h.generation
    LEFT JOIN generations_image i
        ON i.generation_id = g.id AND i.position = split_part(e.key, ':', 4)::int
    WHERE e.kind IN ('capture', 'refund') AND e.created >= %(first)s AND e.created < %(end)s
    GROUP BY 1, 2, 3
), paid AS (
    SELECT (a.created AT TIME ZONE 'UTC')::date AS day, g.model_id AS model, a.provider,
           sum(COALESCE(a.cost_usd, COALESCE(r.cost_usd, 0) * GREATEST(
               (SELECT count(*) FROM generations_image i WHERE i.attempt_id = a.id), jsonb_array_length(a.pictures)
           ))) AS usd
    FROM generations_attempt a
    JOIN generations_generation g ON g.id = a.generation_id
    LEFT JOIN generations_route r ON r.id = a.route_id
    WHERE a.provider = ANY(%(providers)s) AND a.created >= %(first)s AND a.created < %(end)s AND a.ready IS NOT NULL
    GROUP BY 1, 2, 3
)
SELECT day, m.slug, provider, COALESCE(images, 0), COALESCE(credits, 0), COALESCE(usd, 0)
FROM earned FULL JOIN paid USING (day, model, provider) JOIN generations_model m ON m.id = model
ORDER BY day, m.slug, provider
"""

ISSUED = """
SELECT kind, sum(amount) FROM accounts_entry
WHERE kind IN ('grant', 'redeem', 'adjustment', 'refund') AND created >= %(first)s AND created < %(end)s GROUP BY kind
"""

OUTSTANDING = "SELECT COALESCE(sum(posted), 0), COALESCE(sum(held), 0) FROM accounts_wallet"


@dataclass(frozen=True, slots=True)
class Earned:
    """What came of some pictures: in credits, what these are worth, and what the pictures cost."""

    images: int
    credits: int
    cost: Decimal

    @property
    def worth(self) -> Decimal:
        """USD, as ``CREDITS_PER_USD`` says."""
        return Decimal(self.credits) / settings.CREDITS_PER_USD

    @property
    def margin(self) -> Decimal:
        """What is left of that."""
        return self.worth - self.cost

    @property
    def share(self) -> float | None:
        """Which part of the worth is left; nothing where nothing was earned."""
        return float(self.margin / self.worth) if self.worth else None


@dataclass(frozen=True, slots=True)
class Row:
    """One day of one model at one provider."""

    day: dt.date
    model: str
    provider: str
    earned: Earned


@dataclass(frozen=True, slots=True)
class Report:
    """Some days: every row, what was issued in them by kind, and what people have now."""

    rows: list[Row]
    issued: dict[str, int]
    posted: int
    held: int

    @property
    def total(self) -> Earned:
        """All of it."""
        return add(row.earned for row in self.rows)

    def by(self, name: str) -> list[tuple[object, Earned]]:
        """Added up by ``day``, ``model`` or ``provider``."""
        parts: dict[object, list[Earned]] = {}
        for row in self.rows:
            parts.setdefault(getattr(row, name), []).append(row.earned)
        return [(key, add(found)) for key, found in sorted(parts.items(), key=lambda part: str(part[0]))]


def report(first: dt.datetime, end: dt.datetime) -> Report:
    """Of these days, in three statements."""
    given: dict[str, Any] = {"first": first, "end": end, "providers": list(settings.PROVIDERS)}
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, given)
        rows = [
            Row(day, model, name, Earned(images, int(earned), cost))
            for day, model, name, images, earned, cost in cursor.fetchall()
        ]
        cursor.execute(ISSUED, given)
        issued = {kind: int(amount) for kind, amount in cursor.fetchall()}
        cursor.execute(OUTSTANDING)
        [(posted, held)] = cursor.fetchall()
    return Report(rows, issued, int(posted), int(held))


def add(parts: Iterable[Earned]) -> Earned:
    """Their sum."""
    found = list(parts)
    return Earned(
        sum(part.images for part in found),
        sum(part.credits for part in found),
        sum((part.cost for part in found), Decimal(0)),
    )
