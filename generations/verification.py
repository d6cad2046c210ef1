"""The proof that nobody paid for a picture they did not get: each invariant as a query for its breaches.

A query answers the identities of what breaks its rule, so that a sound studio answers nothing at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any

from django.core.files.storage import default_storage
from django.core.mail import mail_admins
from django.db import connection

from generations import storage
from generations.models import Image, LedgerCheck

logger = logging.getLogger(__name__)

SHOWN = 20  # of what breaks a rule


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant and what breaks it."""

    name: str
    rule: str
    breaches: list[str]

    def __str__(self) -> str:
        return f"{self.name} is broken {len(self.breaches)} times ({self.rule}): {self.some()}"

    def some(self) -> str:
        """The first of what breaks it."""
        return ", ".join(self.breaches[:SHOWN]) + (", …" if len(self.breaches) > SHOWN else "")

    def told(self) -> dict[str, Any]:
        """As it is remembered."""
        return {"rule": self.rule, "breaches": len(self.breaches), "some": self.breaches[:SHOWN]}


QUERIES = {
    "L1": (
        "what is posted is the sum of what was given less what was captured",
        """SELECT w.id FROM accounts_wallet w LEFT JOIN accounts_entry e ON e.wallet_id = w.id
            GROUP BY w.id HAVING w.posted <> COALESCE(SUM(
               CASE WHEN kind = 'capture' THEN -amount WHEN kind IN ('hold', 'release') THEN 0 ELSE amount END), 0)""",
    ),
    "L2": (
        "what is held is the sum of the holds less what was captured and released",
        """SELECT w.id FROM accounts_wallet w LEFT JOIN accounts_entry e ON e.wallet_id = w.id
            GROUP BY w.id HAVING w.held <> COALESCE(SUM(
               CASE WHEN kind = 'hold' THEN amount WHEN kind IN ('capture', 'release') THEN -amount ELSE 0 END), 0)""",
    ),
    "L3": (
        "no balance was ever negative or held more than it had",
        """SELECT wallet_id FROM accounts_entry
           WHERE posted_after < 0 OR held_after < 0 OR posted_after < held_after""",
    ),
    "L4": (
        "every wallet's entries form one chain without gaps, and each says what it left",
        """SELECT w.id FROM accounts_wallet w LEFT JOIN accounts_entry e ON e.wallet_id = w.id
           GROUP BY w.id HAVING w.version <> COUNT(e.id) OR w.version <> COALESCE(MAX(e.version_after), 0)
           UNION SELECT wallet_id FROM (SELECT wallet_id, posted_after, held_after,
               SUM(CASE WHEN kind = 'capture' THEN -amount WHEN kind IN ('hold', 'release') THEN 0 ELSE amount END)
                   OVER chain AS posted,
               SUM(CASE WHEN kind = 'hold' THEN amount WHEN kind IN ('capture', 'release') THEN -amount ELSE 0 END)
                   OVER chain AS held
               FROM accounts_entry WINDOW chain AS (PARTITION BY wallet_id ORDER BY version_after)) AS summed
           WHERE posted_after <> posted OR held_after <> held""",
    ),
    "L5": (
        "a hold is used up once its generation has ended, and nothing is released before",
        """SELECT h.generation FROM accounts_hold h JOIN generations_generation g ON g.id = h.generation
           WHERE g.status NOT IN ('queued', 'running') AND h.captured + h.released <> h.amount
              OR g.status IN ('queued', 'running') AND h.released > 0""",
    ),
    "L6": (
        "every generation has one hold, but for those of an archive, and every hold a generation",
        """SELECT COALESCE(g.id, h.generation) FROM generations_generation g
           FULL JOIN accounts_hold h ON h.generation = g.id
           WHERE g.id IS NULL OR (h.id IS NULL) <> (g.source = 'archive') OR h.amount <> g.count * g.price""",
    ),
    "L7": (
        "what was captured for a generation is the price of its images, but for those that came late",
        """SELECT g.id FROM generations_generation g JOIN accounts_hold h ON h.generation = g.id
           LEFT JOIN generations_image i ON i.generation_id = g.id
           GROUP BY g.id, h.captured HAVING h.captured <> COUNT(i.id) FILTER (WHERE NOT i.late) * g.price""",
    ),
    "L8": (
        "a generation that ended has an image or a reason that its user can read",
        """SELECT g.id FROM generations_generation g
           WHERE g.status NOT IN ('queued', 'running') AND g.error_code = ''
             AND NOT EXISTS (SELECT 1 FROM generations_image i WHERE i.generation_id = g.id)""",
    ),
    "L9": (
        "no generation is unfinished a minute after its deadline",
        """SELECT id FROM generations_generation
           WHERE status IN ('queued', 'running') AND deadline < now() - interval '1 minute'""",
    ),
    "L10": (
        "a generation has at most one open attempt, and none once it has ended",
        """SELECT a.generation_id FROM generations_attempt a JOIN generations_generation g ON g.id = a.generation_id
           WHERE a.state IN ('planned', 'sending', 'accepted', 'ready', 'unknown')
           GROUP BY a.generation_id, g.status
           HAVING COUNT(*) > 1 OR g.status NOT IN ('queued', 'running')""",
    ),
    "L11": (
        "an attempt follows another only where that one was refused, or given up as the operator's policy says",
        """SELECT earlier.generation_id FROM generations_attempt earlier
           JOIN generations_attempt later ON later.generation_id = earlier.generation_id
            AND later.number = earlier.number + 1
           WHERE earlier.state <> 'refused' AND NOT
            (earlier.state = 'abandoned' AND earlier.retry_at IS NOT NULL AND earlier.at_risk_usd IS NOT NULL)""",
    ),
    "L13": (
        "all credits in circulation are those the entries account for",
        """SELECT 'circulation' WHERE (SELECT COALESCE(SUM(posted), 0) FROM accounts_wallet)
            <> (SELECT COALESCE(SUM(
               CASE WHEN kind = 'capture' THEN -amount WHEN kind IN ('hold', 'release') THEN 0 ELSE amount END), 0)
               FROM accounts_entry)""",
    ),
    "L14": (
        "an idempotency key answers one generation, with the order that was sent",
        """SELECT MIN(id::text) FROM generations_generation WHERE idempotency_key <> ''
           GROUP BY user_id, idempotency_key HAVING COUNT(*) > 1 OR BOOL_OR(fingerprint = '')""",
    ),
    "L15": (
        "what counts against a key's budgets is what its orders held and did not get back",
        """SELECT s.key_id FROM accounts_keyspend s LEFT JOIN accounts_hold h ON h.key_id = s.key_id
           GROUP BY s.key_id HAVING s.in_total <> COALESCE(SUM(h.amount - h.released), 0)
            OR s.in_day <> COALESCE(SUM(h.amount - h.released) FILTER (WHERE h.counted_on = s.day), 0)
            OR s.in_month <> COALESCE(SUM(h.amount - h.released) FILTER (
               WHERE date_trunc('month', h.counted_on) = date_trunc('month', s.day)), 0)""",
    ),
    "L16": (
        "a voucher was used as often as the entries say, and by nobody twice",
        """SELECT v.id FROM accounts_voucher v LEFT JOIN accounts_entry e
           ON e.kind = 'redeem' AND e.key = 'redeem:' || v.id
           GROUP BY v.id HAVING v.used <> COUNT(DISTINCT e.wallet_id) OR COUNT(e.id) <> COUNT(DISTINCT e.wallet_id)
            OR BOOL_OR(e.amount <> v.amount)""",
    ),
}


