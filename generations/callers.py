"""Threads that take what waits in lines, a crew for each."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar
from uuid import UUID

from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)

Thing = TypeVar("Thing")


class Callers(Generic[Thing]):
    """One process's crews, at most ``limit`` threads for each line, so that none starves another.

    ``following`` says what is next in a line; ``left`` is told when nothing more of it is taken here. A thread needs
    one of a few desks to use the database or to decode; while it calls, it holds neither desk nor connection. Where
    there are as many desks as threads, each keeps its connection.
    """

    def __init__(
        self,
        following: Callable[[str], Thing | None],
        step: Callable[[str, Thing], object],
        left: Callable[[str], object] = lambda line: None,
        *,
        limit: int,
        desks: int,
    ) -> None:
        self._following = following
        self._step = step
        self._left = left
        self.limit = limit
        self._desks = threading.Semaphore(desks)
        self._crowded = limit > desks
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._at_work: dict[str, int] = defaultdict(int)
        self._called: set[str] = set()
        self._closed = False
        self._lock = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether nothing more is to begin."""
        return self._closed

    def call(self, line: str) -> None:
        """Something waits in this line: have it taken as soon as a thread of it is free."""
        with self._lock:
            self._called.add(line)
            if self._closed or self._at_work[line] == self.limit:
                return
            self._at_work[line] += 1
            if line not in self._pools:
                self._pools[line] = ThreadPoolExecutor(self.limit, thread_name_prefix=line)
            self._pools[line].submit(self._work, line)

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
        """Begin nothing more; what is under way ends as it would, and the process waits for it."""
        with self._lock:
            self._closed = True
            for pool in self._pools.values():
                pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, line: str) -> None:
        with self._desks:
            self._look(line)
            while not self._is_over(line):
                self._look(line)
            if self._crowded:
                connection.close()

    def _look(self, line: str) -> None:
        """Take what waits, at least once for each call: whoever else was called may be at a long step by now."""
        with self._lock:
            self._called.discard(line)
        close_old_connections()
        try:
            while not self._closed and (found := self._following(line)):
                self._step(line, found)
            if self._closed:
                self._left(line)
        except Exception:
            logger.exception("%s: what waits in this line is left to others", line)

    def _is_over(self, line: str) -> bool:
        """Whether nobody has called since this was asked last; the thread is then free."""
        with self._lock:
            if line in self._called and not self._closed:
                return False
            self._at_work[line] -= 1
            return True


class Noted:
    """What waits in lines that are kept in memory, each thing once. What is lost with this process is found due."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[UUID, None]] = defaultdict(dict)
        self._lock = threading.Lock()

    def add(self, line: str, thing: UUID) -> None:
        """At the end of its line, unless it waits there already."""
        with self._lock:
            self._lines[line].setdefault(thing)

    def next(self, line: str) -> UUID | None:
        """The first of a line."""
        with self._lock:
            first = next(iter(self._lines[line]), None)
            if first:
                del self._lines[line][first]
            return first
