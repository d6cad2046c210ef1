"""What is due is found in the database and taken: in time by each worker process, and again by beat as a net."""

from __future__ import annotations

import datetime as dt
import heapq
import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db import close_old_connections, connection

from generations.leases import Lease
from generations.turns import Turns

logger = logging.getLogger(__name__)

BATCH = 500
HINT_AGAIN_AFTER = dt.timedelta(seconds=10)
AT_MOST_OFTEN = 0.02  # seconds: what is due within them is found by one statement
SHARE = 0.05  # of one thread's time that looking may take, when so much is due that it takes long

# One statement claims the right to hint, so that any number of sweepers may run and a backlog is not hinted at twice.
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


def look_around(turns: Turns, call: Callable[[str, int], object]) -> None:
    """Call those who take what waits in the lines: of each line in which anything is due, and for how many."""
    for line, number in turns.waiting().items():
        call(line, number)


def take(step: Callable[[Lease], object]) -> int:
    """Take a step of everything that is due, in every line; how many generations that were."""
    turns, taken = Turns(), 0
    for line in turns.waiting():
        while dealt := turns.deal(line, 1):
            step(dealt[0])
            taken += 1
    return taken


def sweep_deliveries(hint: Callable[[UUID, int], object]) -> int:
    """Hint at every message to a receiver that is due and was not hinted at lately, and whose it is; how many."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_DELIVERIES, [HINT_AGAIN_AFTER.total_seconds(), BATCH])
        due = cursor.fetchall()
    for delivery, user in due:
        hint(delivery, user)
    return len(due)


class Watch:
    """Looks around whenever something that this process put off is due, so that it need not wait for beat.

    It remembers times alone, and only since it was started: what is due, the database knows.
    """

    def __init__(self, look_around: Callable[[], object]) -> None:
        self._look_around = look_around
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
                self._look_around()
            except Exception:
                logger.exception("what is due was not found and is left to beat")
            time.sleep(max(AT_MOST_OFTEN, (time.monotonic() - began) / SHARE))

    def _await_the_next(self) -> None:
        with self._changed:
            while not self._due or self._due[0] > time.monotonic():
                self._changed.wait(self._due[0] - time.monotonic() if self._due else None)
            while self._due and self._due[0] <= time.monotonic():
                heapq.heappop(self._due)
