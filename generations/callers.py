"""Threads for calls that last as long as the painting, apart from those that take all other steps."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

logger = logging.getLogger(__name__)


class Callers:
    """One process's threads for synchronous providers, at most ``limit`` for each, so that none starves another.

    What waits for a thread is remembered by its id alone: it is nobody's, and in the database it is put off. A thread
    needs one of a few desks to use the database or to decode; while it calls, it holds neither desk nor connection.
    """

    def __init__(self, step: Callable[[UUID], object], *, limit: int, desks: int) -> None:
        self._step = step
        self._limit = limit
        self._desks = threading.Semaphore(desks)
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._waiting: set[UUID] = set()
        self._closed = False
        self._lock = threading.Lock()

    def take(self, provider: str, generation: UUID) -> None:
        """Have the step taken as soon as a thread of this provider's is free."""
        with self._lock:
            if self._closed or generation in self._waiting:
                return
            self._waiting.add(generation)
            if provider not in self._pools:
                self._pools[provider] = ThreadPoolExecutor(self._limit, thread_name_prefix=f"call of {provider}")
            self._pools[provider].submit(self._run, generation)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Around a call, in one of these threads."""
        connection.close()
        self._desks.release()
        try:
            yield
        finally:
            self._desks.acquire()

    def close(self) -> None:
        """Begin no more calls; those that are under way end as they would, and the process waits for them."""
        with self._lock:
            self._closed = True
            for pool in self._pools.values():
                pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, generation: UUID) -> None:
        with self._desks:
            with self._lock:
                self._waiting.discard(generation)
            try:
                self._step(generation)
            except Exception:
                logger.exception("%s: its call could not be made and is left to others", generation)
            finally:
                connection.close()