def report() -> LedgerCheck:
    """Check the books and remember it; of what is broken log an error each, and write to the ``ADMINS`` of it."""
    began = time.monotonic()
    return remember(list(verify()), time.monotonic() - began)


def remember(findings: Iterable[Finding], seconds: float) -> LedgerCheck:
    """What came of a whole check, however it was asked for."""
    broken = [finding for finding in findings if finding.breaches]
    for finding in broken:
        logger.error("%s", finding)
    if broken:
        _write_to_admins(broken)
    else:
        logger.info("the ledger is sound")
    return LedgerCheck.objects.create(seconds=seconds, broken={finding.name: finding.told() for finding in broken})


def _write_to_admins(broken: list[Finding]) -> None:
    text = "\n\n".join(map(str, broken))
    try:
        mail_admins("The ledger is not sound", f"{text}\n\n`manage.py verifyledger` checks it again.\n")
    except (OSError, SMTPException):
        logger.exception("the admins could not be written to")


def verify() -> Iterator[Finding]:
    """Every invariant in turn, with its breaches."""
    for name, (rule, query) in QUERIES.items():
        if name == "L13":
            yield Finding(
                "L12",
                "the original and the thumbnails of every image that is not deleted are stored",
                list(_missing_objects()),
            )
        yield Finding(name, rule, _ask(query))


def _ask(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [str(row[0]) for row in cursor.fetchall()]


def _missing_objects() -> Iterator[str]:
    exists: Callable[[str], bool] = default_storage.exists
    images = Image.objects.existing().values_list("sha256", "media_type").distinct()
    for sha256, media_type in images.iterator():
        keys = [storage.original_key(sha256, media_type)]
        keys += [storage.thumbnail_key(sha256, width) for width in storage.THUMBNAIL_WIDTHS]
        yield from (key for key in keys if not exists(key))
