"""One field that finds what an admin has in their hand: an address, an id, a key, a name, of whatever kind.

Each kind is asked by an index or a small table, in one statement, and only of whoever may see such rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Model as Row
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import ApiKey, Entry, User, Voucher
from generations.models import Attempt, Endpoint, Generation, Image, Model, Route

MOST = 10  # of a kind
LONGEST, SHORTEST = 200, 2


@dataclass(frozen=True, slots=True)
class Found:
    """A row, as people read it, and its page."""

    kind: StrOrPromise
    text: str
    url: str


def find(words: str, user: User) -> list[Found]:
    """What these words may mean, of all that this admin may see."""
    words = words.strip()[:LONGEST]
    if len(words) < SHORTEST:
        return []
    return [found for permission, look in LOOKS if user.has_perm(permission) for found in look(words)]


def _people(words: str) -> Iterator[Found]:
    for user in User.objects.filter(email__icontains=words).order_by("email")[:MOST]:
        yield _found(_("person"), user.email, user)


def _keys(words: str) -> Iterator[Found]:
    if words.startswith("atl_"):  # of a whole key no more is looked for than what it is known by
        for key in ApiKey.objects.filter(prefix__startswith=words[:12]).select_related("user")[:MOST]:
            yield _found(_("API key"), f"{key} · {key.user}", key)


def _generations(words: str) -> Iterator[Found]:
    if pk := _uuid(words):
        for generation in Generation.objects.filter(pk=pk).select_related("user", "model"):
            yield _found(_("generation"), f"{generation} · {generation.user} · {generation.model}", generation)


def _images(words: str) -> Iterator[Found]:
    if pk := _uuid(words):
        for image in Image.objects.filter(pk=pk).select_related("generation__user"):
            yield _found(_("picture"), f"{image} · {image.generation.user}", image.generation)


def _jobs(words: str) -> Iterator[Found]:
    for attempt in Attempt.objects.filter(job=words).select_related("generation__user")[:MOST]:
        yield _found(_("vendor's job"), f"{attempt.provider} · {attempt.generation.user}", attempt.generation)


def _entries(words: str) -> Iterator[Found]:
    for entry in Entry.objects.filter(_entry(words)).select_related("wallet__user").order_by("pk")[:MOST]:
        yield _found(_("entry"), f"{entry} · {entry.key} · {entry.wallet.user}", entry)


def _entry(words: str) -> Q:
    """By its number, or by its key: a generation's are found by their hold, others by an index of their own."""
    if words.isascii() and words.isdecimal() and len(words) < LONG_NUMBER:
        return Q(pk=int(words))
    if words.startswith("gen:"):
        return Q(hold__generation=_uuid(words.split(":")[1]) or NOBODY, key__startswith=words)
    return Q(key=words, kind__in=Entry.GIVEN)


def _vouchers(words: str) -> Iterator[Found]:
    batches = Voucher.objects.filter(batch__icontains=words).order_by("batch").values_list("batch", flat=True)
    for batch in batches.distinct()[:MOST]:
        yield Found(_("codes"), batch, f"{reverse('admin:accounts_voucher_changelist')}?{urlencode({'batch': batch})}")


def _endpoints(words: str) -> Iterator[Found]:
    if pk := _uuid(words):
        for endpoint in Endpoint.objects.filter(pk=pk).select_related("user"):
            yield _found(_("endpoint"), str(endpoint.user), endpoint)


def _models(words: str) -> Iterator[Found]:
    for model in Model.objects.filter(slug__icontains=words)[:MOST]:
        yield _found(_("model"), model.name, model)


def _routes(words: str) -> Iterator[Found]:
    for route in Route.objects.filter(provider_model__icontains=words).select_related("model")[:MOST]:
        yield _found(_("route"), f"{route} · {route.model}", route)


def _found(kind: StrOrPromise, text: str, row: Row) -> Found:
    page = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"  # noqa: SLF001 - Django's
    return Found(kind, text, reverse(page, args=[row.pk]))


def _uuid(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


NOBODY = uuid.UUID(int=0)
LONG_NUMBER = 18  # digits: longer ones are no ids
LOOKS: list[tuple[str, Callable[[str], Iterable[Found]]]] = [
    ("accounts.view_user", _people),
    ("accounts.view_apikey", _keys),
    ("generations.view_generation", _generations),
    ("generations.view_generation", _images),
    ("generations.view_generation", _jobs),
    ("accounts.view_entry", _entries),
    ("accounts.view_voucher", _vouchers),
    ("generations.view_endpoint", _endpoints),
    ("generations.view_model", _models),
    ("generations.view_route", _routes),
]
