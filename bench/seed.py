"""Run inside the studio under test:  python -m bench.seed people N | person EMAIL | arrange EMAIL | cancel | …"""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from accounts import keys, ledger, redis  # noqa: E402
from accounts.models import User  # noqa: E402
from generations import albums  # noqa: E402
from generations.models import Album, Generation, Image  # noqa: E402
from generations.settlement import settle  # noqa: E402


def people(count: str) -> object:
    """So many people with more credits than they can spend; their API keys."""
    return [person(f"bench-{number}@atelier.local") for number in range(int(count))]


def person(email: str) -> object:
    """An account with credits; its API key."""
    user = User.objects.filter(email=email).first() or User.objects.create_user(email)
    ledger.grant(user, 10_000_000, key="grant:bench", reason="to be spent by the benchmark")
    return keys.create(user, "bench")[1]


def session(email: str) -> object:
    """The cookie of a signed-in browser."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return f"sessionid={client.cookies['sessionid'].value}"


def arrange(email: str) -> object:
    """Star, publish, collect and throw away a few of a person's pictures; their album."""
    user = User.objects.get(email=email)
    own = Image.objects.filter(user=user).order_by("-id")
    album = Album.objects.create(user=user, name="bench")
    parts = [Image.objects.filter(pk__in=own.values("pk")[start : start + 500]) for start in range(0, 2_000, 500)]
    parts[0].star(starred=True)
    parts[1].publish()
    albums.add(album.pk, parts[2])
    parts[3].trash()
    return str(album.pk)


def cancel() -> object:
    """End whatever is unfinished; how many there were."""
    return sum(
        settle(found, Generation.Status.CANCELLED, code="cancelled") for found in Generation.objects.unfinished()
    )


def forget() -> object:
    """Empty Redis: every hint, every cached figure."""
    return redis.client().flushall()


def postgres() -> object:
    """The database's version."""
    connection.ensure_connection()
    return f"{connection.pg_version // 10000}.{connection.pg_version % 10000}"  # type: ignore[attr-defined]


ACTS = {act.__name__: act for act in (people, person, session, arrange, cancel, forget, postgres)}

if __name__ == "__main__":
    act, *words = sys.argv[1:]
    print("\n" + json.dumps(ACTS[act](*words)))
