"""What the database says of the studio when it is asked: how much waits, who is at it, what is held.

All of it takes two statements, however much there is. What waits is looked at through the indexes that find it, and
not further than ``MOST`` rows; what needs a look at whole tables is asked for every few minutes only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction
from prometheus_client.core import GaugeMetricFamily

from generations.providers import registry

logger = logging.getLogger(__name__)

MOST = 100_000
SECONDS_AT_MOST = 5  # that a statement may take
MODEL = "model"  # no figure, but the names of models: what is counted knows their ids

# Each yields its labels and its value. What does not say where it looks, looks at what is unfinished.
STEP = """CASE WHEN state IS NULL THEN 'plan' WHEN state IN ('planned', 'sending') THEN 'send'
    WHEN state = 'accepted' THEN 'poll' WHEN state = 'ready' THEN 'deliver' ELSE 'trace' END"""
IS_DUE = "due AND (lease_until IS NULL OR lease_until < statement_timestamp())"
UNFINISHED = f"""
WITH unfinished AS (
    SELECT g.status, g.next_step_at, g.lease_until, g.next_step_at <= statement_timestamp() AS due, a.state, a.provider
    FROM generations_generation g LEFT JOIN generations_attempt a ON a.generation_id = g.id
        AND a.state IN ('planned', 'sending', 'accepted', 'ready', 'unknown')
    WHERE g.status IN ('queued', 'running') LIMIT {MOST}
)"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, what it says, its labels, and the rows that give them and its value."""

    name: str
    about: str
    labels: tuple[str, ...]
    rows: str

    @property
    def statement(self) -> str:
        """Its rows, in the shape that all have in common."""
        labels = ", ".join(f"{label}::text" for label in self.labels)
        return f"SELECT '{self.name}', ARRAY[{labels}]::text[], value::float FROM ({self.rows}) AS {self.name}"  # noqa: S608

    def family(self, rows: Sequence[Row]) -> GaugeMetricFamily:
        """As it is told."""
        family = GaugeMetricFamily(f"atelier_{self.name}", self.about, labels=self.labels)
        for name, labels, value in rows:
            if name == self.name and value is not None:
                family.add_metric(labels, value)
        return family


Row = tuple[str, list[str], float | None]

