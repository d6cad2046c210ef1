"""The log of what admins do. Whatever they do beside the forms of Django's admin says so here, where it is done.

Who is acting is known from the context: the admin's site says so for each request, and a command for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db import models
from django.http import HttpRequest

from accounts.models import Act, Entry, User
from accounts.origins import address_of

REASON = 200
HIDDEN, SECRETS = "…", re.compile("password|secret|token|digest|sealed|session|^(data|ip|user_agent)$")
OF_PEOPLE = {"name", "email"}


class Who(NamedTuple):
    """Somebody who acts: an admin in a request, or whoever runs a command on the server."""

    by: Act.By
    actor: User | None = None
    address: str | None = None
    request: str = ""
    reason: str = ""


COMMAND = Who(Act.By.COMMAND)
_acting: ContextVar[Who] = ContextVar("acting")


def who(request: HttpRequest) -> Who | None:
    """Who acts by this request; None for nobody that is signed in."""
    if not isinstance(request.user, User):
        return None
    return Who(
        Act.By.ADMIN,
        request.user,
        address_of(request),
        getattr(request, "id", ""),
        request.POST.get("_reason", "").strip()[:REASON],
    )


@contextmanager
def done_by(who: Who) -> Iterator[None]:
    """What is recorded here was done by them."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def acting() -> Who | None:
    """Who acts now, if it is an admin or a command."""
    return _acting.get(None)


def record(verb: str, about: models.Model | None = None, **said: Any) -> Act:
    """Write what is done now, in the transaction that does it.

    ``said`` are ``before``, ``after``, ``reason`` and ``subject``; without the last it is whoever the row belongs to.
    """
    act = describe(verb, about, **said)
    act.save(force_insert=True)
    return act


def record_entries(verb: str, entries: Iterable[Entry]) -> None:
    """Write by whom credits were moved, and why: once for each entry, however often that is tried."""
    acts = [
        describe(
            verb,
            entry,
            subject_id=entry.wallet.user_id,
            entry=entry,
            after={"amount": entry.amount},
            reason=entry.reason,
        )
        for entry in entries
    ]
    Act.objects.bulk_create(acts, ignore_conflicts=True)


def describe(verb: str, about: models.Model | None = None, *, reason: str = "", **said: Any) -> Act:
    """An act that is not written yet. Raises ``LookupError`` where nobody is known to act."""
    by, actor, address, request, given = _acting.get()
    act = Act(
        by=by, actor=actor, address=address, request=request, verb=verb, reason=(reason or given)[:REASON], **said
    )
    if about is not None:
        act.kind, act.target, act.name = about._meta.label_lower, str(about.pk), name_of(about)  # noqa: SLF001 - Django's
    if about is not None and act.subject_id is None:
        act.subject = _subject(about)
    return act


def name_of(row: models.Model) -> str:
    """What a row is called, unless that says who somebody is."""
    personal = isinstance(row, User) or any(field.related_model is User for field in row._meta.concrete_fields)  # noqa: SLF001
    return "" if personal else str(row)[:200]


def shown(row: models.Model, name: str, value: Any) -> Any:
    """A field's value as the log may have it: no secret, and of people's names and addresses no more than a hint."""
    if name == "email" or (isinstance(row, User) and name in OF_PEOPLE):
        return masked(str(value))
    if SECRETS.search(name):
        return HIDDEN if value else ""
    return value


def masked(email: str) -> str:
    """``a…@example.com``: enough to see that an address was changed, and to which domain."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}{HIDDEN if local[1:] else ''}{at}{domain}"


def differences(row: models.Model, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What changed, as ``before`` and ``after`` of an act."""
    names = [name for name in after if before.get(name) != after[name]]
    return {
        "before": {name: shown(row, name, before[name]) for name in names if name in before},
        "after": {name: shown(row, name, after[name]) for name in names},
    }


def _subject(row: models.Model) -> User | None:
    if isinstance(row, User):
        return row
    owner = getattr(row, "user", None)
    return owner if isinstance(owner, User) else None
