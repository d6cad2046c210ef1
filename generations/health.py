"""Whether the studio is up, and whether it can work."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import redis
from generations import heartbeat


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis, storage and a worker answer, else 503; the body says which does not."""
    checks = {name: _passes(check) for name, check in CHECKS.items()}
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


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


def _worker() -> bool:
    return heartbeat.lately()


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever went wrong, the answer is that it does not work
        return False


CHECKS = {"database": _database, "redis": _redis, "storage": _storage, "worker": _worker}
