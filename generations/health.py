"""Whether the studio is up, and whether it can work.

Each part is asked in a thread of its own, and not for longer than ``SECONDS``: one that hangs holds up nobody who asks,
and is not asked again before it has answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from threading import Lock, Thread

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import redis
from generations import heartbeat

SECONDS = 3.0  # for all parts together: whoever asks gives up soon after


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis, storage and a worker answer, else 503; the body says which does not."""
    end = time.monotonic() + SECONDS
    asked = {name: part.ask() for name, part in PARTS.items()}
    checks = {name: _answer(answer, end - time.monotonic()) for name, answer in asked.items()}
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


class Part:
    """Something that the studio cannot work without; ``check`` says whether it does, or raises."""

    def __init__(self, check: Callable[[], bool]) -> None:
        self._check = check
        self._answer: Future[bool] | None = None
        self._lock = Lock()

    def ask(self) -> Future[bool]:
        """What it will answer, or is still expected to since it was asked last."""
        with self._lock:
            if self._answer is None or self._answer.done():
                self._answer = Future()
                Thread(target=self._ask, args=(self._answer,), name="health", daemon=True).start()
            return self._answer

    def _ask(self, answer: Future[bool]) -> None:
        try:
            answer.set_result(self._check())
        except Exception:  # noqa: BLE001 - whatever went wrong, the answer is that it does not work
            answer.set_result(False)
        finally:
            connection.close()


def _answer(answer: Future[bool], seconds: float) -> bool:
    try:
        return answer.result(max(seconds, 0))
    except TooLate:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM generations_model LIMIT 1")
        return cursor.fetchone() is not None


def _redis() -> bool:
    return bool(redis.client().ping())


def _storage() -> bool:
    name = "ready/check"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(b"ready"))
    return default_storage.exists(name)


PARTS = {
    "database": Part(_database),
    "redis": Part(_redis),
    "storage": Part(_storage),
    "worker": Part(heartbeat.lately),
}