OFTEN = [
    Figure(
        "generations_unfinished",
        "Unfinished generations, by the step that is next.",
        ("step",),
        f"SELECT {STEP} AS step, count(*) AS value FROM unfinished GROUP BY step",  # noqa: S608
    ),
    Figure(
        "generations_due",
        "Those that a worker could take now, by the step that is next.",
        ("step",),
        f"""SELECT step, count(state.step) FILTER (WHERE waits) AS value
            FROM (VALUES ('plan'), ('send'), ('poll'), ('deliver'), ('trace')) AS steps (step)
            LEFT JOIN (SELECT {STEP} AS step, {IS_DUE} AS waits FROM unfinished) AS state USING (step) GROUP BY step""",  # noqa: S608
    ),
    Figure(
        "oldest_due_seconds",
        "For how long the oldest of them has waited.",
        (),
        f"""SELECT coalesce(extract(epoch FROM statement_timestamp() - min(next_step_at)), 0) AS value
            FROM unfinished WHERE {IS_DUE}""",  # noqa: S608
    ),
    Figure(
        "leases",
        "Generations that a worker has (held), or had when it died (expired).",
        ("state",),
        """SELECT lease AS state, count(unfinished.status) AS value
            FROM (VALUES ('held', true), ('expired', false)) AS leases (lease, holds)
            LEFT JOIN unfinished ON (lease_until >= statement_timestamp()) = holds GROUP BY lease""",
    ),
    Figure(
        "provider_in_flight",
        "Requests at a provider now.",
        ("provider",),
        """SELECT provider, count(*) AS value FROM unfinished
            WHERE state IN ('planned', 'sending', 'accepted', 'unknown') GROUP BY provider""",
    ),
    Figure(
        "provider_circuit",
        "1 for the state that a provider's circuit is in: closed, paused, open, half-open or off.",
        ("provider", "state"),
        """SELECT name AS provider, circuit AS state, (circuit = CASE
                WHEN account.enabled IS NULL THEN 'closed' WHEN NOT account.enabled THEN 'off'
                WHEN breaks > 0 THEN CASE WHEN resume_at > statement_timestamp() THEN 'open' ELSE 'half-open' END
                WHEN resume_at > statement_timestamp() THEN 'paused' ELSE 'closed' END)::int AS value
            FROM unnest(%(providers)s::text[]) AS configured (name)
            LEFT JOIN generations_provideraccount account USING (name),
            (VALUES ('closed'), ('paused'), ('open'), ('half-open'), ('off')) AS circuits (circuit)""",
    ),
    Figure(
        "provider_balance",
        "What is left in our account, as the provider last said, in its own unit.",
        ("provider", "unit"),
        """SELECT name AS provider, balance_unit AS unit, balance AS value FROM generations_provideraccount
            WHERE name = ANY(%(providers)s) AND balance IS NOT NULL""",
    ),
    Figure(
        "deliveries_pending",
        "Messages to receivers (fal, apiframe, standard) and browsers (push) that are not taken yet.",
        ("format",),
        f"""SELECT format, count(id) AS value
            FROM (VALUES ('fal'), ('apiframe'), ('standard'), ('push')) AS formats (format) LEFT JOIN
            (SELECT id, format FROM generations_delivery WHERE state = 'pending' LIMIT {MOST}) AS pending USING (format)
            GROUP BY format""",  # noqa: S608
    ),
    Figure(
        "oldest_delivery_seconds",
        "For how long the oldest message that is due has waited to be sent.",
        (),
        """SELECT coalesce(greatest(extract(epoch FROM statement_timestamp() - min(next_try_at)), 0), 0) AS value
            FROM generations_delivery WHERE state = 'pending'""",
    ),
    Figure(
        "exports",
        "Archives to be made, and being made.",
        ("status",),
        """SELECT waits AS status, count(id) AS value FROM (VALUES ('queued'), ('running')) AS exports (waits)
            LEFT JOIN generations_export ON status = waits AND status IN ('queued', 'running') GROUP BY waits""",
    ),
    Figure(
        "oldest_export_seconds",
        "How long ago the oldest of them was asked for.",
        (),
        """SELECT coalesce(extract(epoch FROM statement_timestamp() - min(created)), 0) AS value
            FROM generations_export WHERE status IN ('queued', 'running')""",
    ),
    Figure(
        "erasing_backlog",
        "Deleted pictures whose bytes are still to be removed.",
        (),
        f"""SELECT count(*) AS value FROM (SELECT FROM generations_image
            WHERE deleted_at IS NOT NULL AND NOT erased LIMIT {MOST}) AS deleted""",  # noqa: S608
    ),
    Figure(
        "ledger_check_timestamp_seconds",
        "When the books were last looked through; 0 when they never were.",
        (),
        "SELECT coalesce(extract(epoch FROM max(created)), 0) AS value FROM generations_ledgercheck",
    ),
    Figure(
        "ledger_check_breaches",
        "What breaks an invariant of the ledger, as of then. Anything but 0 is an emergency.",
        (),
        """SELECT coalesce((SELECT sum((found.value ->> 'breaches')::int) FROM jsonb_each(broken) AS found), 0) AS value
            FROM (SELECT broken FROM generations_ledgercheck ORDER BY created DESC LIMIT 1) AS last""",
    ),
    Figure(MODEL, "", ("id", "slug"), "SELECT id, slug, 1 AS value FROM generations_model"),
]
SELDOM = [
    Figure(
        "credits",
        "Credits that people have (posted), and of these what unfinished generations hold (held).",
        ("kind",),
        """SELECT kind, value FROM
            (SELECT coalesce(sum(posted), 0) AS posted, coalesce(sum(held), 0) AS held FROM accounts_wallet) AS wallets,
            LATERAL (VALUES ('posted', posted), ('held', held)) AS sums (kind, value)""",
    ),
    Figure(
        "pictures",
        "Pictures that people have, the trash included.",
        (),
        "SELECT count(*) AS value FROM generations_image WHERE deleted_at IS NULL",
    ),
    Figure(
        "storage_bytes",
        "Bytes of their originals; thumbnails come to about a tenth of that.",
        (),
        "SELECT coalesce(sum(size), 0) AS value FROM generations_image WHERE deleted_at IS NULL",
    ),
]


class Asked:
    """What one statement answers for several figures, asked again only after so many seconds."""

    def __init__(self, figures: Sequence[Figure], seconds: float) -> None:
        self.figures = figures
        self._seconds = seconds
        self._asked = -seconds
        self._rows: list[Row] = []
        self._lock = threading.Lock()

    def rows(self) -> list[Row]:
        """The rows of all of them. Raises the database's errors."""
        with self._lock:
            if time.monotonic() - self._asked >= self._seconds:
                self._rows = self._ask()
                self._asked = time.monotonic()
            return self._rows

    def rest(self) -> None:
        """Tell what was answered last until it is time again."""
        self._asked = time.monotonic()

    def forget(self) -> None:
        """Ask anew the next time."""
        self._asked = -self._seconds

    def _ask(self) -> list[Row]:
        statement = UNFINISHED + " UNION ALL ".join(figure.statement for figure in self.figures)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS_AT_MOST}s'")
            cursor.execute(statement, {"providers": sorted(registry.enabled())})
            return list(cursor.fetchall())


often, seldom = Asked(OFTEN, 5), Asked(SELDOM, 300)


def figures() -> Iterator[GaugeMetricFamily]:
    """All of them. Raises the database's errors; sums that take too long are left as they were for some minutes."""
    often.rows()
    try:
        seldom.rows()
    except DatabaseError as error:
        logger.warning("metrics with earlier sums: %s", error)
        seldom.rest()
    for asked in (often, seldom):
        rows = asked.rows()
        yield from (figure.family(rows) for figure in asked.figures if figure.name != MODEL)


def models() -> dict[str, str]:
    """The slugs of models by their ids. Raises the database's errors."""
    return {labels[0]: labels[1] for name, labels, _ in often.rows() if name == MODEL}
