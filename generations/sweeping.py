"""What is due is found in the database and hinted at: in time by each worker process, and again by beat as a net."""

from __future__ import annotations

import datetime as dt
import heapq
import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)

BATCH = 500
HINT_AGAIN_AFTER = dt.timedelta(seconds=10)
AT_MOST_OFTEN = 0.02  # seconds: what is due within them is found by one statement
SHARE = 0.1  # of one thread's time that looking may take, when so much is due that it takes long

# One statement claims the right to hint, so that any number of sweepers may run and a backlog is not hinted at twice.
MARK = """
UPDATE generations_generation SET hinted_at = statement_timestamp()
WHERE id IN (
    SELECT id FROM generations_generation
    WHERE status IN ('queued', 'running') AND next_step_at <= statement_timestamp()
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
      AND (hinted_at IS NULL OR hinted_at < statement_timestamp() - make_interval(secs => %s))
    ORDER BY next_step_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""
MARK_DELIVERIES = """
UPDATE generations_delivery SET hinted_at = statement_timestamp()
WHERE id IN (
    SELECT id FROM generations_delivery
    WHERE state = 'pending' AND next_try_at <= statement_timestamp()
      AND (hinted_at IS NULL OR hinted_at < statement_timestamp() - make_interval(secs => %s))
    ORDER BY next_try_at LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id, user_id
"""


def sweep(hint: Callable[[UUID], object]) -> int:
    """Hint at every generation that is due, that nobody has, and that was not hinted at lately; how many."""
    with connection.cursor() as cursor:
        cursor.execute(MARK, [HINT_AGAIN_AFTER.total_seconds(), BATCH])
        due = [row[0] for row in cursor.fetchall()]
    for generation in due:
        hint(generation)
    return len(due)


def sweep_deliveries(hint: Callable[[UUID, int], object]) -> int:
    """The same for messages to receivers; the hint is given whose they are, too."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_DELIVERIES, [HINT_AGAIN_AFTER.total_seconds(), BATCH])
        due = cursor.fetchall()
    for delivery, user in due:
        hint(delivery, user)
    return len(due)


class Watch:
    """Sweeps whenever something that this process put off is due, so that it need not wait for beat.

    It remembers times alone, and only since it was started: what is due, the database knows.
    """

    def __init__(self, hint: Callable[[UUID], object]) -> None:
        self._hint = hint
        self._due: list[float] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own that ends with the process."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()

    def due_in(self, wait: dt.timedelta) -> None:
        """Something will be due after this time; of no consequence in a process that keeps no watch."""
        with self._changed:
            if self._thread is None:
                return
            heapq.heappush(self._due, time.monotonic() + wait.total_seconds())
            self._changed.notify()

    def _run(self) -> None:
        while True:
            self._await_the_next()
            began = time.monotonic()
            try:
                close_old_connections()
                sweep(self._hint)
            except Exception:
                logger.exception("what is due was not found and is left to beat")
            time.sleep(max(AT_MOST_OFTEN, (time.monotonic() - began) / SHARE))

    def _await_the_next(self) -> None:
        with self._changed:
            while not self._due or self._due[0] > time.monotonic():
                self._changed.wait(self._due[0] - time.monotonic() if self._due else None)
            while self._due and self._due[0] <= time.monotonic():
                heapq.heappop(self._due)
