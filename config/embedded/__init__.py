"""The real PostgreSQL and the real Redis that come as wheels, for a studio that has no others.

Addresses are known without starting anything, so that any command finds a running studio:

    embedded.database(VAR)      the dict for settings.DATABASES["default"]
    embedded.database_url(VAR)  the same as a URL, for psycopg and for child processes
    embedded.redis_url(VAR)     unix://…, as redis-py and Django's cache read it

`Services(var)` starts and stops both: through `database()` and `redis()` under a supervisor, or alone, as tests do:

    with embedded.Services(folder, durable=False):
        …

Everything is reached through Unix sockets in a folder that only we may enter; nothing listens on TCP.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from config.embedded.places import NAME, places_of
from config.embedded.services import Services

__all__ = ["Services", "as_broker", "database", "database_url", "redis_url"]


def database(var: Path) -> dict[str, Any]:
    """Django's description of the database that belongs to this `var`."""
    sockets = places_of(var).sockets
    return {"ENGINE": "django.db.backends.postgresql", "NAME": NAME, "USER": NAME, "HOST": str(sockets), "PORT": "5432"}


def database_url(var: Path) -> str:
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(places_of(var).sockets), safe='')}&port=5432"


def redis_url(var: Path) -> str:
    return f"unix://{quote(str(places_of(var).redis_socket))}?db=0"


def as_broker(url: str) -> str:
    """Redis's address as Celery reads it, which has a spelling of its own for sockets."""
    if not url.startswith("unix://"):
        return url
    socket, _, options = url.removeprefix("unix://").partition("?")
    return f"redis+socket://{socket}?virtual_host={dict(parse_qsl(options)).get('db', '0')}"
